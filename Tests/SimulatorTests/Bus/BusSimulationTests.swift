import Decoders
import Testing

@testable import Base
@testable import Meters
@testable import Simulator

@Suite struct BusSimulationTests {
  private static let start = SimulatedMoment(now: Instant(milliseconds: 0), world: simulatedNoon)

  private static func threeMeters() -> BusSimulation {
    BusSimulation([
      MBusSlave(address: 1, SimulatedMULTICAL303(seed: 1)), MBusSlave(address: 2, SimulatedPRO380(seed: 1)),
      MBusSlave(address: 3, SimulatedVolumeMeter.water(seed: 1)),
    ])
  }

  private static func ask(_ bus: inout BusSimulation, _ frame: MBusFrame, at moment: SimulatedMoment = start) -> [UInt8]
  {
    bus.receive(frame.bytes, at: moment).flatMap(\.bytes)
  }

  private static func request(_ control: UInt8, _ address: UInt8) -> MBusFrame {
    .short(control: control, address: address)
  }

  /// DIB, VIB and data of the first record that begins so.
  private static func data(_ frame: [UInt8], after head: [UInt8], count: Int) -> [UInt8]? {
    guard frame.count > 21 else { return nil }
    for index in 19..<frame.count - head.count - count where Array(frame[index..<index + head.count]) == head {
      return Array(frame[index + head.count..<index + head.count + count])
    }
    return nil
  }

  @Test("every meter answers for itself")
  func answers() throws {
    var bus = Self.threeMeters()
    let media: [UInt8] = [4, 2, 7]
    for address in UInt8(1)...3 {
      #expect(Self.ask(&bus, Self.request(0x40, address)) == [0xE5])
      let answer = Self.ask(&bus, Self.request(0x7B, address))
      guard case .long(let control, let from, let information, let data) = try MBusFrame(parsing: answer.span) else {
        Issue.record("no long frame")
        continue
      }
      #expect(control == 0x08)
      #expect(from == address)
      #expect(information == 0x72)
      #expect(data[7] == media[Int(address) - 1])
    }
    #expect(Self.ask(&bus, Self.request(0x7B, 4)).isEmpty)
  }

  @Test("the first readout shows the start values")
  func startValues() throws {
    var bus = Self.threeMeters()
    // However late it is read.
    let late = SimulatedMoment(now: Instant(milliseconds: 3_600_000), world: simulatedNoon.later(3600))
    let heat = Self.ask(&bus, Self.request(0x7B, 1), at: late)
    #expect(Array(heat[7..<15]) == [0x45, 0x23, 0x01, 0x83, 0x2D, 0x2C, 0x40, 0x04])
    let vectors: [([UInt8], Int, Int)] = [
      ([0x04, 0x06], 4, 1160), ([0x04, 0x14], 4, 10_419), ([0x03, 0x22], 3, 1087), ([0x02, 0x59], 2, 5926),
      ([0x02, 0x5D], 2, 3831), ([0x02, 0x61], 2, 2095), ([0x02, 0x2D], 2, 82), ([0x02, 0x3B], 2, 340),
    ]
    for (head, count, expected) in vectors {
      let bytes = try #require(Self.data(heat, after: head, count: count))
      #expect(bytes.reversed().reduce(0) { $0 << 8 | Int($1) } == expected, "\(head)")
    }
    let power = Self.ask(&bus, Self.request(0x7B, 2), at: late)
    #expect(Self.data(power, after: [0x8C, 0x10, 0x04], count: 4) == [0x72, 0x85, 0x17, 0x00])
    #expect(Self.data(power, after: [0x8C, 0x20, 0x04], count: 4) == [0x13, 0x12, 0x20, 0x01])
    #expect(Self.data(power, after: [0x0C, 0x04], count: 4) == [0x85, 0x97, 0x37, 0x01])
    #expect(Self.data(power, after: [0xAC, 0x10, 0x04], count: 4) == [0, 0, 0, 0])
    #expect(Self.data(power, after: [0x4B, 0xFD, 0x47], count: 3) == [0x40, 0x30, 0x02])
    // A quarter hour later they have moved.
    let later = SimulatedMoment(now: late.now + .minutes(15), world: late.world.later(900))
    let next = Self.ask(&bus, Self.request(0x5B, 1), at: later)
    let energy = try #require(Self.data(next, after: [0x04, 0x06], count: 4))
    #expect((1161...1164).contains(energy.reversed().reduce(0) { $0 << 8 | Int($1) }))
  }

  @Test("the frame count bit repeats an answer or goes on")
  func frameCountBit() throws {
    var bus = Self.threeMeters()
    bus.slaves[1].recordBytes = 60
    _ = Self.ask(&bus, Self.request(0x40, 2))
    let first = Self.ask(&bus, Self.request(0x7B, 2))
    #expect(first[first.count - 3] == 0x1F)
    #expect(Self.ask(&bus, Self.request(0x7B, 2)) == first)
    let second = Self.ask(&bus, Self.request(0x5B, 2))
    #expect(second != first)
    #expect(second[15] == first[15] + 1)
    #expect(Self.ask(&bus, Self.request(0x5B, 2)) == second)
    // To the end: the last one carries no mark, the next request begins anew.
    var pages = [first, second]
    var bit: UInt8 = 0x20
    while pages[pages.count - 1].dropLast(2).last == 0x1F, pages.count < 20 {
      pages.append(Self.ask(&bus, Self.request(0x5B | bit, 2)))
      bit ^= 0x20
    }
    #expect(pages.count == 3)
    let whole = pages.flatMap { $0.dropFirst(19).dropLast($0.dropLast(2).last == 0x1F ? 3 : 2) }
    var single = Self.threeMeters()
    #expect(whole == Array(Self.ask(&single, Self.request(0x7B, 2)).dropFirst(19).dropLast(2)))
    let again = Self.ask(&bus, Self.request(0x5B | bit, 2))
    #expect(again.dropFirst(19).dropLast(2) == first.dropFirst(19).dropLast(2))
    // And after SND_NKE, whatever the bit.
    _ = Self.ask(&bus, Self.request(0x40, 2))
    let fresh = Self.ask(&bus, Self.request(0x5B | bit, 2))
    #expect(fresh.dropFirst(19).dropLast(2) == first.dropFirst(19).dropLast(2))
  }

  @Test("other requests are answered as the standard says")
  func otherRequests() {
    var bus = Self.threeMeters()
    #expect(Self.ask(&bus, Self.request(0x5A, 1)) == [0xE5])
    #expect(Self.ask(&bus, Self.request(0x49, 1)) == [0x10, 0x0B, 0x01, 0x0C, 0x16])
    #expect(Self.ask(&bus, Self.request(0x40, 255)).isEmpty)
    // A baud rate and an application reset are acknowledged.
    #expect(Self.ask(&bus, .long(control: 0x53, address: 1, information: 0xBB, data: [])) == [0xE5])
    #expect(Self.ask(&bus, .long(control: 0x73, address: 1, information: 0x50, data: [])) == [0xE5])
    #expect(Self.ask(&bus, .long(control: 0x53, address: 255, information: 0x50, data: [])).isEmpty)
    // A new primary address.
    #expect(Self.ask(&bus, .long(control: 0x53, address: 1, information: 0x51, data: [0x01, 0x7A, 45])) == [0xE5])
    #expect(Self.ask(&bus, Self.request(0x40, 1)).isEmpty)
    #expect(Self.ask(&bus, Self.request(0x40, 45)) == [0xE5])
    // A broken request is nobody's.
    #expect(bus.receive([0x10, 0x7B, 0x02, 0x7E, 0x16], at: Self.start).isEmpty)
  }

  @Test("a slave answers at the old speed to a new one, and then only at the new one")
  func newSpeed() {
    var bus = Self.threeMeters()
    #expect(Self.ask(&bus, .long(control: 0x53, address: 1, information: 0xBD, data: [])) == [0xE5])
    #expect(Self.ask(&bus, Self.request(0x40, 1)).isEmpty)
    #expect(Self.ask(&bus, Self.request(0x40, 2)) == [0xE5])
    bus.tuned(to: 9600)
    #expect(Self.ask(&bus, Self.request(0x40, 1)) == [0xE5])
    #expect(bus.line.baud == 9600)
  }

  @Test("a locked slave acknowledges an address and a speed, and keeps its own")
  func locked() {
    var settings = SlaveSettings()
    settings.isLocked = true
    var bus = BusSimulation([MBusSlave(address: 1, SimulatedMULTICAL303(seed: 1), settings)])
    #expect(Self.ask(&bus, .long(control: 0x53, address: 1, information: 0x51, data: [0x01, 0x7A, 45])) == [0xE5])
    #expect(Self.ask(&bus, .long(control: 0x53, address: 1, information: 0xBD, data: [])) == [0xE5])
    #expect(Self.ask(&bus, Self.request(0x40, 1)) == [0xE5])
  }

  @Test("enhanced selection asks for the fabrication number too")
  func enhancedSelection() {
    func slave(_ address: UInt8, _ number: UInt32?) -> MBusSlave {
      let water = SimulatedVolumeMeter.water(seed: 1)
      let meter = DeliveredMeter(water, identification: 0x1234_5678, fabricationNumber: number, standsStill: true)
      return MBusSlave(address: address, meter)
    }
    var bus = BusSimulation([slave(1, 0x8765_4321), slave(2, 0x8765_4322), slave(3, nil)])
    func select(_ digits: [UInt8]) -> [UInt8] {
      let selection = [0x78, 0x56, 0x34, 0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0x0C, 0x78] + digits
      _ = Self.ask(&bus, .long(control: 0x73, address: 253, information: 0x52, data: selection))
      return bus.slaves.filter(\.isSelected).map(\.address)
    }
    #expect(select([0xFF, 0xFF, 0xFF, 0xFF]) == [1, 2])
    #expect(select([0x22, 0x43, 0x65, 0x87]) == [2])
    #expect(select([0xF1, 0xFF, 0xFF, 0xFF]) == [1])
    #expect(select([0x23, 0x43, 0x65, 0x87]) == [])
    // The readout names the number.
    _ = select([0x21, 0x43, 0x65, 0x87])
    #expect(
      Self.data(Self.ask(&bus, Self.request(0x7B, 253)), after: [0x0C, 0x78], count: 4) == [0x21, 0x43, 0x65, 0x87])
  }

  struct Selection: Sendable, CustomTestStringConvertible {
    var mask: [UInt8]
    /// Addresses of those who feel meant.
    var meant: [UInt8]
    var testDescription: String { Hexadecimal.text(mask) }
  }

  @Test(
    "a secondary address selects a meter",
    arguments: [
      Selection(mask: [0x45, 0x23, 0x01, 0x83, 0x2D, 0x2C, 0x40, 0x04], meant: [1]),
      Selection(mask: [0x45, 0x23, 0x01, 0x83, 0xFF, 0xFF, 0xFF, 0xFF], meant: [1]),
      Selection(mask: [0xFF, 0xFF, 0xFF, 0x16, 0xFF, 0xFF, 0xFF, 0xFF], meant: [2]),
      Selection(mask: [0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF], meant: [3]),
      Selection(mask: [0xFF, 0xFF, 0xFF, 0xFF, 0x2D, 0x2C, 0xFF, 0xFF], meant: [1]),
      Selection(mask: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x2C, 0xFF, 0xFF], meant: []),
      Selection(mask: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0xFF], meant: [2, 3]),
      Selection(mask: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02], meant: [2]),
      Selection(mask: [0x46, 0x23, 0x01, 0x83, 0xFF, 0xFF, 0xFF, 0xFF], meant: []),
      Selection(mask: [0xFF, 0xFF], meant: []),
    ])
  func secondaryAddresses(selection: Selection) {
    var bus = Self.threeMeters()
    let answer = Self.ask(&bus, .long(control: 0x53, address: 253, information: 0x52, data: selection.mask))
    #expect(bus.slaves.filter(\.isSelected).map(\.address) == selection.meant)
    switch selection.meant.count {
    case 0: #expect(answer.isEmpty)
    case 1:
      #expect(answer == [0xE5])
      let readout = Self.ask(&bus, Self.request(0x7B, 253))
      #expect(readout.count > 20 && readout[5] == selection.meant[0])
      // Selecting another one, or SND_NKE, lets go.
      #expect(Self.ask(&bus, Self.request(0x40, 253)) == [0xE5])
      #expect(Self.ask(&bus, Self.request(0x7B, 253)).isEmpty)
    default:
      #expect(!answer.isEmpty && answer != [0xE5])
    }
  }

  @Test("answers of all meters at once are a collision")
  func collision() {
    var bus = Self.threeMeters()
    let answer = Self.ask(&bus, Self.request(0x5B, 254))
    #expect((try? MBusFrame(parsing: answer.span)) == nil)
    bus.silent = [2, 3]
    let single = Self.ask(&bus, Self.request(0x7B, 254))
    #expect((try? MBusFrame(parsing: single.span)) != nil)
  }

  @Test("faults come in the order of the script")
  func script() throws {
    var bus = Self.threeMeters()
    let good = Self.ask(&bus, Self.request(0x7B, 1))
    bus.faults = [.silent, .garbled(30), .badChecksum, .lostBytes(at: 10, count: 3), .noise([0x00]), .none]
    #expect(Self.ask(&bus, Self.request(0x7B, 1)).isEmpty)
    let garbled = Self.ask(&bus, Self.request(0x7B, 1))
    #expect(zip(garbled, good).count { $0 != $1 } == 1)
    #expect((try? MBusFrame(parsing: garbled.span)) == nil)
    let bad = Self.ask(&bus, Self.request(0x7B, 1))
    let error = #expect(throws: DecodeError.self) { try MBusFrame(parsing: bad.span) }
    #expect(error?.code == .checksumMismatch)
    #expect(Self.ask(&bus, Self.request(0x7B, 1)).count == good.count - 3)
    #expect(Self.ask(&bus, Self.request(0x7B, 1)) == [0x00] + good)
    #expect(Self.ask(&bus, Self.request(0x7B, 1)) == good)
    bus.faults = [.slow(500)]
    let slow = bus.receive(Self.request(0x7B, 1).bytes, at: Self.start)
    bus.echoes = true
    let echoed = bus.receive(Self.request(0x7B, 1).bytes, at: Self.start)
    #expect(slow[0].start - echoed[1].start == 500)
    #expect(echoed[0].bytes == Self.request(0x7B, 1).bytes)
    bus.silent = [1]
    #expect(bus.receive(Self.request(0x7B, 1).bytes, at: Self.start).count == 1)
  }

  @Test("half a request is forgotten after a pause")
  func halfRequest() {
    var bus = Self.threeMeters()
    let request = Self.request(0x40, 1).bytes
    #expect(bus.receive(Array(request.prefix(3)), at: Self.start).isEmpty)
    // In pieces it is one request.
    let soon = SimulatedMoment(now: Self.start.now + 50, world: simulatedNoon)
    #expect(bus.receive(Array(request.suffix(2)), at: soon).map(\.bytes) == [[0xE5]])
    #expect(bus.receive([0x68, 0xFF, 0xFF, 0x68], at: soon).isEmpty)
    let later = SimulatedMoment(now: soon.now + 300, world: simulatedNoon)
    #expect(bus.receive(request, at: later).map(\.bytes) == [[0xE5]])
  }

  @Test("totals never fall in a week")
  func totals() throws {
    var meters: [any SimulatedMBusMeter] = [
      SimulatedMULTICAL303(seed: 5), SimulatedPRO380(seed: 5), SimulatedVolumeMeter.water(seed: 5),
      SimulatedVolumeMeter.gas(seed: 5),
    ]
    for index in meters.indices {
      var last: [SimulatedRecord] = []
      for quarter in 0...672 {
        let records = meters[index].records(at: simulatedNoon.later(Int64(quarter) * 900))
        for (before, now) in zip(last, records) where Self.isTotal(now) {
          #expect(now.value >= before.value, "\(now) after \(quarter) quarter hours")
        }
        last = records
      }
      let start = meters[index].records(at: simulatedNoon)
      #expect(start == last)
    }
  }

  /// Energy, volume, on-time and the products of volume and temperature.
  private static func isTotal(_ record: SimulatedRecord) -> Bool {
    record.storage == 0 && record.function == .instantaneous
      && [[0x04], [0x06], [0x13], [0x14], [0x22], [0xFF, 0x07], [0xFF, 0x08]].contains(record.vib)
  }

  struct Coded: Sendable, CustomTestStringConvertible {
    var record: SimulatedRecord
    var bytes: [UInt8]
    var testDescription: String { Hexadecimal.text(bytes) }
  }

  @Test(
    "records are coded as the standard says",
    arguments: [
      Coded(
        record: SimulatedRecord(.bcd8, [0x04], 178_572, tariff: 1), bytes: [0x8C, 0x10, 0x04, 0x72, 0x85, 0x17, 0]),
      Coded(record: SimulatedRecord(.bcd6, [0x2B], -42), bytes: [0x0B, 0x2B, 0x42, 0x00, 0xF0]),
      Coded(record: SimulatedRecord(.int16, [0x61], -5), bytes: [0x02, 0x61, 0xFB, 0xFF]),
      Coded(record: SimulatedRecord(.bcd4, [0x13], 123_456), bytes: [0x0A, 0x13, 0x56, 0x34]),
      Coded(
        record: SimulatedRecord(.int8, [0x06], 1, function: .error, storage: 35, tariff: 9),
        bytes: [0xF1, 0x91, 0x21, 0x06, 0x01]),
    ])
  func records(vector: Coded) {
    #expect(vector.record.bytes == vector.bytes)
  }
}
