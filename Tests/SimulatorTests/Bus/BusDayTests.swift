import Decoders
import Testing

@testable import Base
@testable import Meters
@testable import Simulator

/// Sixty meters of three kinds on a bus of 2400 baud, the program's own master and pipelines, and a clock that only moves
/// from one event to the next. Everything that is said on the line is looked at.
private struct WatchedBus {
  private(set) var master: MBusMaster
  private var pipelines: [MeterPipeline]
  private var bus: BusSimulation
  private let pacer: LinePacer
  private var random: SplitMix64
  private let lostOneIn: UInt64
  private(set) var now = Instant(milliseconds: 0)
  private var underWay: [Transmission] = []

  // MARK: What was seen

  /// The line is in use until then.
  private var busyUntil = Instant(milliseconds: 0)
  /// The frame count bit of each slave's last REQ_UD2, and whether the answer arrived; nil after SND_NKE.
  private var lastBit: [UInt8: (bit: UInt8, arrived: Bool)] = [:]
  private(set) var wrongBits = 0
  private(set) var overlaps = 0
  private(set) var shortPauses = 0
  private(set) var strangeValues = 0
  /// Time on the line of all bytes.
  private(set) var bytesTime = Milliseconds(0)
  private(set) var lost = 0
  private(set) var readouts: [[Instant]]
  private(set) var others: [DialogueOutput] = []

  static let count = 60

  init(interval: (Int) -> Milliseconds, lostOneIn: UInt64, seed: UInt64 = 7) {
    let slaves = (0..<Self.count).map { index -> MBusSlave in
      let address = UInt8(index + 1)
      return switch index % 3 {
      case 0: MBusSlave(address: address, SimulatedMULTICAL303(ordinal: index, seed: UInt64(index)))
      case 1: MBusSlave(address: address, SimulatedPRO380(ordinal: index, seed: UInt64(index)))
      default: MBusSlave(address: address, SimulatedVolumeMeter.water(ordinal: index, seed: UInt64(index)))
      }
    }
    bus = BusSimulation(slaves)
    pacer = LinePacer(bus.line)
    random = SplitMix64(seed: seed)
    self.lostOneIn = lostOneIn
    readouts = Array(repeating: [], count: Self.count)
    master = MBusMaster(
      slaves: (0..<Self.count).map { .init(address: .primary(UInt8($0 + 1)), interval: interval($0)) },
      timing: MBusTiming(baud: 2400, overNetwork: false))
    pipelines = (0..<Self.count).map { index in
      var settings = MeterSettings(
        id: "m\(index)", meterProtocol: .mbus, source: .serial(path: "/dev/bus"), sourceText: "/dev/bus")
      settings.interval = interval(index)
      return MeterPipeline(settings, zone: .utc, devices: [])
    }
    master.opened(now: now)
  }

  mutating func run(for time: Milliseconds) {
    let end = now + time
    while true {
      for output in master.takeOutputs() { take(output) }
      guard let next = [master.deadline, underWay.first?.start].compactMap(\.self).min(), next <= end else { break }
      now = max(now, next)
      if let first = underWay.first, first.start <= now {
        underWay.removeFirst()
        master.received(LineInput(bytes: first.bytes), now: now)
      }
      master.tick(now: now)
    }
    now = end
  }

  private mutating func take(_ output: DialogueOutput) {
    switch output {
    case .send(let request): say(request)
    case .readout(let meter, let frames):
      readouts[meter].append(now)
      let outputs = pipelines[meter].received(frames, now: now, wall: world)
      let own = Self.number(of: meter)
      for case .publication(let publication) in outputs
      where publication.device.id != "m\(meter)" || publication.device.serial != own || publication.fields.isEmpty {
        strangeValues += 1
      }
    case .news(.round), .news(.interval): break
    default: others.append(output)
    }
  }

  private mutating func say(_ request: [UInt8]) {
    if now < busyUntil { overlaps += 1 }
    // 33 bit times.
    if now < busyUntil + 13, busyUntil > .past { shortPauses += 1 }
    let isLost = lostOneIn > 0 && random.next() % lostOneIn == 0
    bus.faults = isLost ? [.silent] : []
    let answers = bus.receive(request, at: SimulatedMoment(now: now, world: world))
    if isLost { lost += 1 }
    note(request, arrived: !answers.isEmpty)
    bytesTime.count += pacer.duration(of: request.count).count
    busyUntil = now + pacer.duration(of: request.count)
    for answer in answers {
      if answer.start < busyUntil { overlaps += 1 }
      busyUntil = answer.start + pacer.duration(of: answer.bytes.count)
      bytesTime.count += pacer.duration(of: answer.bytes.count).count
      // An adapter hands bytes on each tenth of a second.
      for start in stride(from: 0, to: answer.bytes.count, by: 22) {
        let end = min(start + 22, answer.bytes.count)
        underWay.append(
          Transmission(bytes: Array(answer.bytes[start..<end]), start: answer.start + pacer.duration(of: end)))
      }
    }
  }

  /// A repeat has the same bit, the next request the other one, and the first after SND_NKE is 1.
  private mutating func note(_ request: [UInt8], arrived: Bool) {
    let (control, address) = (request[1], request[2])
    guard control == 0x5B || control == 0x7B else { return lastBit[address] = nil }
    let last = lastBit.updateValue((control, arrived), forKey: address)
    let expected: UInt8 =
      switch last {
      case nil: 0x7B
      case (let bit, true)?: bit == 0x7B ? 0x5B : 0x7B
      case (let bit, false)?: bit
      }
    if control != expected { wrongBits += 1 }
  }

  private static func number(of meter: Int) -> String {
    let first: UInt32 = [0x8301_2345, 0x1601_2345, 0x7100_4711][meter % 3]
    let digits = String(MBusIdentity.following(first, by: meter), radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  private var world: WallTime { WallTime(milliseconds: simulatedNoon.milliseconds + now.milliseconds) }
}

@Suite struct BusDayTests {
  @Test("a day of sixty meters with lost answers: none starves, none gets another's values, the line is spoken on once")
  func day() {
    func interval(_ meter: Int) -> Milliseconds { meter % 3 == 1 ? .minutes(5) : .minutes(15) }
    var bus = WatchedBus(interval: interval, lostOneIn: 50)
    bus.run(for: .minutes(24 * 60))
    #expect(bus.lost > 100)
    #expect(bus.overlaps == 0 && bus.shortPauses == 0 && bus.wrongBits == 0 && bus.strangeValues == 0)
    #expect(bus.others.isEmpty, "\(bus.others.prefix(3))")
    for meter in 0..<WatchedBus.count {
      let times = bus.readouts[meter]
      let expected = Int(24 * 60 * 60_000 / interval(meter).count)
      #expect((expected - 1...expected + 1).contains(times.count), "meter \(meter): \(times.count)")
      let longest = zip(times, times.dropFirst()).map { ($1 - $0).count }.max() ?? .max
      #expect(longest <= interval(meter).count * 3 / 2, "meter \(meter): \(longest) ms")
    }
  }

  @Test("on a crowded bus every meter gets its turn, and the line hardly rests", arguments: [0, 100] as [UInt64])
  func crowded(lostOneIn: UInt64) {
    var bus = WatchedBus(interval: { _ in .seconds(5) }, lostOneIn: lostOneIn)
    bus.run(for: .minutes(30))
    #expect(bus.overlaps == 0 && bus.shortPauses == 0 && bus.wrongBits == 0 && bus.strangeValues == 0)
    let counts = bus.readouts.map(\.count)
    #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 6, "\(counts)")
    let share = Double(bus.now.milliseconds) / Double(bus.bytesTime.count)
    #expect(share <= 1.15, "\(share) times the bytes' time on the line")
    print("a round of sixty meters, one answer in \(lostOneIn) lost: \(share) times the bytes' time")
  }
}
