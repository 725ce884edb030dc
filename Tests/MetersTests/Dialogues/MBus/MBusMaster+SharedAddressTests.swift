import Decoders
import Testing

@testable import Base
@testable import Meters

private let energy: [UInt8] = [0x04, 0x06, 0x88, 0x04, 0x00, 0x00]
private let volume: [UInt8] = [0x04, 0x14, 0xB3, 0x28, 0x00, 0x00]
private let one: [UInt8] = [0x01, 0x70, 0x77, 0x00, 0x2D, 0x2C, 0x01, 0x04]
private let two: [UInt8] = [0x02, 0x70, 0x77, 0x00, 0x2D, 0x2C, 0x01, 0x0A]

/// Two meters where one is meant, and answers that come at the wrong time.
@Suite struct MBusMasterSharedAddressTests {
  private static func slave(_ identity: [UInt8], delay: Milliseconds = 0, pages: [[UInt8]] = [energy]) -> ScriptedSlave
  {
    let slave = ScriptedSlave(address: 0, identity: identity, pages: pages)
    slave.delay = delay
    return slave
  }

  private static func bus(
    _ slaves: [ScriptedSlave], _ addresses: [MBusAddress], every interval: Milliseconds = .minutes(1)
  ) -> ScriptedBus {
    ScriptedBus(slaves, addresses.map { MBusMaster.Slave(address: $0, interval: interval) })
  }

  private static func telegram(_ identity: [UInt8], _ information: UInt8 = 0x72, count: UInt8 = 9) -> [UInt8] {
    let header = information == 0x78 ? [] : identity + [count, 0, 0, 0]
    return MBusFrame.long(control: 8, address: 0, information: information, data: header + energy).bytes
  }

  @Test(
    "of two answers to one request neither is taken", arguments: [0, 254] as [UInt8],
    [50, 120, 250] as [Milliseconds])
  func severalMeters(address: UInt8, delay: Milliseconds) throws {
    var bus = Self.bus([Self.slave(one), Self.slave(two, delay: delay)], [.primary(address)])
    bus.open()
    bus.run(.seconds(10))
    #expect(bus.readouts.isEmpty)
    #expect(bus.rejected.map(\.error.code) == [.severalMeters, .severalMeters])
    #expect(bus.rejected.allSatisfy { $0.meter == 0 })
    #expect(bus.reasons == [.strangers])
    let text = try #require(bus.rejected.first?.error.description)
    #expect(
      text == "meters 00777001 and 00777002 answer at once; give each its secondary address: `address: 00777001`")
    bus.run(.minutes(3))
    #expect(bus.readouts.isEmpty)
  }

  @Test("of two answers that of the meter that was there before is taken", arguments: [true, false])
  func knownMeter(isFirst: Bool) {
    let newcomer = Self.slave(two, delay: isFirst ? 120 : 0)
    newcomer.isSilent = true
    var bus = Self.bus([Self.slave(one, delay: isFirst ? 0 : 120), newcomer], [.primary(0)])
    bus.open()
    bus.run(.seconds(10))
    #expect(bus.readouts.count == 1 && bus.rejected.isEmpty)
    newcomer.isSilent = false
    bus.run(.minutes(2))
    #expect(bus.readouts.count == 3)
    #expect(bus.readouts.allSatisfy { Array($0.frames[0][7..<15]) == one })
    #expect(bus.rejected.map(\.error.code) == [.severalMeters, .severalMeters])
    #expect(bus.rejected.allSatisfy { Array($0.bytes[7..<15]) == two })
  }

  @Test("a known meter is not waited for") func noWait() {
    var bus = Self.bus([Self.slave(one)], [.primary(0)], every: .seconds(5))
    bus.open()
    bus.run(.seconds(7))
    let requests = bus.sent.filter { $0.bytes[1] & 0x5F == 0x5B }.map(\.time)
    let waits = zip(bus.readouts.map(\.time), requests).map { ($0 - $1).count }
    #expect(waits.count == 2 && waits[0] > 300 && waits[1] < 100, "\(waits)")
  }

  @Test("an exchanged meter is taken when it is alone") func exchangedMeter() {
    let (old, new) = (Self.slave(one), Self.slave(two))
    new.isSilent = true
    var bus = Self.bus([old, new], [.primary(0)])
    bus.open()
    bus.run(.seconds(10))
    (old.isSilent, new.isSilent) = (true, false)
    bus.run(.minutes(1))
    #expect(bus.readouts.map { Array($0.frames[0][7..<15]) } == [one, two])
    #expect(bus.rejected.isEmpty)
  }

  @Test("another meter in the middle of a readout is not part of it") func strangerInReadout() {
    let slave = Self.slave(one, pages: [energy + [0x1F], volume])
    let stranger = Self.slave(two, delay: 200)
    stranger.isSilent = true
    var bus = Self.bus([slave, stranger], [.primary(0)])
    bus.open()
    bus.run(165)  // the first page is there, the second not yet asked for
    stranger.isSilent = false
    bus.run(.seconds(10))
    #expect(bus.readouts.map(\.frames.count) == [2])
    #expect(bus.readouts.first?.frames.allSatisfy { Array($0[7..<15]) == one } == true)
    #expect(bus.rejected.map(\.error.code) == [.severalMeters])
  }

  @Test("a meter that answers to the number of another is named, not taken")
  func otherNumber() throws {
    var bus = Self.bus([], [.secondary(Array(one[..<4]) + [0xFF, 0xFF, 0xFF, 0xFF])])
    bus.open()
    bus.run(100)
    bus.inject([0xE5])
    bus.run(100)
    bus.inject(Self.telegram(two))
    bus.run(.seconds(10))
    #expect(bus.readouts.isEmpty)
    let error = try #require(bus.rejected.first?.error)
    #expect(bus.rejected.count == 1 && error.code == .otherMeter)
    #expect(
      error.description
        == "the answer of meter 00777002, but `address` names 00777001; if 00777002 is right, put that there")
    // It is not asked again and again: it may run on a battery.
    #expect(bus.controls == [0x73, 0x7B, 0x40])
    #expect(bus.reasons == [.strangers])
  }

  @Test("damaged answers in every try are not called silence") func collisions() {
    var bus = Self.bus([Self.slave(one), Self.slave(two)], [.primary(0)])
    bus.open()
    bus.run(.seconds(30))
    #expect(bus.readouts.isEmpty)
    #expect(bus.reasons == [.damage])
    let silent = Self.slave(one)
    silent.isSilent = true
    bus = Self.bus([silent], [.primary(0)])
    bus.open()
    bus.run(.seconds(30))
    #expect(bus.reasons == [.silence])
  }

  // MARK: Late answers

  @Test("a late answer is not taken for that of the next meter", arguments: [0x72, 0x78] as [UInt8])
  func lateAnswer(information: UInt8) {
    // Both are at address 0, as they came from the factory; the first is found by its number.
    var bus = Self.bus([], [.secondary(one), .primary(0)], every: .seconds(20))
    bus.open()
    bus.run(100)
    bus.inject([0xE5])
    bus.run(100)
    bus.inject(Self.telegram(one, information))
    bus.run(.seconds(22))  // the second one is silent, the first is due again
    while bus.controls.last != 0x73 { bus.run(10) }
    bus.inject([0xE5])
    bus.run(100)
    #expect(bus.controls.last == 0x7B)
    while bus.sent.last?.bytes[2] != 0 || bus.controls.last != 0x7B && bus.controls.last != 0x5B { bus.run(10) }
    let before = bus.readouts.count
    bus.inject(Self.telegram(one, information, count: 10))
    bus.run(100)
    #expect(bus.readouts.count == before)
    #expect(bus.rejected.last?.error.code == .lateAnswer)
    #expect(bus.rejected.last?.meter == 0)
    // The right one may still come.
    bus.inject(Self.telegram(two))
    bus.run(.seconds(1))
    #expect(bus.readouts.last?.meter == 1)
  }

  @Test("a late copy of a telegram does not end the readout") func lateCopy() {
    var bus = Self.bus([], [.primary(0)])
    bus.open()
    bus.run(.seconds(2))  // the reset is not acknowledged
    bus.inject(Self.telegram(one).withMore)
    bus.run(400)
    #expect(bus.controls == [0x40, 0x7B, 0x5B])
    while bus.controls.count < 4 { bus.run(10) }  // the second telegram is late, and asked for again
    let second = MBusFrame.long(control: 8, address: 0, information: 0x72, data: one + [10, 0, 0, 0] + volume + [0x1F])
    bus.inject(second.bytes)
    bus.run(100)
    #expect(bus.controls == [0x40, 0x7B, 0x5B, 0x5B, 0x7B])
    bus.inject(second.bytes)
    bus.run(100)
    #expect(bus.readouts.isEmpty)
    #expect(bus.rejected.map(\.error.code) == [.lateAnswer])
    bus.inject(
      MBusFrame.long(control: 8, address: 0, information: 0x72, data: one + [11, 0, 0, 0] + energy + volume).bytes)
    bus.run(100)
    #expect(bus.readouts.map(\.frames.count) == [3])
  }

  @Test("an answer that waits for a second one is not lost with the line") func lostLine() {
    var bus = Self.bus([Self.slave(one)], [.primary(0)])
    bus.open()
    bus.run(170)
    #expect(bus.readouts.isEmpty)
    bus.close()
    #expect(bus.readouts.count == 1)
  }
}

extension [UInt8] {
  /// The same telegram with the mark that more records follow.
  fileprivate var withMore: [UInt8] {
    MBusFrame.long(control: self[4], address: self[5], information: self[6], data: Array(self[7..<count - 2]) + [0x1F])
      .bytes
  }
}
