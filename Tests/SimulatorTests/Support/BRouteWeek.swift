import Decoders
import Foundation
import Glibc
import TestSupport

@testable import Base
@testable import Meters
@testable import Simulator

/// Days of a B-route meter in virtual time: dongle and meter, session, pipeline, and random faults.
///
/// It keeps no growing data, so that a test can watch the memory.
struct BRouteWeek {
  /// The real values of the meter at one time.
  private struct Truth {
    var at: Instant
    /// The power of both phases and the energies, from which the values are made.
    var registers: [Int64]
    var values: [String: String]
  }

  /// A published value that the meter did not have.
  struct Wrong: Equatable, CustomStringConvertible {
    var field: String
    var value: String
    var description: String { "\(field) \(value)" }
  }

  let dongle: SimulatedDongle
  private(set) var now = Instant(milliseconds: 1_000_000)
  private(set) var session: SKSTACKSession
  private var pipeline: MeterPipeline
  private var random: SplitMix64
  private var network: SKSTACKNetwork?
  private var truths: [Truth] = []
  private var faultEnds: (fault: BRouteFault?, at: Instant)?

  // What came out.
  private(set) var readings = 0
  private(set) var scheduled = 0
  private(set) var lastEnergy: Instant?
  private(set) var isLimited = false
  private(set) var wrong: [Wrong] = []
  private(set) var leaks: [String] = []
  private(set) var troubles: [String: Int] = [:]
  private(set) var letters = 0
  private(set) var faults: [String: Int] = [:]
  var harms: Int { faults.values.reduce(0, +) }

  init(_ settings: DongleSettings, interval: Milliseconds, seed: UInt64) {
    dongle = SimulatedDongle(settings, seed: seed)
    random = SplitMix64(seed: seed)
    var meter = MeterSettings(
      id: "broute", meterProtocol: .echonet, source: .serial(path: "/dev/null"), sourceText: "x")
    meter.interval = interval
    meter.bRouteIdentifier = dongle.simulation.credentials.identifier
    meter.password = dongle.simulation.credentials.password
    pipeline = MeterPipeline(meter, zone: .utc, devices: [])
    session = Self.session(dongle, interval, network: nil, seed: seed)
    session.opened(now: now)
    carryOut()
  }

  private static func session(
    _ dongle: SimulatedDongle, _ interval: Milliseconds, network: SKSTACKNetwork?, seed: UInt64
  ) -> SKSTACKSession {
    var settings = SKSTACKSession.Settings(
      credentials: dongle.simulation.credentials, network: network, seed: seed)
    settings.powerInterval = interval
    settings.energyInterval = max(interval, settings.energyInterval)
    return SKSTACKSession(settings)
  }

  // MARK: Time

  /// Runs until a condition holds; false if it does not within the time.
  mutating func run(_ time: Milliseconds, until isReached: (BRouteWeek) -> Bool = { _ in false }) -> Bool {
    let end = now + time
    while !isReached(self) {
      let next = [session.deadline, dongle.next, pipeline.deadline].compactMap(\.self).min()
      guard let next, next <= end else {
        now = end
        step()
        return false
      }
      now = max(now, next)
      step()
    }
    return true
  }

  private mutating func step() {
    for bytes in dongle.take(now: now) {
      note()
      session.received(LineInput(bytes: bytes), now: now)
      carryOut()
    }
    note()
    if let deadline = session.deadline, deadline <= now {
      session.tick(now: now)
      carryOut()
    }
    for output in pipeline.tick(now: now) { take(output) }
  }

  private var wall: WallTime { SimulatedDongle.moment(now).world }

  // MARK: What goes between the parts

  private mutating func carryOut() {
    for output in session.takeOutputs() {
      switch output {
      case .send(let bytes):
        dongle.receive(bytes, now: now)
        note()
      case .reopen(let reason):
        tell(reason)
        session.closed(now: now)
        session.opened(now: now)
        carryOut()
      case .readout(_, let frames): for result in pipeline.received(frames, now: now, wall: wall) { take(result) }
      case .rejected(_, let bytes, let error): take(pipeline.rejected(bytes, error, wall: wall))
      case .noAnswer: pipeline.noAnswer()
      case .tune: break
      case .news(let news): take(news)
      }
    }
  }

  private mutating func take(_ news: DialogueNews) {
    switch news {
    case .trouble(_, let trouble):
      troubles[trouble.code, default: 0] += 1
      pipeline.troubled(by: trouble)
      tell("\(trouble)")
    case .network(_, let network):
      self.network = network
      tell("\(news)")
    case .signalStrength(_, let strength): pipeline.measured(strength)
    case .signalWeakness(_, _, let isWeak): pipeline.weak(isWeak)
    case .rateLimited(_, let isLimited):
      self.isLimited = isLimited
      for result in pipeline.limited(isLimited, wall: wall) { take(result) }
    case .progress(let text): tell(text)
    case .round, .readoutRefused, .keepsSpeed, .line, .interval, .speedFixed, .batteryInterval, .receiver,
      .receiverTrouble, .copy:
      break
    }
  }

  private mutating func take(_ output: MeterOutput) {
    switch output {
    case .publication(let publication): take(publication)
    case .availability: break
    case .telegram(let telegram): tell(Hexadecimal.text(telegram.bytes))
    case .log(_, let text): tell(text)
    case .network, .forward: break
    case .deadLetter(let letter):
      letters += 1
      tell(String(decoding: letter.bytes, as: UTF8.self) + " " + Hexadecimal.text(letter.bytes) + " " + letter.message)
    }
  }

  // MARK: Truth

  /// Records the current values of the meter.
  private mutating func note() {
    // An answer takes its time; what was true half a minute ago may still come.
    let old = truths.prefix { $0.at < now + Milliseconds(-30_000) }.count
    if old > 1 { truths.removeFirst(old - 1) }
    let values = ["power", "current_r", "current_t", "energy_import", "energy_export"]
    let meter = dongle.simulation.meter
    let supply = meter.supply
    let registers = supply.power + [supply.energyImport.count, supply.energyExport.count]
    guard truths.last?.registers != registers else { return }
    func energy(_ wattHours: Int64) -> String { self.energy(meter.count(wattHours)) }
    let data = [
      "\(supply.totalPower)", FixedDecimal(supply.power[0] / 10, exponent: -1).description,
      FixedDecimal(supply.power[1] / 10, exponent: -1).description, energy(supply.energyImport.count),
      energy(supply.energyExport.count),
    ]
    let truth = Dictionary(uniqueKeysWithValues: zip(values, data))
    truths.append(Truth(at: now, registers: registers, values: truth))
  }

  private func energy(_ count: [UInt8]) -> String {
    let number = count.reduce(0) { $0 << 8 | Int64($1) }
    return FixedDecimal(number * (dongle.simulation.settings.profile == .coefficient ? 30 : 1), exponent: -1)
      .description
  }

  private mutating func take(_ publication: Publication) {
    let values = Dictionary(
      publication.fields.map { ($0.field.level, $0.payload) }, uniquingKeysWith: { first, _ in first })
    for (field, value) in values {
      switch field {
      case "power", "current_r", "current_t", "energy_import", "energy_export":
        if !truths.contains(where: { $0.values[field] == value }) { wrong.append(Wrong(field: field, value: value)) }
      case "energy_import_scheduled", "energy_export_scheduled":
        scheduled += 1
        if value != atHalfHour(values["meter_time"] ?? "", field) { wrong.append(Wrong(field: field, value: value)) }
      case "status": if value != "ok" { wrong.append(Wrong(field: field, value: value)) }
      case "signal_strength", "rate_limited", "meter_time": break
      default: wrong.append(Wrong(field: field, value: value))
      }
    }
    if values["energy_import"] != nil { lastEnergy = now }
    if values["power"] != nil { readings += 1 }
    // Checking every reading would take longer than the rest of the test.
    if readings % 50 == 0 { tell(String(decoding: publication.reading ?? [], as: UTF8.self) + "\(publication.device)") }
  }

  /// The register at a full or half hour.
  private func atHalfHour(_ time: String, _ field: String) -> String? {
    let meter = dongle.simulation.meter
    let reading = meter.supply.halfHours.suffix(96).last { reading in
      let japan = SimulatedSupply.time(reading.second)
      let stamp = MeterTime(
        year: japan.year, month: japan.month, day: japan.day, hour: japan.hour, minute: japan.minute, second: 0,
        offset: 540)
      return stamp?.description == time
    }
    return reading.map { energy(meter.count(field == "energy_import_scheduled" ? $0.energyImport : $0.energyExport)) }
  }

  private mutating func tell(_ text: String) {
    let credentials = dongle.simulation.credentials
    if text.tells(credentials.identifier.reveal) || text.tells(credentials.password.reveal) { leaks.append(text) }
  }

  // MARK: Faults

  /// Causes a random fault, which lasts until `heal`, and returns its name.
  mutating func harm() -> String {
    let kind = Int.random(in: 0..<(BRouteFault.allCases.count + 8), using: &random)
    let name: String
    switch kind {
    case BRouteFault.allCases.count...BRouteFault.allCases.count + 1:
      name = kind == BRouteFault.allCases.count ? "port" : "restart"
      session.closed(now: now)
      carryOut()
      if name == "restart" {
        let interval = pipeline.settings.interval ?? .seconds(30)
        session = Self.session(
          dongle, interval, network: network, seed: UInt64.random(in: 0...UInt64.max, using: &random))
      }
      session.opened(now: now)
      carryOut()
    case BRouteFault.allCases.count + 2:
      // A program that died in the middle of a datagram left the module waiting.
      name = "half"
      session.closed(now: now)
      carryOut()
      dongle.receive(
        Array(dongle.sending(Array(repeating: 0x20, count: Int.random(in: 20...1000, using: &random))).dropLast(15)),
        now: now)
      session.opened(now: now)
      carryOut()
    case (BRouteFault.allCases.count + 3)...:
      name = "mixture"
      let faults = BRouteFault.allCases.filter { $0.strikesSending || $0 == .inputError }
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        if let fault = faults.randomElement(using: &random) { dongle.order(fault.rawValue) }
      }
    default:
      let fault = BRouteFault.allCases[kind]
      let count = fault.duration == .once ? Int.random(in: 1...4, using: &random) : 1
      name = fault.rawValue
      dongle.order(count > 1 ? "\(name) \(count)" : name)
    }
    faults[name, default: 0] += 1
    return name
  }

  /// Ends every lasting fault.
  mutating func heal() {
    for fault in BRouteFault.allCases where fault.duration == .lasting { dongle.order("\(fault.rawValue) off") }
  }

  mutating func randomTime(_ range: ClosedRange<Int64>) -> Milliseconds {
    Milliseconds(Int64.random(in: range, using: &random))
  }

  /// The private memory of this process in kB. `ru_maxrss` would start with the value of the parent process.
  static var memory: Int {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
    return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
  }
}
