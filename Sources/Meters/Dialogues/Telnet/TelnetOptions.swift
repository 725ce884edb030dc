internal import Base

/// Which options are on, at both ends of a Telnet connection, by the rules of RFC 1143: only a change is answered, so that
/// two programs never negotiate for ever. The program never turns an option off that it has asked for.
struct TelnetOptions: Sendable {
  private enum State { case off, asked, on }

  private let wanted: Set<UInt8>
  private var ours: [UInt8: State] = [:]
  private var theirs: [UInt8: State] = [:]
  /// A peer that asks again and again is not answered for ever.
  private var answersLeft = Limits.telnetAnswers

  /// - Parameter wanted: the options that are accepted at both ends.
  init(_ wanted: Set<UInt8>) { self.wanted = wanted }

  /// Whether an option is on at our end.
  func isOn(_ option: UInt8) -> Bool { ours[option] == .on }

  /// Offers an option, and asks the peer for it.
  ///
  /// - Returns: the bytes to send; none for what was settled before.
  mutating func request(_ option: UInt8) -> [UInt8] {
    var bytes: [UInt8] = []
    if ours[option, default: .off] == .off {
      ours[option] = .asked
      bytes += TelnetVerb.will.bytes(option)
    }
    if theirs[option, default: .off] == .off {
      theirs[option] = .asked
      bytes += TelnetVerb.do.bytes(option)
    }
    return bytes
  }

  /// Takes one word of the peer.
  ///
  /// - Returns: the answer; none if nothing has changed.
  mutating func received(_ verb: TelnetVerb, _ option: UInt8) -> [UInt8] {
    let isWanted = wanted.contains(option)
    let answer: TelnetVerb? =
      switch verb {
      case .do: Self.turnOn(&ours[option, default: .off], isWanted: isWanted).map { $0 ? .will : .wont }
      case .dont: Self.turnOff(&ours[option, default: .off]) ? .wont : nil
      case .will: Self.turnOn(&theirs[option, default: .off], isWanted: isWanted).map { $0 ? .do : .dont }
      case .wont: Self.turnOff(&theirs[option, default: .off]) ? .dont : nil
      }
    guard let answer, answersLeft > 0 else { return [] }
    answersLeft -= 1
    return answer.bytes(option)
  }

  /// Returns whether to accept or to refuse; nil if there is nothing to answer.
  private static func turnOn(_ state: inout State, isWanted: Bool) -> Bool? {
    switch state {
    case .on: return nil
    case .asked:
      state = .on
      return nil
    case .off:
      if isWanted { state = .on }
      return isWanted
    }
  }

  /// Returns whether it is to be confirmed.
  private static func turnOff(_ state: inout State) -> Bool {
    defer { state = .off }
    return state == .on
  }
}
