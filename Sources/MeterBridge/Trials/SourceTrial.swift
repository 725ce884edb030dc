internal import Base
internal import Meters
internal import Platform

/// One source while it is tried, as the daemon would read it, with a trial of each meter behind it.
struct SourceTrial {
  private(set) var meters: [MeterTrial]
  private let connection: SourceConnection
  private let started: Instant
  private let until: Instant
  private var ended: Instant?

  /// - Parameters:
  ///   - settings: the meters of one source, at least one.
  ///   - time: how long it is tried.
  ///   - lookup: for gateways whose host is a name.
  ///   - fetcher: for web pages.
  ///   - now: the time.
  init?(
    _ settings: [MeterSettings], for time: Milliseconds, lookup: LookupThread?, fetcher: FetchThread?, now: Instant
  ) {
    guard
      let connection = SourceConnection(
        for: settings, seed: .random(in: .min ... .max), lookup: lookup, fetcher: fetcher)
    else { return nil }
    self.connection = connection
    meters = settings.map { MeterTrial($0) }
    started = now
    until = now + time
  }

  /// Whether every meter has told a reading or failed, or the time is over.
  var isDone: Bool { ended != nil }
  /// Whether nothing holds its line any more.
  var hasLeft: Bool { connection.hasLeft }
  var interest: PollInterest? { connection.interest }
  var deadline: Instant? { [connection.deadline, isDone ? nil : until].compactMap(\.self).min() }

  /// Does what is possible and what is due.
  mutating func service(_ ready: Readiness, now: Instant) {
    connection.service(ready, now: now)
    for event in connection.takeEvents() where !isDone { handle(event) }
    guard !isDone, now >= until || meters.allSatisfy(\.isSettled) else { return }
    ended = now
    connection.leave(now: now)
  }

  /// Frees the source.
  mutating func close(now: Instant) {
    connection.close(now: now)
    // What only the end of the line completes.
    for event in connection.takeEvents() { handle(event) }
  }

  func verdicts(now: Instant) -> [MeterTrial.Verdict] {
    meters.map { meter in
      let settings = meter.settings
      let line = settings.source.hasLine ? settings.line ?? settings.meterProtocol.line : nil
      return meter.verdict(after: (ended ?? now) - started, on: line)
    }
  }

  private mutating func handle(_ event: SourceEvent) {
    switch event {
    case .opened, .unchanged, .silent: break
    case .finding(let finding): for index in meters.indices { meters[index].doubted("\(finding)") }
    case .warning(let text): for index in meters.indices { meters[index].doubted(text) }
    case .lost(let reason): for index in meters.indices { meters[index].lost(reason) }
    case .ended: for index in meters.indices { meters[index].lost("it was read to its end without a telegram") }
    case .dialogue(let output): handle(output)
    }
  }

  private mutating func handle(_ output: DialogueOutput) {
    switch output {
    case .readout(let meter, let frames): meters[meter].received(frames)
    case .rejected(let meter, let bytes, let error):
      for index in meter.map({ $0...$0 }) ?? 0...meters.count - 1 { meters[index].rejected(bytes, error) }
    case .noAnswer(let meter, let tries, let failure): meters[meter].noAnswer(tries: tries, failure)
    case .news(.trouble(let meter, let trouble)): meters[meter].troubled(by: trouble)
    case .news, .send, .tune, .reopen: break
    }
  }
}

extension [SourceTrial] {
  /// Tries all sources at the same time, until each is done.
  mutating func run() {
    var closing: Instant?
    while true {
      let now = Clock.now()
      if closing == nil, allSatisfy(\.isDone) { closing = now + Limits.leaving }
      if let closing, now >= closing || allSatisfy(\.hasLeft) { break }
      var polled = PollSet()
      let tokens = map { $0.interest.map { polled.add($0) } }
      let next = (compactMap(\.deadline) + (closing.map { [$0] } ?? [])).min()
      polled.wait(atMost: next.map { $0 - now })
      let then = Clock.now()
      for (index, token) in tokens.enumerated() { self[index].service(polled.readiness(of: token), now: then) }
    }
    for index in indices { self[index].close(now: Clock.now()) }
  }
}
