internal import Base
internal import Meters
internal import Platform

/// Fetches a resource of a web server again and again, and delivers the telegram in it.
struct HTTPTransport: Transport {
  private enum State {
    case closed
    case fetching(Mailbox<FetchThread.Answer>, until: Instant)
    case idle(until: Instant)
  }

  private let source: HTTPSource
  private let interval: Milliseconds
  private let fetcher: FetchThread?
  private var state = State.closed
  private var due = Instant.past
  private var asked = AskedReadouts()
  /// The last body: resources are often fetched more often than they change.
  private var lastTelegram: [UInt8]?
  /// Whether the next failure is tried again at once: small web servers drop a request now and then, which is not yet
  /// an outage.
  private var isForgiving = false

  /// - Parameters:
  ///   - source: What is fetched.
  ///   - interval: How often.
  ///   - fetcher: Fetches it; without it the source is always lost.
  init(_ source: HTTPSource, interval: Milliseconds, fetcher: FetchThread?) {
    self.source = source
    self.interval = interval
    self.fetcher = fetcher
  }

  func backoff(seed: UInt64) -> SourceBackoff {
    SourceBackoff(quickest: interval, slowest: Limits.reconnecting, seed: seed)
  }

  var interest: PollInterest? {
    guard case .fetching(let answers, _) = state else { return nil }
    return PollInterest(descriptor: answers.descriptor, readiness: .readable)
  }

  var deadline: Instant? {
    switch state {
    case .closed: nil
    case .fetching(_, let until), .idle(let until): until
    }
  }

  mutating func open(now: Instant) throws(SourceError) -> TransportEvent? {
    guard let answers = fetcher?.fetch(source.url) else {
      throw SourceError("\(source.shown) cannot be fetched: too many pages are under way")
    }
    due = now + interval
    // The fetch thread gives up sooner, unless it is stuck itself.
    state = .fetching(answers, until: now + Limits.fetching + Limits.connecting)
    return nil
  }

  mutating func service(_ ready: Readiness, now: Instant) throws(SourceError) -> TransportEvent? {
    switch state {
    case .closed: return nil
    case .idle(let until): return now >= until ? try open(now: now) : nil
    case .fetching(let answers, let until):
      if let answer = answers.takeAll().last { return try take(answer, now: now) }
      return now >= until ? try take(.failed(.timedOut), now: now) : nil
    }
  }

  mutating func fetch(now: Instant) -> Bool {
    if case .idle(let until) = state, until > now, asked.take(interval: interval, now: now) {
      state = .idle(until: now)
    }
    return true
  }

  mutating func close() {
    state = .closed
    isForgiving = false
  }

  private mutating func take(_ answer: FetchThread.Answer, now: Instant) throws(SourceError) -> TransportEvent? {
    do throws(SourceError) {
      let telegram = try telegram(of: answer)
      state = .idle(until: max(due, now))
      isForgiving = true
      guard telegram != lastTelegram else { return .unchanged }
      lastTelegram = telegram
      return .message(telegram)
    } catch {
      guard isForgiving else { throw error }
      isForgiving = false
      state = .idle(until: now + Limits.reopening)
      return nil
    }
  }

  private func telegram(of answer: FetchThread.Answer) throws(SourceError) -> [UInt8] {
    switch answer {
    case .body(let body): try HTTPBody.telegram(in: body, of: source.shown)
    case .failed(let failure): throw failure.trouble(with: source)
    }
  }
}
