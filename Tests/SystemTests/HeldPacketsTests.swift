import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MQTT
@testable import Platform

/// So many bytes, as soon as they have arrived.
private func awaited(_ peer: Int32, _ count: Int) throws -> [UInt8] {
  var bytes: [UInt8] = []
  try #require(
    eventually {
      bytes += arrived(peer)
      return bytes.count >= count
    }, "\(bytes)")
  return bytes
}

/// A client of MQTT 3.1.1, and the other end of its connection.
private func connectedPair() throws -> (MosquittoClient, peer: Int32) {
  let (client, peer) = try dialled(.threeOneOne)
  try #require(
    eventually {
      client.serve(milliseconds: 10)
      return !arrived(peer).isEmpty
    })
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
  // Type, length, two bytes of length of the topic, the topic, two bytes of number, the payload.
  let size = 8
  _ = try client.send("a", [1])
  #expect(try awaited(peer, size).suffix(4) == [0x61, 0, 1, 1])
  // The system itself lets them go after 200 ms (TCP_CORK of tcp(7)): a machine that stood still for so long tries again.
  var wasInTime = false
  for _ in 0..<5 where !wasInTime {
    let start = Clock.now()
    client.hold(true)
    for number in 2...4 as ClosedRange<UInt8> { _ = try client.send("a", [number]) }
    // What were not held back would be there by then.
    usleep(50_000)
    let early = arrived(peer)
    wasInTime = Clock.now() - start < 200
    client.hold(false)
    let three = try early + awaited(peer, 3 * size - early.count)
    #expect(three.count == 3 * size && three.last == 4)
    if wasInTime { #expect(early == []) }
  }
  #expect(wasInTime)
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
