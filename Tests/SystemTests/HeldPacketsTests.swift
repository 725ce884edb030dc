import Glibc
import Testing
import TestSupport

@testable import MQTT

/// The bytes that have arrived at a socket of this machine.
private func arrived(_ peer: Int32) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: 512)
  let count = unsafe recv(peer, &bytes, bytes.count, Int32(MSG_DONTWAIT))
  return Array(bytes.prefix(max(0, count)))
}

@Test("packets that are held back go out together, and others at once")
func heldPackets() throws {
  let (listening, port) = try listeningSocket()
  defer { close(listening) }
  let client = try MosquittoClient(
    MosquittoClient.Settings(clientID: "test"),
    BrokerSession.Attempt(
      version: .threeOneOne, retainsWill: false, broker: BrokerAddress(host: "127.0.0.1", port: port), number: 1))
  try client.connect(attempt: 1)
  let peer = accept(listening, nil, nil)
  defer { close(peer) }
  for _ in 0..<200 where arrived(peer).isEmpty { client.serve(milliseconds: 10) }
  // CONNACK.
  #expect(unsafe send(peer, [0x20, 2, 0, 0] as [UInt8], 4, 0) == 4)
  guard case .accepted? = collect(client, until: { !$0.isEmpty }).first else { throw Unreachable() }
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
