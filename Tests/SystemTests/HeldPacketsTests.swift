import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MQTT
@testable import Platform

/// The bytes that have arrived at a socket of this machine.
private func arrived(_ peer: Int32) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: 512)
  let count = unsafe recv(peer, &bytes, bytes.count, Int32(MSG_DONTWAIT))
  return Array(bytes.prefix(max(0, count)))
}

/// A client of MQTT 3.1.1, and the other end of its connection.
private func connectedPair() throws -> (MosquittoClient, peer: Int32) {
  let (listening, port) = try listeningSocket()
  defer { close(listening) }
  let client = try MosquittoClient(
    MosquittoClient.Settings(clientID: "test"),
    BrokerSession.Attempt(
      version: .threeOneOne, retainsWill: false, broker: BrokerAddress(host: "127.0.0.1", port: port), number: 1))
  try client.connect(attempt: 1)
  let peer = accept(listening, nil, nil)
  for _ in 0..<200 where arrived(peer).isEmpty { client.serve(milliseconds: 10) }
  // CONNACK.
  write([0x20, 2, 0, 0], to: peer)
  guard case .accepted? = collect(client, until: { !$0.isEmpty }).first else { throw Unreachable() }
  return (client, peer)
}

private func write(_ bytes: [UInt8], to peer: Int32) {
  #expect(unsafe send(peer, bytes, bytes.count, 0) == bytes.count)
}

@Test("packets that are held back go out together, and others at once")
func heldPackets() throws {
  let (client, peer) = try connectedPair()
  defer { close(peer) }
  _ = try client.send("a", [1])
  let one = arrived(peer)
  #expect(one.suffix(4) == [0x61, 0, 1, 1])
  client.hold(true)
  for number in 2...4 as ClosedRange<UInt8> { _ = try client.send("a", [number]) }
  #expect(arrived(peer) == [])
  client.hold(false)
  let three = arrived(peer)
  #expect(three.count == 3 * one.count && three.last == 4)
}

@Test("an answer that nothing waits for does not end a wait, and a message does at once")
func restingAnswer() throws {
  let (client, peer) = try connectedPair()
  defer { close(peer) }
  func waited() -> Milliseconds {
    let before = Clock.now()
    client.serve(milliseconds: 60_000, resting: 1)
    return Clock.now() - before
  }
  // PUBLISH of QoS 0.
  let message: [UInt8] = [0x30, 13, 0, 11] + Array("m/grid/read".utf8)
  var quickest = Milliseconds.minutes(1)
  for _ in 0..<5 {
    let id = try client.send("a", [1])
    write(message, to: peer)
    quickest = min(quickest, waited())
    #expect(client.takeEvents().count == 1)
    // PUBACK.
    write([0x40, 2, 0, UInt8(id)], to: peer)
    #expect(waited().count >= Limits.answersRest.count - 1)
    #expect(client.takeEvents() == [.published(id: id, reason: 0)])
  }
  #expect(quickest < Limits.answersRest)
}
