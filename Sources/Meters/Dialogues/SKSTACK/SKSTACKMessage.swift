internal import Decoders

/// The meaning of one line of the dongle.
enum SKSTACKMessage: Equatable, Sendable {
  /// `OK`; after `ROPT` with a value.
  case done(String)
  /// `FAIL`, with its code if it has one.
  case refused(Int?)
  case event(SKSTACKEvent)
  case version
  case information(isSided: Bool)
  case beaconBegins
  case beaconField(name: String, value: String)
  case address(String)
  /// The echo of a command.
  case echo
  case unknown

  init(_ line: [UInt8]) {
    let text = String(decoding: line, as: UTF8.self)
    if text.hasPrefix("  "), let colon = text.firstIndex(of: ":") {
      let name = text[..<colon].drop { $0 == " " }
      self = .beaconField(name: String(name), value: String(text[text.index(after: colon)...]))
      return
    }
    let words = text.split(separator: " ").map(String.init)
    guard let first = words.first else {
      self = .unknown
      return
    }
    switch first {
    case "OK": self = .done(words.dropFirst().first ?? "")
    case "FAIL":
      self = .refused(words.dropFirst().first.flatMap { $0.hasPrefix("ER") ? Int($0.dropFirst(2)) : nil })
    case "EVENT": self = SKSTACKEvent(words).map { .event($0) } ?? .unknown
    case "EVER": self = words.count > 1 ? .version : .unknown
    case "EINFO": self = words.count == 6 ? .information(isSided: words[5].count == 1) : .unknown
    case "EPANDESC": self = .beaconBegins
    case _ where first.hasPrefix("SK") || first == "ROPT": self = .echo
    case _ where words.count == 1 && Self.isAddress(first): self = .address(first)
    default: self = .unknown
    }
  }

  /// Eight groups of four digits.
  private static func isAddress(_ word: String) -> Bool {
    let groups = word.split(separator: ":", omittingEmptySubsequences: false)
    return groups.count == 8
      && groups.allSatisfy { $0.utf8.count == 4 && $0.utf8.allSatisfy { Hexadecimal.digit($0) != nil } }
  }
}

/// An event of the module: `EVENT` and a number.
struct SKSTACKEvent: Equatable, Sendable {
  /// The numbers in hexadecimal, as the module prints them.
  enum Kind: UInt8 {
    case sent = 0x21
    case scanned = 0x22
    case joinFailed = 0x24
    case joined = 0x25
    case closeRequested = 0x26
    case closed = 0x27
    case closeTimedOut = 0x28
    case lifetimeOver = 0x29
    case rateLimited = 0x32
    case rateLimitOver = 0x33
  }

  /// The outcome of sending, the last field of event 21.
  enum Sending: UInt8 {
    case acknowledged = 0
    case failed = 1
    /// The module looks for the address first, and then sends the datagram by itself.
    case deferred = 2
  }

  /// Nil for an event that the session ignores.
  var kind: Kind?
  var sending: Sending?

  /// Reads `EVENT`, the number, an address, and the dialect's own fields.
  init?(_ words: [String]) {
    guard words.count >= 3, let number = UInt8(words[1], radix: 16) else { return nil }
    kind = Kind(rawValue: number)
    guard kind == .sent else { return }
    guard let last = words.last, words.count >= 4, let parameter = UInt8(last, radix: 16) else { return nil }
    sending = Sending(rawValue: parameter)
  }
}
