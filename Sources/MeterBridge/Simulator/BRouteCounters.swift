/// What a simulated dongle and its meter have seen.
struct BRouteCounters: Equatable, Sendable {
  /// How often each command came, by its first word; unknown ones as `other`.
  private(set) var commands: [String: Int] = [:]
  /// Requests that the meter answered, well or not.
  var answers = 0
  /// Announcements of the meter.
  var announcements = 0
  /// Confirmations that were asked for (INFC_Res).
  var confirmations = 0
  /// Sessions that began.
  var sessions = 0
  /// Sessions that were renewed.
  var renewals = 0
  /// Commands that were refused.
  var failures = 0
  /// Datagrams that did not reach the meter.
  var unsent = 0

  /// What is counted by name, in the order in which it is told.
  static let words = [
    "SKVER", "SKINFO", "SKAPPVER", "SKRESET", "SKSREG", "SKSETPWD", "SKSETRBID", "SKSCAN", "SKLL64", "SKJOIN",
    "SKREJOIN", "SKSENDTO", "SKTERM", "ROPT", "WOPT",
  ]

  subscript(_ command: String) -> Int { commands[command] ?? 0 }

  mutating func count(_ command: String) { commands[Self.words.contains(command) ? command : "other", default: 0] += 1 }
}

extension BRouteCounters: CustomStringConvertible {
  /// All of them in one line.
  var description: String {
    let counted = (Self.words + ["other"]).map { ($0, self[$0]) }
    let rest = [
      ("INFC_Res", confirmations), ("answers", answers), ("announcements", announcements), ("sessions", sessions),
      ("renewals", renewals), ("failures", failures), ("unsent", unsent),
    ]
    return (counted + rest).map { "\($0) \($1)" }.joined(separator: ", ")
  }
}
