internal import Base
internal import HTTP
internal import Platform

/// A web server that opens when its address is free.
struct HTTPListener {
  private let address: ListenAddress
  private let rules: AccessRules
  private(set) var server: HTTPServer?
  private var attempts = ListenAttempts()

  init(_ address: ListenAddress, _ rules: AccessRules) {
    self.address = address
    self.rules = rules
  }

  /// Opens it if it is due.
  mutating func open(now: Instant) {
    guard server == nil else { return }
    server = attempts.open(now: now, "http") { () throws(ListenFailure) in try HTTPServer(address, rules, now: now) }
    if server != nil { Log.write(.notice, "http: listens on \(address)") }
  }

  /// When it has work.
  func deadline(at now: Instant) -> Instant? { server.map { $0.deadline(at: now) } ?? attempts.due }
}
