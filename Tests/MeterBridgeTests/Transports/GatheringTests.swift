import Decoders
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters

/// Bytes of receivers, which nobody waits for, are not read as they come.
@Suite struct GatheringTests {
  private let gateway: Gateway
  private let driver: SourceDriver
  private let first: [UInt8]
  private let second: [UInt8]

  init() throws {
    gateway = try Gateway()
    driver = SourceDriver(
      SourceConnection(
        .tcp(host: "127.0.0.1", port: gateway.port), line: ProtocolDescription.mbus.line,
        dialogue: WirelessReceiver(addresses: [nil], gap: 5_000), lookup: nil))
    first = try sampleBytes("wmbus/plain")
    second = try sampleBytes("wmbus/mode7")
  }

  private func say(_ bytes: some Collection<UInt8>, to peer: Int32) {
    let bytes = Array(bytes)
    #expect(unsafe write(peer, bytes, bytes.count) == bytes.count)
  }

  private func line(_ frame: [UInt8]) -> String.UTF8View { "\(Hexadecimal.text(frame))\n".utf8 }

  @Test("telegrams that come behind another are read together, and then each wakes the program again")
  func together() throws {
    let peer = try driver.peer(of: gateway)
    #expect(driver.run { driver.connection.interest != nil })
    say(line(first), to: peer)
    #expect(driver.run { driver.frames == [first] })
    let rests = driver.connection.deadline
    #expect(driver.connection.interest == nil)
    #expect(rests.map { $0 - driver.now <= Limits.gathering } == true)
    say(line(second), to: peer)
    driver.step()
    #expect(driver.frames == [first, second])
    // Nothing came in this rest.
    driver.step()
    #expect(driver.connection.interest != nil)
  }

  @Test("a telegram whose rest comes while it gathers is whole") func halves() throws {
    let peer = try driver.peer(of: gateway)
    let bytes = line(first)
    say(bytes.prefix(20), to: peer)
    #expect(driver.run { driver.connection.interest == nil })
    say(bytes.dropFirst(20), to: peer)
    // The loop is late, and the silence that ends half a line would be over.
    driver.skip(.seconds(6))
    #expect(driver.run { driver.frames == [first] })
    #expect(driver.rejected.isEmpty)
  }

  @Test("a connection that ends while its last telegram gathers loses nothing, and is opened again") func end() throws {
    let peer = try driver.peer(of: gateway)
    say(line(first), to: peer)
    #expect(driver.run { driver.frames == [first] })
    say(line(second), to: peer)
    gateway.hangUp()
    #expect(driver.run { driver.lost.count == 1 })
    #expect(driver.frames == [first, second])
    let again = try driver.peer(of: gateway)
    say(line(second), to: again)
    #expect(driver.run { driver.frames.count >= 2 && driver.connection.interest == nil })
  }
}
