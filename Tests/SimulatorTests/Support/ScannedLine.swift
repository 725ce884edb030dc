@testable import Base
@testable import Decoders
@testable import Meters
@testable import Simulator

/// A scan on a simulated bus, both on a clock of their own.
struct ScannedLine {
  var scan: MBusScan
  var bus: BusSimulation
  /// Exchanges over the line, in order.
  private(set) var records: [ScanRecord] = []
  /// Meters in the order in which they were reported.
  private(set) var reported: [ScannedMeter] = []
  private var pacer: LinePacer
  private(set) var now = Instant(milliseconds: 1_000_000)

  init(_ bus: BusSimulation, _ settings: MBusScan.Settings = MBusScan.Settings(), replay: [ScanRecord] = []) {
    self.bus = bus
    scan = MBusScan(settings, replay: replay)
    pacer = LinePacer(bus.line, isShared: true)
  }

  /// A bus of many slaves; `disturbance` is what goes wrong on it.
  init(
    slaves: Int, seed: UInt64, _ disturbance: BusDisturbance = BusDisturbance(),
    _ settings: MBusScan.Settings = MBusScan.Settings()
  ) {
    var crowd = BusSettings()
    crowd.slaves = slaves
    var bus = BusSimulation(CrowdedBus(crowd, seed: seed).slaves, seed: seed)
    bus.disturbance = disturbance
    self.init(bus, settings)
  }

  static var secondaryOnly: MBusScan.Settings {
    var settings = MBusScan.Settings()
    settings.isSecondaryOnly = true
    return settings
  }

  /// Runs to the end, or until so many requests have been sent.
  mutating func run(atMost limit: Int = 100_000) {
    open()
    while !scan.isFinished, records.count < limit {
      carryOut()
      guard let next = [scan.deadline, pacer.wakes].compactMap(\.self).min() else { break }
      now = max(now, next)
      let bytes = pacer.take(at: now)
      if !bytes.isEmpty { scan.received(LineInput(bytes: bytes), now: now) }
      scan.tick(now: now)
    }
    carryOut()
  }

  private mutating func carryOut() {
    for output in scan.takeOutputs() {
      switch output {
      case .send(let request):
        let moment = SimulatedMoment(
          now: now, world: WallTime(milliseconds: simulatedNoon.milliseconds + now.milliseconds))
        for answer in bus.receive(request, at: moment) { pacer.add(answer) }
      case .tune: open()
      case .found(let meter): reported.append(meter)
      case .exchanged(let record): records.append(record)
      case .finished: break
      }
    }
  }

  private mutating func open() {
    bus.tuned(to: scan.baud)
    pacer = LinePacer(bus.line, isShared: true)
    scan.opened(now: now)
  }

  /// Secondary address and fabrication number of each slave, sorted.
  var there: [String] {
    bus.slaves.map { slave in
      let number = (slave.meter as? DeliveredMeter)?.fabricationNumber
      return Self.name(slave.meter.identity.bytes, number.map { String($0, radix: 16) })
    }.sorted()
  }

  /// The same of each meter that was found.
  var found: [String] { reported.map { Self.name($0.sender.identity, $0.fabricationNumber) }.sorted() }

  private static func name(_ identity: [UInt8], _ fabricationNumber: String?) -> String {
    "\(MBusAddress.secondary(identity)) \(fabricationNumber ?? "-")"
  }
}
