internal import Base
internal import Meters
internal import Platform

/// One source of bytes and the dialogue on it, driven by the meter loop: the loop waits for `interest` until `deadline`,
/// calls `service` and takes the events. A source that is lost is tried again for ever. Nothing here blocks.
final class SourceConnection {
  private enum State {
    /// Closed until the next try.
    case waiting(until: Instant)
    /// The transport is opening, or fetches messages by itself.
    case started
    /// The dialogue has the line.
    case open
    case ended
  }

  let address: SourceAddress
  private var transport: any Transport
  private var dialogue: any Dialogue
  private var search: LineSearch
  private var state = State.waiting(until: .past)
  private var backoff: SourceBackoff
  private var events: [SourceEvent] = []

  /// Whether the last event said that the source works.
  private var isAnnounced = false
  /// When a source that has been opened counts as working even though nothing comes in.
  private var announceAt: Instant?
  /// Reasons logged in this outage; absence is one empty reason, whatever its text.
  private var reasons: Set<String> = []
  private var lastTrouble: SourceError?
  private var isSilent = false

  /// Some gateways accept a connection only to close it: what is open must hold for so long, or say something.
  private static let probation = Milliseconds.seconds(2)
  /// The most reasons logged in one outage.
  private static let reasonsTold = 8

  /// A source that is opened by the first call of `service`.
  ///
  /// - Parameters:
  ///   - address: Where the bytes come from.
  ///   - line: For serial ports.
  ///   - others: Line settings to try where nothing fits with the first; empty where they are configured.
  ///   - dialogue: What goes on over the line.
  ///   - lookup: For `tcp` sources whose host is a name.
  ///   - fetcher: For HTTP sources.
  ///   - interval: How often an HTTP source is fetched.
  init(
    _ address: SourceAddress, line: LineSettings, others: [LineSettings] = [], dialogue: any Dialogue,
    lookup: LookupThread?, fetcher: FetchThread? = nil, interval: Milliseconds = HTTPSource.usualInterval
  ) {
    self.address = address
    self.dialogue = dialogue
    search = LineSearch(line, others: address.isSerial ? others : [])
    transport = address.transport(line: line, interval: interval, lookup: lookup, fetcher: fetcher)
    backoff = transport.backoff
  }

  // MARK: For the loop

  /// What to wait for; nil for nothing.
  var interest: PollInterest? { transport.interest }

  /// When `service` has something to do even though nothing came in; nil for never.
  var deadline: Instant? {
    switch state {
    case .waiting(let until): until
    case .started: transport.deadline
    case .open: [transport.deadline, dialogue.deadline, announceAt].compactMap(\.self).min()
    case .ended: nil
    }
  }

  /// Does what is possible and what is due. Reads at most `Limits.readBytes`.
  func service(_ ready: Readiness, now: Instant) {
    switch state {
    case .waiting(let until): if now >= until { start(now: now) }
    case .started: step(now: now) { transport throws(SourceError) in try transport.service(ready, now: now) }
    case .open:
      // Received bytes go first: after a long stop of the program an answer can be older than its deadline.
      step(now: now) { transport throws(SourceError) in try transport.service(ready, now: now) }
      tick(now: now)
    case .ended: break
    }
    forward(now: now)
  }

  /// Reads one meter now; false where its kind pushes.
  func poll(meter: Int, now: Instant) -> Bool {
    if transport.fetch(now: now) { return true }
    let canBePolled = dialogue.poll(meter: meter, now: now)
    forward(now: now)
    return canBePolled
  }

  /// The events since the last call, oldest first.
  func takeEvents() -> [SourceEvent] {
    defer { events.removeAll(keepingCapacity: true) }
    return events
  }

  /// Starts an orderly end. Keep calling `service` until `hasLeft`, then `close`.
  func leave(now: Instant) {
    guard case .open = state else { return }
    dialogue.leave(now: now)
    forward(now: now)
  }

  /// Whether the dialogue has ended and everything is sent.
  var hasLeft: Bool {
    guard case .open = state else { return true }
    return dialogue.hasLeft && transport.hasSentAll
  }

  /// Ends it for good, and frees the port at once.
  func close(now: Instant) {
    if case .open = state { dialogue.closed(now: now) }
    state = .ended
    transport.close()
    forward(now: now)
  }

  // MARK: The transport

  private func start(now: Instant) {
    state = .started
    step(now: now) { transport throws(SourceError) in try transport.open(now: now) }
  }

  private func step(
    now: Instant, _ body: (inout any Transport) throws(SourceError) -> TransportEvent?
  ) {
    do throws(SourceError) {
      if let event = try body(&transport) { handle(event, now: now) }
    } catch {
      lose(error, now: now)
    }
  }

  private func handle(_ event: TransportEvent, now: Instant) {
    switch event {
    case .opened:
      state = .open
      if !isAnnounced { announceAt = now + Self.probation }
      dialogue.opened(now: now)
    case .bytes(let input):
      announce()
      dialogue.received(input, now: now)
    case .message(let bytes):
      announce()
      dialogue.opened(now: now)
      dialogue.received(LineInput(bytes: bytes), now: now)
      dialogue.closed(now: now)
    case .unchanged:
      announce()
      events.append(.unchanged)
    case .ended: end(now: now)
    }
  }

  // MARK: The dialogue

  private func tick(now: Instant) {
    guard case .open = state else { return }
    dialogue.tick(now: now)
    if let announceAt, now >= announceAt { announce() }
  }

  private func send(_ bytes: [UInt8], now: Instant) {
    guard case .open = state else { return }
    do throws(SourceError) { try transport.send(bytes) } catch { lose(error, now: now) }
  }

  private func forward(now: Instant) {
    var outputs = dialogue.takeOutputs()
    while !outputs.isEmpty {
      for output in outputs { carryOut(output, now: now) }
      outputs = dialogue.takeOutputs()
    }
  }

  private func carryOut(_ output: DialogueOutput, now: Instant) {
    switch output {
    case .send(let bytes): send(bytes, now: now)
    case .reopen(let reason): reopen(reason, now: now)
    case .readout:
      isSilent = false
      search.found()
      events.append(.dialogue(output))
    case .rejected(_, let bytes, _):
      events.append(.dialogue(output))
      if search.missed(bytes.count) {
        isSilent = false
        transport.use(search.line)
        reopen("no telegram is recognised; trying the line settings \(search.line)", now: now)
      }
    case .noAnswer, .news: events.append(.dialogue(output))
    }
  }

  // MARK: Coming and going

  private func announce() {
    announceAt = nil
    guard !isAnnounced else { return }
    isAnnounced = true
    reasons = []
    backoff.succeeded()
    events.append(.opened)
  }

  private func lose(_ trouble: SourceError, now: Instant) {
    if case .open = state { dialogue.closed(now: now) }
    transport.close()
    state = .waiting(until: now + backoff.failed(now: now))
    announceAt = nil
    isAnnounced = false
    // A new reason in an outage must last: a port that was just plugged in is forbidden for a moment.
    let isTold = reasons.isEmpty || trouble == lastTrouble
    lastTrouble = trouble
    guard isTold, reasons.count < Self.reasonsTold else { return }
    let isNews = reasons.insert(trouble.isAbsence ? "" : trouble.reason).inserted
    if isNews { events.append(.lost(reason: trouble.reason)) }
  }

  private func reopen(_ reason: String, now: Instant) {
    guard case .open = state, !address.isFile else { return }
    if !isSilent { events.append(.silent(reason: reason)) }
    isSilent = true
    dialogue.closed(now: now)
    // Closed first: a port that is ours alone cannot be opened twice.
    transport.close()
    start(now: now)
  }

  private func end(now: Instant) {
    dialogue.closed(now: now)
    state = .ended
    transport.close()
    announce()
    forward(now: now)
    events.append(.ended)
  }
}
