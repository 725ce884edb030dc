import Decoders
import Glibc
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform

/// A port with a meter on the B-route, in virtual time. The real connection and pipeline run on a pty, and a simulated
/// dongle is at its other end.
final class SerialDongleHarness {
  let dongle: SimulatedDongle
  private let cable: TestPort
  private var port: Port
  private(set) var now = Instant(milliseconds: 1_000_000)
  private(set) var publications: [Publication] = []
  private(set) var telegrams: [ReceivedTelegram] = []
  private(set) var availability: [Bool] = []
  private(set) var letters: [DeadLetter] = []
  private(set) var logs: [(level: LogLevel, text: String)] = []
  private(set) var networks: [KnownNetwork?] = []

  static func settings(
    _ source: SourceAddress = .standardInput, _ change: (inout MeterSettings) -> Void = { _ in }
  ) -> MeterSettings {
    var settings = MeterSettings(id: "broute", meterProtocol: .echonet, source: source, sourceText: "dongle")
    settings.bRouteIdentifier = SimulatedDongle.credentials.identifier
    settings.password = SimulatedDongle.credentials.password
    change(&settings)
    return settings
  }

  init(
    _ dongle: SimulatedDongle = SimulatedDongle(.still), network: KnownNetwork? = nil,
    _ change: (inout MeterSettings) -> Void = { _ in }
  ) throws {
    self.dongle = dongle
    cable = try TestPort()
    let settings = Self.settings(.serial(path: cable.path), change)
    guard
      let port = Port(
        [settings], devices: [], frameCounters: FrameCounters(), totals: GuardedTotals(), network: network, seed: 1,
        lookup: nil, fetcher: nil)
    else { throw Failure(what: "no port") }
    self.port = port
  }

  var counters: MeterPipeline.Counters { port.pipelines[0].counters }
  var hasLeft: Bool { port.connection.hasLeft }

  /// Runs until a condition holds; false if it does not within the time.
  func run(atMost time: Milliseconds, until isReached: (SerialDongleHarness) -> Bool) -> Bool {
    let end = now + time
    while !isReached(self) {
      if move() { continue }
      guard let next = [port.deadline, dongle.next].compactMap(\.self).min(), next <= end else { return false }
      now = max(now, next)
      serve([])
    }
    return true
  }

  func run(_ time: Milliseconds) {
    let end = now + time
    _ = run(atMost: time) { _ in false }
    now = end
    serve([])
    while move() {}
  }

  func leave() {
    take(port.leave(now: now, wall: wall))
    while move() {}
  }

  func unplug() {
    cable.unplug()
    // The other end notices it with a delay.
    awaitBytes(at: port.connection.pollDescriptor)
    serve(.failed)
  }

  // MARK: Bytes

  /// Carries bytes in both directions; false if there were none.
  private func move() -> Bool {
    let pieces = dongle.take(now: now)
    for piece in pieces {
      cable.write(piece)
      // A pty delivers bytes with a delay.
      awaitBytes(at: port.connection.pollDescriptor)
      serve(.readable)
    }
    let sent = cable.readAll()
    if !sent.isEmpty { dongle.receive(sent, now: now) }
    return !sent.isEmpty || !pieces.isEmpty
  }

  private func serve(_ ready: Readiness) { take(port.service(ready, now: now, wall: wall)) }

  private var wall: WallTime { WallTime(milliseconds: 1_795_172_401_250 + now.milliseconds) }

  private func take(_ outputs: [MeterOutput]) {
    for output in outputs {
      switch output {
      case .log(let level, let text): logs.append((level, text))
      case .network(_, let network): networks.append(network)
      case .publication(let publication): publications.append(publication)
      case .telegram(let telegram): telegrams.append(telegram)
      case .availability(_, let isOnline): availability.append(isOnline)
      case .deadLetter(let letter): letters.append(letter)
      case .forward: break
      }
    }
  }

  // MARK: What came out

  /// The newest payload of each topic.
  var values: [String: String] {
    Dictionary(publications.flatMap(\.fields).map { ($0.field.level, $0.payload) }, uniquingKeysWith: { $1 })
  }

  var readings: [String] { publications.compactMap(\.reading).map { String(decoding: $0, as: UTF8.self) } }

  /// Everything that a user or another program could see.
  var told: String {
    let entries = letters.map { letter in
      var numbering = DeadLetterNumbering(after: nil)
      return String(
        decoding: DeadLetterEntry(id: numbering.next(at: letter.time), letter: letter).line(), as: UTF8.self)
    }
    let shown = letters.map(\.bytes) + telegrams.map(\.bytes)
    let texts = entries + shown.flatMap { [String(decoding: $0, as: UTF8.self), Hexadecimal.text($0)] }
    let files = networks.compactMap(\.self).map { String(decoding: $0.encoded(), as: UTF8.self) }
    let topics = publications.flatMap(\.fields).map(\.payload) + publications.map { "\($0.device)" }
    let errors = counters.errors.keys.sorted()
    return (errors + logs.map(\.text) + readings + texts + files + topics).joined(separator: "\n")
  }
}
