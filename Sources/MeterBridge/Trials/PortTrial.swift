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
    case noise(LineDiagnosis.Finding)
    /// The source cannot be read.
    case failed(String)
  }

  let address: SourceAddress
  private(set) var result: Result?
  /// What was heard with which settings.
  private(set) var walk: LineWalk
  private var transport: any Transport

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
    let tried = address.hasLine ? lines : Array(lines.prefix(1))
    walk = LineWalk(tried, candidates: candidates, time: time, now: now)
    transport = address.transport(
      line: lines[0], interval: HTTPSource.usualInterval, lookup: lookup, fetcher: fetcher)
    open(now: now)
  }

  var interest: PollInterest? { result == nil ? transport.interest : nil }
  var deadline: Instant? { result == nil ? [walk.deadline, transport.deadline].compactMap(\.self).min() : nil }

  /// Does what is possible and what is due.
  mutating func service(_ ready: Readiness, now: Instant) {
    guard result == nil else { return }
    do throws(SourceError) {
      switch try transport.service(ready, now: now) {
      case .bytes(let input): walk.received(input, now: now)
      case .message(let bytes): walk.received(LineInput(bytes: bytes), now: now)
      case .ended: walk.ended(now: now)
      case .opened, .left, .unchanged, .warning, .tuned, nil: break
      }
    } catch {
      return end(.failed(error.reason))
    }
    switch walk.tick(now: now) {
    case nil: break
    case .found(let finding): end(.found(finding, walk.line))
    case .ended: end(LineDiagnosis.Finding(walk.heard).map { .noise($0) } ?? .silence)
    case .use(let line):
      transport.close()
      transport.use(line)
      open(now: now)
    }
  }

  /// Frees the source before there is a result.
  mutating func stop() { transport.close() }

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
