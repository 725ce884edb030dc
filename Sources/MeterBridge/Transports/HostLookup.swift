internal import Platform

/// Finds the addresses of a gateway, at each opening: those of a name on the look-up thread.
struct HostLookup {
  let host: String
  let port: UInt16
  /// Without it only addresses in digits are understood.
  let thread: LookupThread?
  private var answers: Mailbox<LookupThread.Answer>?

  init(host: String, port: UInt16, thread: LookupThread?) {
    self.host = host
    self.port = port
    self.thread = thread
  }

  /// What to wait for while a look-up is under way.
  var interest: PollInterest? { answers.map { PollInterest(descriptor: $0.descriptor, readiness: .readable) } }

  /// Begins. Returns the addresses if they need no look-up, nil if `take` returns them later.
  mutating func begin() throws(SourceError) -> [SocketAddress]? {
    answers = nil
    if case .found(let addresses) = LookupThread.lookUp(host, port, isNumeric: true) { return addresses }
    guard let box = thread?.ask(host, port) else {
      throw SourceError("cannot look up \(host): too many look-ups are waiting")
    }
    answers = box
    return nil
  }

  /// The addresses; nil if they are still looked up.
  mutating func take() throws(SourceError) -> [SocketAddress]? {
    guard let answer = answers?.takeAll().last else { return nil }
    answers = nil
    switch answer {
    case .found(let addresses): return addresses
    case .failed(let reason): throw SourceError("cannot look up \(host): \(reason)")
    }
  }
}
