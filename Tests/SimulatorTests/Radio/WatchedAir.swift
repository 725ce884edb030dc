import Decoders
import Foundation

@testable import Base
@testable import Meters
@testable import Simulator

/// A receiver with many meters, the program's own dialogue and pipelines, and a clock that only moves from one event to the
/// next. Everything that is published is looked at, and nothing is kept that grows.
struct WatchedAir {
  private(set) var simulation: RadioSimulation
  private var dialogue: any Dialogue
  private var pipelines: [MeterPipeline]
  private let serials: [String]
  private(set) var now = Instant(milliseconds: 0)

  // MARK: What was seen

  /// Telegrams published, by meter.
  private(set) var published: [Int]
  /// The last running number, by meter; Kamstrup's have none.
  private var numbers: [Int64]
  /// Publications of another meter, or with a number that is not above the last one.
  private(set) var strange = 0
  private(set) var letters: [String: Int] = [:]
  private(set) var rejected = 0
  private(set) var others: [DialogueOutput] = []

  init(_ model: RadioReceiver.Model, _ settings: RadioSettings, seed: UInt64 = 5) {
    simulation = RadioSimulation(model, settings, seed: seed)
    let meters = simulation.meters.prefix(settings.meters).enumerated().map { index, meter in
      var settings = MeterSettings(
        id: "m\(index)", meterProtocol: .wmbus, source: .serial(path: "/dev/stick"), sourceText: "/dev/stick")
      settings.address = .secondary(Array(meter.identity.bytes.prefix(4)) + [0xFF, 0xFF, 0xFF, 0xFF])
      settings.key = meter.key
      return settings
    }
    let line = ProtocolDescription.wmbus.line
    simulation.tuned(to: line.baud)
    dialogue = DialogueRequest(meters: meters, line: line, network: nil, seed: seed).dialogue
    pipelines = meters.map { MeterPipeline($0, zone: .utc, devices: []) }
    serials = simulation.meters.map(\.identity.serial)
    published = Array(repeating: 0, count: meters.count)
    numbers = Array(repeating: 0, count: meters.count)
    dialogue.opened(now: now)
  }

  mutating func run(for time: Milliseconds) {
    let end = now + time
    hear(simulation.due(at: moment))
    while true {
      carryOut()
      guard let next = [dialogue.deadline, simulation.wakes].compactMap(\.self).min(), next <= end else { break }
      now = max(now, next)
      hear(simulation.due(at: moment))
      dialogue.tick(now: now)
    }
    now = end
  }

  private var moment: SimulatedMoment { SimulatedMoment(now: now, world: world) }
  private var world: WallTime { WallTime(milliseconds: simulatedNoon.milliseconds + now.milliseconds) }

  private mutating func hear(_ transmissions: [Transmission]) {
    for transmission in transmissions { dialogue.received(LineInput(bytes: transmission.bytes), now: now) }
  }

  private mutating func carryOut() {
    for output in dialogue.takeOutputs() {
      switch output {
      case .send(let bytes): hear(simulation.receive(bytes, at: moment))
      case .tune(let line):
        simulation.tuned(to: line.baud)
        dialogue.tuned(true, now: now)
      case .readout(let meter, let frames):
        for output in pipelines[meter].received(frames, now: now, wall: world) { note(output, meter) }
      case .rejected: rejected += 1
      case .news: break
      default: others.append(output)
      }
    }
  }

  private mutating func note(_ output: MeterOutput, _ meter: Int) {
    switch output {
    case .publication(let publication) where publication.isFromTelegram:
      published[meter] += 1
      // The first telegrams without check values do not have a number that is believed.
      let isOther = publication.device.serial.map { $0 != serials[meter] } ?? (published[meter] > 5)
      if publication.device.id != "m\(meter)" || isOther || publication.fields.isEmpty { strange += 1 }
      guard let number = Self.number(publication) else { return }
      if number <= numbers[meter] { strange += 1 }
      numbers[meter] = number
    case .deadLetter(let letter): letters[letter.code, default: 0] += 1
    default: break
    }
  }

  /// The running number in a reading; nil for a meter without one.
  private static func number(_ publication: Publication) -> Int64? {
    publication.fields.first { $0.field.level == "mbus_04_fd08" }.flatMap { Int64($0.payload) }
  }

  /// Whether the running number of each meter that has one was seen.
  var hasNumbers: Bool {
    simulation.meters.indices.prefix(published.count).allSatisfy {
      simulation.meters[$0].model == .compactWater || numbers[$0] > 0
    }
  }

  /// Resident memory of this process in kilobytes.
  static var memory: Int { BRouteWeek.memory }
}
