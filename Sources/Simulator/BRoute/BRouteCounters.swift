/// The counters of a simulated dongle and its meter.
struct BRouteCounters: Equatable, Sendable {
  /// Commands by their first word; unknown ones as `other`.
  private(set) var commands: [String: Int] = [:]
  /// Requests that the meter answered, well or not.
  var answers = 0
  var announcements = 0
  /// Confirmations that the meter asked for (INFC_Res).
  var confirmations = 0
  var sessions = 0
  var renewals = 0
  /// Refused commands.
  var failures = 0
  /// Datagrams that did not reach the meter.
  var unsent = 0

  /// The commands with a counter of their own, in the order of `description`.
  static let words = [
    "SKVER", "SKINFO", "SKAPPVER", "SKRESET", "SKSREG", "SKSETPWD", "SKSETRBID", "SKSCAN", "SKLL64", "SKJOIN",
    "SKREJOIN", "SKSENDTO", "SKTERM", "ROPT", "WOPT",
  ]

  subscript(_ command: String) -> Int { commands[command] ?? 0 }

  mutating func count(_ command: String) { commands[Self.words.contains(command) ? command : "other", default: 0] += 1 }
}

extension BRouteCounters: CustomStringConvertible {
  var description: String {
    let counted = (Self.words + ["other"]).map { ($0, self[$0]) }
    let rest = [
      ("INFC_Res", confirmations), ("answers", answers), ("announcements", announcements), ("sessions", sessions),
      ("renewals", renewals), ("failures", failures), ("unsent", unsent),
    ]
    return (counted + rest).map { "\($0) \($1)" }.joined(separator: ", ")
  }
}
