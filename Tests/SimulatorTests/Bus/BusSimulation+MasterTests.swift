import Testing

@testable import Base
@testable import Meters
@testable import Simulator

/// The program's own master on a simulated bus, both at the speed of the line and on a clock of their own.
private struct VirtualBus {
  var master: MBusMaster
  var bus: BusSimulation
  private var pacer: LinePacer
  private var now = Instant(milliseconds: 0)

  init(_ bus: BusSimulation, asking addresses: [MBusAddress], interval: Milliseconds = .minutes(1)) {
    self.bus = bus
    master = MBusMaster(
      slaves: addresses.map { MBusMaster.Slave(address: $0, interval: interval) },
      timing: MBusTiming(baud: bus.line.baud, overNetwork: false))
    pacer = LinePacer(bus.line)
    master.opened(now: now)
  }

  /// What the master reports in so long.
  mutating func run(for time: Milliseconds) -> [DialogueOutput] {
    let end = now + time
    var reports: [DialogueOutput] = []
    while true {
      for output in master.takeOutputs() {
        guard case .send(let request) = output else {
          reports.append(output)
          continue
        }
        bus.receive(request, at: SimulatedMoment(now: now, world: world)).forEach { pacer.add($0) }
      }
      guard let next = [master.deadline, pacer.wakes].compactMap(\.self).min(), next <= end else { break }
      now = max(now, next)
      let bytes = pacer.take(at: now)
      if !bytes.isEmpty { master.received(LineInput(bytes: bytes), now: now) }
      master.tick(now: now)
    }
    now = end
    return reports
  }

  private var world: WallTime { WallTime(milliseconds: simulatedNoon.milliseconds + now.milliseconds) }
}

@Suite struct BusSimulationMasterTests {
  private static func threeMeters() -> BusSimulation {
    BusSimulation([
      MBusSlave(address: 1, SimulatedMULTICAL303(seed: 1)), MBusSlave(address: 2, SimulatedPRO380(seed: 1)),
      MBusSlave(address: 3, SimulatedVolumeMeter.water(seed: 1)),
    ])
  }

  private static let primaries: [MBusAddress] = [.primary(1), .primary(2), .primary(3)]

  /// The readouts by meter.
  private static func readouts(_ outputs: [DialogueOutput]) -> [Int: [[[UInt8]]]] {
    var readouts: [Int: [[[UInt8]]]] = [:]
    for output in outputs {
      if case .readout(let meter, let frames) = output { readouts[meter, default: []].append(frames) }
    }
    return readouts
  }

  @Test("three meters are read in turn")
  func inTurn() throws {
    var line = VirtualBus(Self.threeMeters(), asking: Self.primaries)
    let outputs = line.run(for: .minutes(10))
    let readouts = Self.readouts(outputs)
    let summary = outputs.filter { if case .news(.round) = $0 { true } else { false } }
    let others = outputs.count - summary.count - readouts.values.reduce(0) { $0 + $1.count }
    #expect(summary.count == 1 && others == 0)
    for meter in 0..<3 {
      let frames = try #require(readouts[meter])
      #expect((9...11).contains(frames.count))
      #expect(frames.allSatisfy { $0.count == 1 && $0[0][5] == UInt8(meter + 1) })
    }
  }

  struct Trouble: Sendable, CustomTestStringConvertible {
    var name: String
    var faults: [BusSimulation.Fault] = []
    var echoes = false
    var recordBytes = MBusSlave.recordBytesLimit
    var addresses = BusSimulationMasterTests.primaries
    var testDescription: String { name }
  }

  @Test(
    "all meters are read in spite of a fault",
    arguments: [
      Trouble(name: "answers that do not come", faults: [.silent, .none, .silent, .none, .silent]),
      Trouble(name: "bytes turned over", faults: [.none, .garbled(40), .garbled(0), .garbled(3)]),
      Trouble(name: "wrong checksums", faults: [.none, .badChecksum, .badChecksum]),
      Trouble(name: "lost bytes", faults: [.none, .lostBytes(at: 0, count: 1), .lostBytes(at: 50, count: 6)]),
      Trouble(name: "slow answers", faults: [.slow(300), .slow(900), .slow(600)]),
      Trouble(name: "an echo", echoes: true),
      Trouble(name: "an echo and lost bytes", faults: [.none, .lostBytes(at: 9, count: 2)], echoes: true),
      Trouble(name: "readouts of several telegrams", recordBytes: 60),
      Trouble(
        name: "a telegram of several that is lost", faults: [.none, .none, .silent, .badChecksum], recordBytes: 60),
      Trouble(
        name: "secondary addresses",
        addresses: [
          .secondary([0x45, 0x23, 0x01, 0x83, 0xFF, 0xFF, 0xFF, 0xFF]),
          .secondary([0x45, 0x23, 0x01, 0x16, 0xCD, 0x25, 0x01, 0x02]),
          .secondary([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x07]),
        ]),
    ])
  func faults(trouble: Trouble) throws {
    var bus = Self.threeMeters()
    bus.faults = trouble.faults
    bus.echoes = trouble.echoes
    for index in bus.slaves.indices { bus.slaves[index].recordBytes = trouble.recordBytes }
    var line = VirtualBus(bus, asking: trouble.addresses)
    let readouts = Self.readouts(line.run(for: .minutes(2)))
    var meters: [any SimulatedMBusMeter] = [
      SimulatedMULTICAL303(seed: 1), SimulatedPRO380(seed: 1), SimulatedVolumeMeter.water(seed: 1),
    ]
    for meter in 0..<3 {
      let frames = try #require(readouts[meter]?.first, "meter \(meter)")
      // Whole, once, in order: the records of the meter and nothing else.
      let records = frames.flatMap { frame -> ArraySlice<UInt8> in
        let body = frame.dropFirst(19).dropLast(2)
        return frame != frames.last ? body.dropLast() : body
      }
      let expected = meters[meter].records(at: simulatedNoon)
      #expect(frames.count == 1 || trouble.recordBytes < MBusSlave.recordBytesLimit)
      #expect(records.count == expected.reduce(0) { $0 + $1.bytes.count })
      #expect(records.starts(with: expected[0].bytes))
    }
    #expect(line.bus.faults.isEmpty)
  }

  @Test("a silent meter does not affect the others")
  func silentMeter() throws {
    var bus = Self.threeMeters()
    bus.silent = [2]
    var line = VirtualBus(bus, asking: Self.primaries, interval: .seconds(15))
    let outputs = line.run(for: .minutes(10))
    let readouts = Self.readouts(outputs)
    #expect(readouts[1] == nil)
    #expect(outputs.contains { if case .noAnswer(meter: 1, _, _) = $0 { true } else { false } })
    for meter in [0, 2] { #expect((38...41).contains(readouts[meter]?.count ?? 0)) }
  }
}
