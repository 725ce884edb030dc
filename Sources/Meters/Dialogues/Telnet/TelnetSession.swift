package import Base

/// The Telnet layer of a TCP source: a plain network virtual terminal (RFC 854) that wants eight bits (RFC 856), and with
/// `line` sets the gateway's serial port (RFC 2217).
///
/// A gateway that is not asked for RFC 2217 may speak Telnet or not. The first bytes of the connection decide: a negotiation
/// is Telnet, and all else is data, in which FF is a byte like any other. It is a value: bytes and times go in, data and
/// bytes to send come out.
package struct TelnetSession: Sendable {
  package enum Event: Equatable, Sendable {
    /// Bytes of the line.
    case data([UInt8])
    /// The gateway's port is set up as far as it can be: from here on the line is open.
    case ready
    /// What the user should know about the gateway's port.
    case warning(String)
    /// The port has the settings that `tune` ordered; with a reason it keeps the former ones.
    case tuned(refusal: String?)
  }

  private enum Mode {
    /// The first bytes are not complete.
    case undecided([UInt8])
    case raw
    case telnet
  }

  private var mode = Mode.undecided([])
  private var reader = TelnetReader()
  private var options: TelnetOptions
  private var control: ComPortControl?
  private var isReady: Bool
  /// The settings before `tune`, until the gateway has answered.
  private var former: LineSettings?
  private var outgoing: [UInt8] = []
  /// When the gateway must have set its port.
  package private(set) var deadline: Instant?

  private static let plain: Set = [TelnetOption.binary, TelnetOption.suppressGoAhead]

  /// A connection that has just been made.
  ///
  /// - Parameters:
  ///   - line: the settings for the gateway's port; nil leaves them to the gateway.
  ///   - now: the time.
  package init(line: LineSettings?, now: Instant) {
    options = TelnetOptions(line == nil ? Self.plain : Self.plain.union([TelnetOption.comPort]))
    control = line.map(ComPortControl.init)
    isReady = line == nil
    guard line != nil else { return }
    deadline = now + Limits.comPortSetup
    // Only a client of RFC 2217 begins: who listens to a plain line must not send anything to it.
    for option in [TelnetOption.comPort, TelnetOption.binary, TelnetOption.suppressGoAhead] {
      outgoing += options.request(option)
    }
  }

  /// The settings of the gateway's port, as far as it takes them; nil if it does not set its port by RFC 2217.
  package var line: LineSettings? { isReady && options.isOn(TelnetOption.comPort) ? control?.line : nil }

  /// Orders other settings for a port that has a `line`. `.tuned` follows.
  package mutating func tune(_ line: LineSettings, now: Instant) {
    former = control?.line
    let next = ComPortControl(line)
    control = next
    outgoing += next.request
    deadline = now + Limits.comPortSetup
  }

  /// Takes bytes of the connection.
  package mutating func received(_ bytes: [UInt8]) -> [Event] {
    switch mode {
    case .raw: return [.data(bytes)]
    case .telnet: return read(bytes)
    case .undecided(let before): return decide(before + bytes)
    }
  }

  /// Does what is due.
  ///
  /// - Returns: false if the peer does not speak Telnet at all.
  package mutating func tick(now: Instant) -> (events: [Event], speaksTelnet: Bool) {
    guard let deadline, now >= deadline, let control else { return ([], true) }
    guard case .telnet = mode else { return ([], false) }
    return (settle("does not confirm the settings \(control.line) of its port"), true)
  }

  /// The connection ended. Returns bytes that waited for others.
  package mutating func finish() -> [UInt8] {
    switch mode {
    case .raw: return []
    case .telnet: return reader.finish()
    case .undecided(let bytes):
      mode = .raw
      return bytes
    }
  }

  /// Bytes of the line as they are sent.
  package func encoded(_ bytes: [UInt8]) -> [UInt8] {
    guard case .telnet = mode, bytes.contains(TelnetCommand.iac) else { return bytes }
    return bytes.flatMap { $0 == TelnetCommand.iac ? [$0, $0] : [$0] }
  }

  /// Bytes to send to the gateway.
  package mutating func takeOutgoing() -> [UInt8] {
    defer { outgoing = [] }
    return outgoing
  }

  // MARK: Steps

  private mutating func decide(_ bytes: [UInt8]) -> [Event] {
    guard let isTelnet = Self.isNegotiation(bytes) else {
      mode = .undecided(bytes)
      return []
    }
    guard isTelnet else {
      mode = .raw
      return bytes.isEmpty ? [] : [.data(bytes)]
    }
    mode = .telnet
    defer { outgoing += options.request(TelnetOption.binary) }  // The meter's bytes are binary in both directions.
    return read(bytes)
  }

  /// Whether a connection begins with a negotiation; nil if more bytes must come to tell.
  private static func isNegotiation(_ bytes: [UInt8]) -> Bool? {
    guard let first = bytes.first else { return nil }
    guard first == TelnetCommand.iac else { return false }
    guard bytes.count > 1 else { return nil }
    guard TelnetVerb(rawValue: bytes[1]) != nil else { return false }
    return bytes.count > 2 ? TelnetOption.isAssigned(bytes[2]) : nil
  }

  private mutating func read(_ bytes: [UInt8]) -> [Event] {
    reader.append(bytes).flatMap { item -> [Event] in
      switch item {
      case .data(let data): return [.data(data)]
      case .negotiation(let verb, let option): return negotiate(verb, option)
      case .subnegotiation(let parameters):
        guard parameters.first == TelnetOption.comPort, options.isOn(TelnetOption.comPort) else { return [] }
        control?.received(parameters.dropFirst())
        return control?.isConfirmed == true ? settle(nil) : []
      }
    }
  }

  private mutating func negotiate(_ verb: TelnetVerb, _ option: UInt8) -> [Event] {
    let wasOn = options.isOn(TelnetOption.comPort)
    outgoing += options.received(verb, option)
    guard let control, option == TelnetOption.comPort, verb == .do || verb == .dont else { return [] }
    if verb == .dont { return settle("does not set its port by RFC 2217") }
    if !wasOn { outgoing += control.request }
    return []
  }

  /// The set-up is over: from now on the line is open, with the settings that the gateway has.
  private mutating func settle(_ trouble: String?) -> [Event] {
    guard let control, !isReady || former != nil else { return [] }
    isReady = true
    deadline = nil
    if let former { return settle(trouble, former: former) }
    let advice = "set it to \(control.line) there"
    if let trouble { return [.warning("\(trouble); \(advice)"), .ready] }
    return (difference.map { [.warning("\($0); \(advice)")] } ?? []) + [.ready]
  }

  private var difference: String? {
    guard let control, let other = control.difference else { return nil }
    return "has set its port to \(other) instead of \(control.line)"
  }

  /// The same behind `tune`.
  private mutating func settle(_ trouble: String?, former: LineSettings) -> [Event] {
    self.former = nil
    guard let refusal = trouble ?? difference else { return [.tuned(refusal: nil)] }
    let back = ComPortControl(former)
    self.control = back
    outgoing += back.request
    return [.tuned(refusal: refusal)]
  }
}
