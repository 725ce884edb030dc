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

@Test("packets that are held back go out together, and others at once")
func heldPackets() throws {
  let (client, peer) = try dialled(.threeOneOne)
  defer { close(peer) }
  try #require(
    eventually {
      client.serve(milliseconds: 10)
      return !arrived(peer).isEmpty
    })
  // CONNACK.
  #expect(unsafe send(peer, [0x20, 2, 0, 0] as [UInt8], 4, 0) == 4)
  guard case .accepted? = collect(client, until: { !$0.isEmpty }).first else { throw Unreachable() }
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
