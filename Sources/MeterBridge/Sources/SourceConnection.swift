internal import Glibc

/// One source of bytes and the dialogue on it, driven by the meter loop: the loop waits on `pollDescriptor` until
/// `deadline`, calls `service` and takes the events. A source that is lost is tried again for ever. Nothing here blocks.
final class SourceConnection {
  private enum State {
    case waiting(until: Instant)
    case resolving(Mailbox<LookupThread.Answer>)
    case connecting(Descriptor, others: ArraySlice<SocketAddress>, until: Instant)
    case open(Descriptor)
    case fetching(Mailbox<FetchThread.Answer>, until: Instant)
    case ended
  }

  let address: SourceAddress
  private var search: LineSearch
  private let lookup: LookupThread?
  private let fetcher: FetchThread?
  private let interval: Milliseconds
  private var dialogue: any Dialogue
  private var state = State.waiting(until: Instant(milliseconds: 0))
  private var marks: ParityMarks
  private var pace: ReconnectPace
  private var unsent: [UInt8] = []
  private var buffer = [UInt8](repeating: 0, count: Limits.readBytes)
  private var events: [SourceEvent] = []

  /// The last thing said about the source was that it works.
  private var isAnnounced = false
  /// When a source that has been opened counts as working even though nothing is heard.
  private var announceAt: Instant?
  /// Reasons said in this outage; an empty one for absence, in whatever words.
  private var reasons: Set<String> = []
  private var lastTrouble: SourceError?
  private var isSilent = false

  /// The telegram of the last page, as it came; pages are often fetched sooner than they change.
  private var lastTelegram: [UInt8]?
  /// When the page is due again.
  private var pageDue = Instant(milliseconds: 0)
  /// A page has failed once. Small web servers drop a request now and then, and that is not yet an outage.
  private var isDoubtful = false

  /// Some gateways accept a connection only to close it: what is open must hold for so long, or say something.
  private static let probation = Milliseconds.seconds(2)
  /// Different reasons told in one outage.
  private static let reasonsTold = 8

  /// A source that is opened by the first call of `service`.
  ///
  /// - Parameters:
  ///   - address: Where the bytes come from.
  ///   - line: For serial ports.
  ///   - others: Line settings to try where nothing fits with the first; none where they are configured.
  ///   - dialogue: What goes on over the line.
  ///   - lookup: For `tcp` sources whose host is a name.
  ///   - fetcher: For pages.
  ///   - interval: How often a page is fetched.
  init(
    _ address: SourceAddress, line: LineSettings, others: [LineSettings] = [], dialogue: any Dialogue,
    lookup: LookupThread?, fetcher: FetchThread? = nil, interval: Milliseconds = WebPage.usualInterval
  ) {
    self.address = address
    search = LineSearch(line, others: others)
    self.dialogue = dialogue
    self.lookup = lookup
    marks = ParityMarks(dataBits: search.line.dataBits)
    self.fetcher = fetcher
    self.interval = interval
    pace =
      switch address {
      case .page: ReconnectPace(quickest: interval, slowest: Limits.reconnecting)
      case .tcp: ReconnectPace(slowest: Limits.reconnecting)
      case .serial, .file, .standardInput: ReconnectPace(slowest: Limits.reopening)
      }
  }

  // MARK: For the loop

  /// What to wait on; -1, which `poll` passes over, for nothing.
  var pollDescriptor: Int32 {
    switch state {
    case .waiting, .ended: -1
    case .resolving(let answers): answers.descriptor
    case .fetching(let answers, _): answers.descriptor
    case .connecting(let descriptor, _, _), .open(let descriptor): descriptor.raw
    }
  }

  var pollEvents: Int16 {
    switch state {
    case .waiting, .ended: 0
    case .resolving, .fetching: Int16(POLLIN)
    case .connecting: Int16(POLLOUT)
    case .open: unsent.isEmpty ? Int16(POLLIN) : Int16(POLLIN | POLLOUT)
    }
  }

  /// When `service` has something to do even though nothing came in; nil for never.
  var deadline: Instant? {
    switch state {
    case .waiting(let until), .connecting(_, _, let until), .fetching(_, let until): until
    case .resolving, .ended: nil
    case .open: [dialogue.deadline, announceAt].compactMap(\.self).min()
    }
  }

  /// Does what `poll` has reported and what is due. Reads at most `Limits.readBytes`.
  func service(_ reported: Int16, now: Instant) {
    switch state {
    case .waiting(let until): if now >= until { open(now: now) }
    case .resolving(let answers): if let answer = answers.takeAll().last { resolved(answer, now: now) }
    case .connecting(let descriptor, let others, let until):
      let isDone = reported & Int16(POLLOUT | POLLERR | POLLHUP) != 0
      guard isDone || now >= until else { return }
      let code = isDone ? TCPSocket.outcome(of: descriptor) : ETIMEDOUT
      if code == 0 { opened(descriptor, now: now) } else { connect(others, last: code, now: now) }
    case .open(let descriptor): serve(descriptor, reported, now: now)
    case .fetching(let answers, let until):
      if let answer = answers.takeAll().last {
        fetched(answer, now: now)
      } else if now >= until {
        fetched(.failed(.timedOut), now: now)
      }
    case .ended: break
    }
    forward(now: now)
  }

  /// Reads one meter now; false where its kind speaks by itself.
  func poll(meter: Int, now: Instant) -> Bool {
    if case .page = address {
      if isAnnounced, case .waiting = state { state = .waiting(until: now) }
      return true
    }
    let canBeAsked = dialogue.poll(meter: meter, now: now)
    forward(now: now)
    return canBeAsked
  }

  /// The events since the last call, oldest first.
  func takeEvents() -> [SourceEvent] {
    defer { events.removeAll(keepingCapacity: true) }
    return events
  }

  /// Says goodbye where there is somebody to say it to. Until `hasLeft` it is to be served, then closed.
  func leave(now: Instant) {
    guard case .open = state else { return }
    dialogue.leave(now: now)
    forward(now: now)
  }

  /// Nothing is left to be said.
  var hasLeft: Bool {
    guard case .open = state else { return true }
    return dialogue.hasLeft && unsent.isEmpty
  }

  /// Ends it for good, and frees the port at once.
  func close(now: Instant) {
    if case .open = state { dialogue.closed(now: now) }
    state = .ended
    forward(now: now)
  }

  // MARK: Opening

  private func open(now: Instant) {
    do throws(SourceError) {
      switch address {
      case .serial(let path): opened(try SerialPort.open(path, search.line), now: now)
      case .file(let path): opened(try InputFile.open(path), now: now)
      case .standardInput: opened(try InputFile.standardInput(), now: now)
      case .tcp(let host, let port): try lookUp(host, port, now: now)
      case .page(let page): try fetch(page, now: now)
      }
    } catch {
      lose(error, now: now)
    }
  }

  private func lookUp(_ host: String, _ port: UInt16, now: Instant) throws(SourceError) {
    if case .found(let addresses) = LookupThread.lookUp(host, port, isNumeric: true) {
      return connect(addresses[...], last: 0, now: now)
    }
    guard let answers = lookup?.ask(host, port) else {
      throw SourceError("cannot look up \(host): too many look-ups are waiting")
    }
    state = .resolving(answers)
  }

  private func resolved(_ answer: LookupThread.Answer, now: Instant) {
    switch answer {
    case .found(let addresses): connect(addresses[...], last: 0, now: now)
    case .failed(let reason):
      guard case .tcp(let host, _) = address else { return }
      lose(SourceError("cannot look up \(host): \(reason)"), now: now)
    }
  }

  /// Tries the addresses of a name one after the other.
  private func connect(_ addresses: ArraySlice<SocketAddress>, last code: Int32, now: Instant) {
    var code = code
    var others = addresses
    while let next = others.popFirst() {
      do throws(TCPSocket.Errno) {
        let descriptor = try TCPSocket.connect(to: next)
        state = .connecting(descriptor, others: others, until: now + Limits.connecting)
        return
      } catch {
        code = error.code
      }
    }
    guard case .tcp(let host, let port) = address else { return }
    lose(SourceError(TCPSocket.trouble(host, port, code)), now: now)
  }

  private func opened(_ descriptor: Descriptor, now: Instant) {
    guard DescriptorLimit.leavesRoom(behind: descriptor.raw) else {
      descriptor.close()
      let advice = "raise the limit (LimitNOFILE= of the service, ulimit -n)"
      return lose(SourceError("\(address.name) stays closed: too many files are open; \(advice)"), now: now)
    }
    state = .open(descriptor)
    marks = ParityMarks(dataBits: address.isSerial ? search.line.dataBits : 8)
    unsent = []
    if !isAnnounced { announceAt = now + Self.probation }
    dialogue.opened(now: now)
  }

  // MARK: Pages

  private func fetch(_ page: WebPage, now: Instant) throws(SourceError) {
    guard let answers = fetcher?.fetch(page.url) else {
      throw SourceError("\(page.shown) cannot be fetched: too many pages are under way")
    }
    pageDue = now + interval
    // The fetch thread gives up sooner, unless it is stuck itself.
    state = .fetching(answers, until: now + Limits.fetching + Limits.connecting)
  }

  private func fetched(_ answer: FetchThread.Answer, now: Instant) {
    guard case .page(let page) = address else { return }
    do throws(SourceError) {
      guard case .page(let content) = answer else {
        if case .failed(let failure) = answer { throw failure.trouble(with: page) }
        return
      }
      take(try PageContent.telegram(in: content, of: page.shown), now: now)
    } catch {
      if isAnnounced, !isDoubtful {
        isDoubtful = true
        state = .waiting(until: now + Limits.reopening)
      } else {
        lose(error, now: now)
      }
    }
  }

  /// What the page holds, whole: nothing more of it will come.
  private func take(_ telegram: [UInt8], now: Instant) {
    state = .waiting(until: max(pageDue, now))
    isDoubtful = false
    announce()
    guard telegram != lastTelegram else { return events.append(.unchanged) }
    lastTelegram = telegram
    dialogue.opened(now: now)
    dialogue.received(LineInput(bytes: telegram), now: now)
    dialogue.closed(now: now)
  }

  // MARK: Open

  private func serve(_ descriptor: Descriptor, _ reported: Int16, now: Instant) {
    if reported & Int16(POLLNVAL) != 0 { return lose(address.farewell, now: now) }
    if reported & Int16(POLLOUT) != 0 { flush(descriptor, now: now) }
    // What has come in goes first: after a long stop of the program an answer can be older than its deadline.
    if reported & Int16(POLLIN | POLLHUP | POLLERR) != 0 { read(descriptor, reported, now: now) }
    guard case .open = state else { return }
    dialogue.tick(now: now)
    if let announceAt, now >= announceAt { announce() }
  }

  private func read(_ descriptor: Descriptor, _ reported: Int16, now: Instant) {
    let count = unsafe Glibc.read(descriptor.raw, &buffer, buffer.count)
    if count > 0 {
      let bytes = Array(buffer[..<count])
      announce()
      dialogue.received(address.isSerial ? marks.decode(bytes) : LineInput(bytes: bytes), now: now)
      return
    }
    let isNothing = count < 0 && (errno == EAGAIN || errno == EINTR)
    if isNothing, reported & Int16(POLLHUP | POLLERR) == 0 { return }
    if count == 0, address.isFile { return end(now: now) }
    lose(address.farewell, now: now)
  }

  private func send(_ bytes: [UInt8], now: Instant) {
    guard case .open(let descriptor) = state else { return }
    unsent += bytes
    flush(descriptor, now: now)
    if unsent.count > Limits.unsentBytes { lose(SourceError("\(address.name) takes no more bytes"), now: now) }
  }

  private func flush(_ descriptor: Descriptor, now: Instant) {
    guard !unsent.isEmpty else { return }
    let count =
      address.isSocket
      ? unsafe Glibc.send(descriptor.raw, unsent, unsent.count, Int32(MSG_NOSIGNAL))
      : unsafe Glibc.write(descriptor.raw, unsent, unsent.count)
    if count > 0 { return unsent.removeFirst(count) }
    if count < 0, errno != EAGAIN, errno != EINTR { lose(address.farewell, now: now) }
  }

  private func forward(now: Instant) {
    var outputs = dialogue.takeOutputs()
    while !outputs.isEmpty {
      for output in outputs {
        switch output {
        case .send(let bytes): send(bytes, now: now)
        case .readout(let meter, let frames):
          isSilent = false
          search.found()
          events.append(.readout(meter: meter, frames: frames))
        case .rejected(let meter, let bytes, let error):
          events.append(.rejected(meter: meter, bytes: bytes, error: error))
          if address.isSerial, search.missed(bytes.count) {
            isSilent = false
            reopen("no telegram can be made out; trying the line settings \(search.line)", now: now)
          }
        case .noAnswer(let meter, let tries): events.append(.noAnswer(meter: meter, tries: tries))
        case .reopen(let reason): reopen(reason, now: now)
        case .news(let news): events.append(.news(news))
        }
      }
      outputs = dialogue.takeOutputs()
    }
  }

  // MARK: Coming and going

  private func announce() {
    announceAt = nil
    guard !isAnnounced else { return }
    isAnnounced = true
    reasons = []
    pace.succeeded()
    events.append(.opened)
  }

  private func lose(_ trouble: SourceError, now: Instant) {
    if case .open = state { dialogue.closed(now: now) }
    state = .waiting(until: now + pace.failed(now: now))
    announceAt = nil
    isAnnounced = false
    // What comes up in the middle of an outage must last: a port that was just plugged in is forbidden for a moment.
    let isTold = reasons.isEmpty || trouble == lastTrouble
    lastTrouble = trouble
    guard isTold, reasons.count < Self.reasonsTold else { return }
    let isNews = reasons.insert(trouble.isAbsence ? "" : trouble.reason).inserted
    if isNews { events.append(.lost(reason: trouble.reason)) }
  }

  private func reopen(_ reason: String, now: Instant) {
    guard case .open(let descriptor) = state, !address.isFile else { return }
    if !isSilent { events.append(.silent(reason: reason)) }
    isSilent = true
    dialogue.closed(now: now)
    // Closed first: a port that is ours alone cannot be opened twice.
    descriptor.close()
    open(now: now)
  }

  private func end(now: Instant) {
    dialogue.closed(now: now)
    state = .ended
    announce()
    forward(now: now)
    events.append(.ended)
  }
}
