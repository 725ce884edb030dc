import Decoders
import Testing

@testable import Base
@testable import Meters

private let energy: [UInt8] = [0x04, 0x06, 0x88, 0x04, 0x00, 0x00]
private let asked: [UInt8] = [0x78, 0x56, 0x34, 0x12, 0x2D, 0x2C, 0x01, 0x04]

/// 16 digits name number, manufacturer, version and medium, but some slaves only take a selection by number.
@Suite struct MBusMasterSelectionTests {
  private static func bus(_ slave: ScriptedSlave, _ address: [UInt8] = asked) -> ScriptedBus {
    ScriptedBus([slave], [MBusMaster.Slave(address: .secondary(address), interval: .minutes(1))])
  }

  private static func slave(_ identity: [UInt8] = asked) -> ScriptedSlave {
    let slave = ScriptedSlave(address: 0, identity: identity, pages: [energy])
    slave.wantsNumberOnly = true
    return slave
  }

  /// The bytes of the select frames after the number.
  private static func tails(_ bus: ScriptedBus) -> [[UInt8]] {
    bus.sent.filter { $0.bytes[0] == 0x68 }.map { Array($0.bytes[11..<15]) }
  }

  @Test("a slave that is silent to 16 digits is asked by its number once, which is remembered") func fallback() {
    var bus = Self.bus(Self.slave())
    bus.open()
    bus.run(.seconds(130))
    #expect(bus.readouts.count == 3 && bus.rejected.isEmpty && bus.failures.isEmpty)
    let (whole, number) = (Array(asked[4...]), [0xFF, 0xFF, 0xFF, 0xFF] as [UInt8])
    #expect(Self.tails(bus) == [whole, whole, number, number, number])
    #expect(bus.controls == [0x73, 0x53, 0x73, 0x7B, 0x40, 0x73, 0x7B, 0x40, 0x73, 0x7B, 0x40])
  }

  @Test(
    "the header of the meter that answers to the number must fit",
    arguments: [(4, 0x2E), (6, 0x02), (7, 0x0D)] as [(Int, UInt8)])
  func otherHeader(place: Int, value: UInt8) throws {
    var identity = asked
    identity[place] = value
    var bus = Self.bus(Self.slave(identity))
    bus.open()
    bus.run(.seconds(30))
    #expect(bus.readouts.isEmpty)
    #expect(bus.rejected.map(\.error.code) == [.otherMeter])
    let text = try #require(bus.rejected.first?.error.description)
    #expect(text.contains("`address` names 123456782D2C0104"))
    #expect(bus.reasons == [.strangers])
  }

  @Test("a silent slave is asked by its number only in the first try") func silentSlave() {
    let slave = Self.slave()
    slave.isSilent = true
    var bus = Self.bus(slave)
    bus.open()
    bus.run(.seconds(30))
    #expect(bus.reasons == [.silence])
    #expect(bus.failures.map(\.tries) == [4])
    #expect(Self.tails(bus).count == 4 + 3 * 2)
    #expect(Self.tails(bus).count { $0 == [0xFF, 0xFF, 0xFF, 0xFF] } == 2)
  }

  @Test("8 digits have nothing to leave out") func numberOnly() {
    let slave = Self.slave()
    slave.isSilent = true
    var bus = Self.bus(slave, Array(asked[..<4]) + [0xFF, 0xFF, 0xFF, 0xFF])
    bus.open()
    bus.run(.seconds(30))
    #expect(bus.controls == Array(repeating: [0x73, 0x53], count: 4).flatMap(\.self))
  }

  @Test("a header with the most significant byte first is compared too", arguments: [true, false])
  func reversedHeader(isRight: Bool) {
    var bus = Self.bus(Self.slave())
    bus.slaves = []
    bus.open()
    bus.run(100)
    bus.inject([0xE5])
    bus.run(100)
    let header: [UInt8] = [0x12, 0x34, 0x56, isRight ? 0x78 : 0x79, 0x2C, 0x2D, 0x01, 0x04, 1, 0, 0, 0]
    bus.inject(MBusFrame.long(control: 8, address: 0, information: 0x76, data: header + energy).bytes)
    bus.run(.seconds(2))
    #expect(bus.readouts.count == (isRight ? 1 : 0))
    #expect(bus.rejected.map(\.error.code) == (isRight ? [] : [.otherMeter]))
  }
}
