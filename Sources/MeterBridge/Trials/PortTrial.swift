internal import Base
internal import Meters
internal import Platform

/// Listens to one source until it finds a telegram: to a serial port with each of some line settings in turn.
struct PortTrial {
  enum Result: Equatable {
    /// A telegram, and the settings of the port it came with.
    case found(TelegramTrial.Finding, LineSettings)
    /// Not a byte, whatever the settings.
    case silence
    /// Bytes without a telegram.
    case noise(bytes: Int)
    /// The source cannot be read.
    case failed(String)
  }

  let address: SourceAddress
  private(set) var result: Result?
  /// The settings that are tried now.
  private(set) var line: LineSettings
  private var others: ArraySlice<LineSettings>
  private let time: Milliseconds
  private var until: Instant
  private var transport: any Transport
  private(set) var telegrams: TelegramTrial
  private let candidates: [ProtocolDescription]
  private var noise = 0
  private var lookAt: Instant?

  /// The silence behind a telegram, or the time after which a stream without a pause is looked at.
  private static let pause = Milliseconds(500)

  /// The protocols whose meters push, and each of their line settings once.
  static let pushing = ProtocolDescription.all.filter { $0.dialogue == nil }
  static let lines: [LineSettings] = pushing.flatMap { [$0.line] + $0.otherLines }.reduce(into: []) { lines, line in
    if !lines.contains(line) { lines.append(line) }
  }

  /// - Parameters:
  ///   - address: the source.
  ///   - lines: the settings to try, at least one.
  ///   - candidates: the protocols to look for.
  ///   - time: how long to listen with each.
  ///   - lookup: for gateways whose host is a name.
  ///   - fetcher: for web pages.
  ///   - now: the time.
  init(
    _ address: SourceAddress, lines: [LineSettings] = lines, candidates: [ProtocolDescription] = pushing,
    time: Milliseconds, lookup: LookupThread? = nil, fetcher: FetchThread? = nil, now: Instant
  ) {
    self.address = address
    line = lines[0]
    others = address.hasLine ? lines.dropFirst() : []
    self.candidates = candidates
    self.time = time
    until = now + time
    transport = address.transport(
      line: lines[0], interval: HTTPSource.usualInterval, lookup: lookup, fetcher: fetcher)
    telegrams = TelegramTrial(candidates)
    open(now: now)
  }

  var interest: PollInterest? { result == nil ? transport.interest : nil }
  var deadline: Instant? { result == nil ? [until, lookAt, transport.deadline].compactMap(\.self).min() : nil }

  /// Does what is possible and what is due.
  mutating func service(_ ready: Readiness, now: Instant) {
    guard result == nil else { return }
    do throws(SourceError) {
      switch try transport.service(ready, now: now) {
      case .bytes(let input): take(input, now: now)
      case .message(let bytes): take(LineInput(bytes: bytes), now: now)
      case .ended: until = now
      case .opened, .unchanged, .warning, nil: break
      }
    } catch {
      return end(.failed(error.reason))
    }
    if let lookAt, now >= lookAt { look() }
    if result == nil, now >= until { next(now: now) }
  }

  private mutating func take(_ input: LineInput, now: Instant) {
    telegrams.append(input)
    lookAt = lookAt ?? now + Self.pause
  }

  private mutating func look() {
    lookAt = nil
    if let finding = telegrams.look() { end(.found(finding, line)) }
  }

  private mutating func next(now: Instant) {
    look()
    guard result == nil else { return }
    noise += telegrams.count
    // A meter that sends is heard with any settings, only not understood.
    guard noise > 0 else { return end(.silence) }
    guard let other = others.popFirst() else { return end(.noise(bytes: noise)) }
    line = other
    until = now + time
    telegrams = TelegramTrial(candidates)
    transport.close()
    transport.use(other)
    open(now: now)
  }

  private mutating func open(now: Instant) {
    do throws(SourceError) { _ = try transport.open(now: now) } catch { end(.failed(error.reason)) }
  }

  private mutating func end(_ result: Result) {
    self.result = result
    transport.close()
  }
}

extension [PortTrial] {
  /// Listens on all ports at the same time, until each has a result.
  mutating func run() {
    while !allSatisfy({ $0.result != nil }) {
      var polled = PollSet()
      let tokens = map { $0.interest.map { polled.add($0) } }
      polled.wait(atMost: compactMap(\.deadline).min().map { $0 - Clock.now() })
      for (index, token) in tokens.enumerated() {
        self[index].service(polled.readiness(of: token), now: Clock.now())
      }
    }
  }
}
