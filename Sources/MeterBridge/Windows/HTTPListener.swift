internal import Base
internal import HTTP
internal import Platform

/// A web server that is tried again while its address is taken, or not there yet: the meters do not wait for it.
struct HTTPListener {
  private let address: ListenAddress
  private let rules: AccessRules
  private(set) var server: HTTPServer?
  private var due = Instant.past
  private var trouble: ListenFailure?

  init(_ address: ListenAddress, _ rules: AccessRules) {
    self.address = address
    self.rules = rules
  }

  /// Opens it if it is due.
  mutating func open(now: Instant) {
    guard server == nil, now >= due else { return }
    due = now + Limits.httpRetry
    do throws(ListenFailure) {
      server = try HTTPServer(address, rules, now: now)
      Log.write(.notice, "http: listens on \(address)")
    } catch {
      if error != trouble { Log.write(.error, "http: \(error); it is tried again every ten seconds") }
      trouble = error
    }
  }

  /// When it has work.
  func deadline(at now: Instant) -> Instant? { server.map { $0.deadline(at: now) } ?? due }
}
