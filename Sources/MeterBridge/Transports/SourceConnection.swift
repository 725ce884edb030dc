internal import Base
internal import Decoders
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
  private var diagnosis: LineDiagnosis?
  /// For the log's bytes.
  private var trace: LineTrace
  private var state = State.waiting(until: .past)
  private var backoff: SourceBackoff
  private var events: [SourceEvent] = []
  private var lastTry = Instant.past

  /// What has been told since the last telegram.
  private var outage = SourceOutage()
  /// Whether the last event said that the source is open.
  private var isAnnounced = false
  /// When a source that has been opened counts as open even though nothing comes in.
  private var announceAt: Instant?
  /// What a gateway has said on this connection; nil once a telegram has come.
  private var words: GatewayWords?
  /// What came before the gateway's port was set up: no bytes of the meter.
  private var early: [UInt8] = []
  private var warnings: Set<String> = []
  private var pace: ReadingPace
  /// Whether the log has told that no telegram comes.
  private var isSilent = false
  /// What came since the last readout.
  private var incoming = Incoming.nothing
  private var toldFinding: LineDiagnosis.Finding?

  /// Some gateways accept a connection only to close it: what is open must hold for so long, or send a telegram.
  private static let probation = Milliseconds.seconds(2)
  /// The most different warnings of a gateway.
  private static let warningsTold = 8

  /// A source that is opened by the first call of `service`.
  ///
  /// - Parameters:
  ///   - address: Where the bytes come from.
  ///   - line: For serial ports, here or in a gateway.
  ///   - others: Line settings to try where nothing fits with the first; empty where they are configured.
  ///   - dialogue: What goes on over the line.
  ///   - diagnosis: Names bytes that give no telegram; nil to leave them unnamed.
  ///   - trace: Writes the bytes for the log; nil for a line without secrets.
  ///   - lookup: For `tcp` sources whose host is a name.
  ///   - fetcher: For HTTP sources.
  ///   - interval: How often an HTTP source is fetched.
  ///   - seed: For the jitter of its pauses.
  init(
    _ address: SourceAddress, line: LineSettings, others: [LineSettings] = [], dialogue: any Dialogue,
    diagnosis: LineDiagnosis? = nil, trace: LineTrace? = nil, lookup: LookupThread?, fetcher: FetchThread? = nil,
    interval: Milliseconds = HTTPSource.usualInterval,
    seed: UInt64 = 0
  ) {
    self.address = address
    self.dialogue = dialogue
    self.diagnosis = diagnosis
    self.trace = trace ?? LineTrace(address.name, credentials: nil)
    search = LineSearch(line, others: address.hasLine ? others : [])
    transport = address.transport(line: line, interval: interval, lookup: lookup, fetcher: fetcher)
    backoff = transport.backoff(seed: seed)
    // A recording is read as fast as it can be, whatever is in it. Clients of a port have a limit each.
    pace = ReadingPace(
      isLimited: !address.isFile && !address.takesConnections, baud: address.hasLine ? line.baud : nil)
  }

  // MARK: For the loop

  /// What to wait for; nil for nothing.
  var interest: PollInterest? {
    if case .open = state, pace.restsUntil != nil, transport.hasSentAll { return nil }
    return transport.interest
  }

  /// When `service` has something to do even though nothing came in; nil for never.
  var deadline: Instant? {
    switch state {
    case .waiting(let until): until
    case .started: transport.deadline
    case .open: [transport.deadline, dialogue.deadline, announceAt, pace.restsUntil].compactMap(\.self).min()
    case .ended: nil
    }
  }

  /// Does what is possible and what is due. Reads at most `Limits.readBytes`.
  func service(_ ready: Readiness, now: Instant) {
    let ready = pace.tick(now: now) ? ready.union(.readable) : ready
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

  /// Takes a whole message that came by another way.
  func deliver(_ message: [UInt8], now: Instant) {
    handle(.message(message), now: now)
    forward(now: now)
  }

  /// Reads one meter now; false where its kind pushes.
  func poll(meter: Int, now: Instant) -> Bool {
    if transport.fetch(now: now) { return true }
    let canBePolled = dialogue.poll(meter: meter, now: now)
    forward(now: now)
    return canBePolled
  }

  /// A telegram of the source could be decoded: it is not only noise.
  func decoded() {
    pace.end()
    transport.decoded()
    diagnosis?.succeeded()
    toldFinding = nil
    search.found()
    isSilent = false
  }

  /// Frames of the source cannot be decoded: they may be of another protocol.
  func undecoded(_ frames: [[UInt8]], now: Instant) {
    for frame in frames { _ = diagnose(frame, DecodeError(.noise, at: 0, found: frame.count), now: now) }
  }

  /// What has happened on an M-Bus; nil for another line.
  var bus: MBusStatistics? { dialogue.bus }

  /// The events since the last call, oldest first.
  func takeEvents() -> [SourceEvent] {
    defer { events = [] }
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
    lastTry = now
    words = GatewayWords()
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
      rejectEarly()
      if !isAnnounced { announceAt = now + Self.probation }
      dialogue.opened(now: now)
    case .bytes(let input): received(input, now: now)
    case .left(let client): dialogue.left(client: client, now: now)
    case .message(let bytes):
      log(bytes, isSent: false)
      works()
      dialogue.opened(now: now)
      dialogue.received(LineInput(bytes: bytes), now: now)
      dialogue.closed(now: now)
    case .unchanged:
      works()
      events.append(.unchanged)
    case .warning(let text): warn(text)
    case .tuned(let refusal):
      if let refusal { warn(refusal) }
      dialogue.tuned(refusal == nil, now: now)
    case .ended: end(now: now)
    }
  }

  private func warn(_ text: String) {
    if warnings.count < Self.warningsTold, warnings.insert(text).inserted { events.append(.warning(text)) }
  }

  private func log(_ bytes: [UInt8], isSent: Bool) {
    // A trace that hides secrets sees all bytes, because a reload may change the level between two halves of a line.
    guard Log.writes(.debug) || trace.hidesSecrets else { return }
    let lines = isSent ? trace.sent(bytes) : trace.received(bytes)
    for line in lines { Log.write(.debug, line) }
  }

  private func received(_ input: LineInput, now: Instant) {
    log(input.bytes, isSent: false)
    diagnosis?.heard(input.bytes)
    if address.isSocket, !address.isListening { words?.append(input.bytes) } else { works() }
    guard case .started = state else {
      dialogue.received(input, now: now)
      // One datagram is read at a time, and those that come by themselves are lost where too many lie.
      let canWait = dialogue.canWait && !address.isDatagram && !address.isListening
      return pace.received(input.bytes.count, canWait: canWait, now: now)
    }
    pace.received(input.bytes.count, now: now)
    early += input.bytes
    if early.count >= Limits.frameBytes { rejectEarly() }
  }

  private func rejectEarly() {
    guard !early.isEmpty else { return }
    let error = DecodeError(.noise, at: 0, found: early.count)
    events.append(.dialogue(.rejected(meter: nil, bytes: early, error: error)))
    early = []
  }

  // MARK: The dialogue

  private func tick(now: Instant) {
    guard case .open = state else { return }
    dialogue.tick(now: now)
    if let announceAt, now >= announceAt { holds() }
  }

  private func send(_ bytes: [UInt8], now: Instant) {
    guard case .open = state else { return }
    log(bytes, isSent: true)
    do throws(SourceError) { try transport.send(bytes, now: now) } catch { lose(error, now: now) }
  }

  private func tune(_ line: LineSettings, now: Instant) {
    guard case .open = state else { return }
    Log.write(.debug, "\(address.name): line settings \(line)")
    if !transport.tune(line, now: now) { handle(.tuned(refusal: address.fixedLine), now: now) }
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
    case .tune(let line): tune(line, now: now)
    case .reopen(let reason): reopen(reason, now: now)
    case .readout:
      words = nil
      // A telegram that the end of a connection completes comes too late to call the source open.
      if case .open = state { works() } else { backoff.succeeded() }
      incoming = .nothing
      // Noise may look like a frame: only a decoded one ends the search.
      search.fits()
      events.append(.dialogue(output))
    case .rejected(_, let bytes, let error):
      events.append(.dialogue(output))
      if diagnose(bytes, error, now: now) {
        incoming = .damagedTelegrams
        search.fits()
      } else {
        if incoming == .nothing { incoming = .noise }
        tryOtherLine(after: bytes.count, now: now)
      }
    case .noAnswer, .news: events.append(.dialogue(output))
    }
  }

  // MARK: Bytes that give no telegram

  /// Whether bytes are telegrams at all, damaged or of another protocol: then the line settings are right.
  private func diagnose(_ bytes: [UInt8], _ error: DecodeError, now: Instant) -> Bool {
    guard let finding = diagnosis?.rejected(bytes, error, now: now) else { return false }
    if finding != .damaged, finding != toldFinding {
      toldFinding = finding
      events.append(.finding(finding))
    }
    return true
  }

  private func tryOtherLine(after count: Int, now: Instant) {
    guard search.missed(count, now: now) else { return }
    transport.use(search.line)
    if let notice = search.notice(now: now) { events.append(.warning("\(address.name): \(notice)")) }
    isSilent = true
    openAgain(now: now)
  }

  // MARK: Coming and going

  /// Open for a while. For a gateway that does not mean much.
  private func holds() {
    guard address.isSocket, !address.isListening else { return works() }
    announceAt = nil
    if !isAnnounced, outage.tellsOpening() { announce() }
  }

  /// A telegram came, or a byte of a line that is not a gateway's: an outage is over.
  private func works() {
    announceAt = nil
    if !isAnnounced { announce() }
    outage = SourceOutage()
    backoff.succeeded()
  }

  private func announce() {
    isAnnounced = true
    events.append(.opened)
  }

  private func lose(_ trouble: SourceError, now: Instant) {
    if case .open = state { dialogue.closed(now: now) }
    rejectEarly()
    transport.close()
    let wasBrief = now - lastTry < Self.probation
    let isClosing = address.isSocket && !address.isDatagram && !address.isListening && trouble == address.loss
    let trouble = isClosing ? words?.trouble(with: address.name, wasBrief: wasBrief) ?? trouble : trouble
    state = .waiting(until: backoff.failed(lastTry: lastTry, now: now))
    announceAt = nil
    guard outage.tells(trouble) else { return }
    isAnnounced = false
    events.append(.lost(reason: trouble.reason))
  }

  private func reopen(_ reason: String, now: Instant) {
    guard case .open = state, !address.isFile else { return }
    if !isSilent, toldFinding == nil { events.append(.silent(reason: reason, incoming)) }
    isSilent = true
    // Clients that are silent for hours stay connected.
    if !address.isListening { openAgain(now: now) }
  }

  private func openAgain(now: Instant) {
    guard case .open = state, !address.isFile else { return }
    dialogue.closed(now: now)
    // Closed first: a port that is ours alone cannot be opened twice.
    transport.close()
    start(now: now)
  }

  private func end(now: Instant) {
    dialogue.closed(now: now)
    state = .ended
    transport.close()
    works()
    forward(now: now)
    events.append(.ended)
  }
}
