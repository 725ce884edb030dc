import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import Simulator

/// A session and a simulated dongle, in virtual time.
struct SKSTACKHarness {
  let dongle: SimulatedDongle
  var session: SKSTACKSession
  private(set) var now = Instant(milliseconds: 1_000_000)
  private(set) var outputs: [(at: Instant, output: DialogueOutput)] = []
  private var decoder = ECHONETDecoder()
  /// The newest value of each field.
  private(set) var values: [String: String] = [:]
  private(set) var lastPower: Instant?
  private(set) var longestGap = Milliseconds(0)

  init(
    _ dongle: SimulatedDongle = SimulatedDongle(.still), network: SKSTACKNetwork? = nil, password: Secret? = nil
  ) {
    self.dongle = dongle
    var credentials = dongle.simulation.credentials
    if let password { credentials.password = password }
    session = SKSTACKSession(.init(credentials: credentials, network: network, seed: 1))
    session.opened(now: now)
    carryOut()
  }

  /// A session that knows the network of the meter.
  static func warm(_ dongle: SimulatedDongle = SimulatedDongle(.still)) -> SKSTACKHarness {
    SKSTACKHarness(dongle, network: dongle.simulation.network)
  }

  /// A warm session that has read the meter.
  static func reading(_ dongle: SimulatedDongle = SimulatedDongle(.still)) -> SKSTACKHarness {
    var harness = warm(dongle)
    #expect(harness.run(atMost: .minutes(1)) { $0.values["power"] != nil })
    return harness
  }

  mutating func run(_ time: Milliseconds) {
    let end = now + time
    while let next = [session.deadline, dongle.next].compactMap(\.self).min(), next <= end {
      now = max(now, next)
      step()
    }
    now = end
    step()
  }

  /// Runs until a condition holds; false if it does not within the time.
  mutating func run(atMost time: Milliseconds, until isReached: (SKSTACKHarness) -> Bool) -> Bool {
    let end = now + time
    while !isReached(self) {
      guard let next = [session.deadline, dongle.next].compactMap(\.self).min(), next <= end else { return false }
      now = max(now, next)
      step()
    }
    return true
  }

  private mutating func step() {
    for bytes in dongle.take(now: now) {
      session.received(LineInput(bytes: bytes), now: now)
      carryOut()
    }
    if let deadline = session.deadline, deadline <= now {
      session.tick(now: now)
      carryOut()
    }
  }

  mutating func carryOut() {
    for output in session.takeOutputs() {
      outputs.append((now, output))
      switch output {
      case .send(let bytes): dongle.receive(bytes, now: now)
      case .reopen:
        session.closed(now: now)
        session.opened(now: now)
        carryOut()
      case .readout(_, let frames): for frame in frames { read(frame) }
      default: break
      }
    }
  }

  private mutating func read(_ frame: [UInt8]) {
    var telegrams: [Telegram] = []
    try? decoder.decode(frame.span, into: &telegrams)
    for reading in telegrams.flatMap(\.readings) {
      for field in reading.fields {
        switch field.value {
        case .number(let number): values[reading.topicLevel(field)] = number.description
        case .text(let range): values[reading.topicLevel(field)] = reading.string(range)
        case .time, .absent: continue
        }
        guard field.key.name == .power else { continue }
        if let lastPower { longestGap = max(longestGap, now - lastPower) }
        lastPower = now
      }
    }
  }

  // MARK: What came out

  /// The bytes to the dongle and their times.
  var sent: [(at: Instant, bytes: [UInt8])] {
    outputs.compactMap { if case .send(let bytes) = $0.output { ($0.at, bytes) } else { nil } }
  }
  var frames: [[UInt8]] {
    outputs.flatMap { if case .readout(_, let frames) = $0.output { frames } else { [] as [[UInt8]] } }
  }
  var troubles: [String] {
    outputs.compactMap { if case .news(.trouble(_, let trouble)) = $0.output { trouble.code } else { nil } }
  }
  var rejected: [[UInt8]] {
    outputs.compactMap { if case .rejected(_, let bytes, _) = $0.output { bytes } else { nil } }
  }
  var networks: [SKSTACKNetwork?] {
    outputs.compactMap { if case .news(.network(_, let network)) = $0.output { .some(network) } else { nil } }
  }
  var limits: [Bool] {
    outputs.compactMap { if case .news(.rateLimited(_, let isLimited)) = $0.output { isLimited } else { nil } }
  }
  /// Every change between a weak and a good signal.
  var weakness: [Bool] {
    outputs.compactMap { if case .news(.signalWeakness(_, _, let isWeak)) = $0.output { isWeak } else { nil } }
  }
  var reopens: Int { outputs.count { if case .reopen = $0.output { true } else { false } } }

  /// Everything that leaves the session, except for the bytes to the dongle.
  var told: String {
    var lines: [String] = []
    for output in outputs.map(\.output) {
      switch output {
      case .send: continue
      case .rejected(_, let bytes, let error):
        lines += [String(decoding: bytes, as: UTF8.self), Hexadecimal.text(bytes), error.description]
      case .readout(_, let frames): lines += frames.map { Hexadecimal.text($0) }
      case .news(.trouble(_, let trouble)): lines.append(trouble.description)
      case .news, .noAnswer, .tune, .reopen: lines.append("\(output)")
      }
    }
    return lines.joined(separator: "\n")
  }
}
