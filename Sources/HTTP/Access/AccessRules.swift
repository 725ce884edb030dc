package import Base

/// Which requests a server answers, before it looks at what they ask for.
package struct AccessRules: Sendable {
  /// The names that a browser may call the server by, beside those of `HostName.isOfThisNetwork`. Nil: by any.
  package var hosts: Set<String>?
  /// Nil: everyone may ask.
  package var credentials: Credentials?
  /// Whether a POST is only one of the server's own page: of its origin, and with JSON.
  package var guardsPosts: Bool
  /// Whether only Home Assistant's Supervisor may ask, for users whom it has signed in.
  package var isOnlyForIngress = false

  /// Those of a page for people.
  package init(hosts: Set<String>, credentials: Credentials?) {
    self.hosts = hosts
    self.credentials = credentials
    guardsPosts = true
  }

  private init() { guardsPosts = false }

  /// Those of an emulated meter: devices ask it by any name, and nothing that it answers changes anything.
  package static let open = AccessRules()

  /// Checks a request.
  ///
  /// - Parameters:
  ///   - head: What came.
  ///   - peer: From where.
  ///   - failures: Counts wrong passwords.
  ///   - now: For the count.
  /// - Returns: Why it is not answered; nil if it is.
  package func refusal(
    of head: RequestHead, from peer: PeerAddress, _ failures: inout FailureLimit, now: Instant
  ) -> HTTPResponse? {
    if let ambiguity = head.ambiguity {
      return .failure(400, "bad_request", ambiguity).with("Connection", "close")
    }
    let isIngress = peer.isIngress && head["x-ingress-path"] != nil
    if isOnlyForIngress, !isIngress {
      return .failure(
        403, "only_ingress",
        "this page opens in Home Assistant only: `only_ingress` in the section `http`")
    }
    if !isIngress, let refusal = wrongHost(head["host"]) { return refusal }
    if !isIngress, let refusal = wrongCredentials(head["authorization"], of: peer, &failures, now: now) {
      return refusal
    }
    guard HTTPRequest.Method(rawValue: head.method) != nil else {
      return .failure(405, "method_not_allowed", "GET, HEAD and POST are the methods here").with(
        "Allow", "GET, HEAD, POST")
    }
    return head.method == "POST" && guardsPosts ? wrongPost(head) : nil
  }

  /// A browser always says the host.
  private func wrongHost(_ header: String?) -> HTTPResponse? {
    guard let hosts, let header else { return nil }
    if let host = HostName(header), host.isOfThisNetwork || hosts.contains(host.name) { return nil }
    return .failure(
      421, "unknown_host", "this server does not go by that name: add it to `hosts` in the section `http`")
  }

  private func wrongCredentials(
    _ authorization: String?, of peer: PeerAddress, _ failures: inout FailureLimit, now: Instant
  ) -> HTTPResponse? {
    guard let credentials else { return nil }
    let needed = HTTPResponse.failure(401, "unauthorized", "a password or a token is needed")
      .with("WWW-Authenticate", credentials.challenge)
    guard let authorization else { return needed }
    if failures.isReached(by: peer, now: now) {
      return .failure(429, "too_many_failures", "too many wrong passwords; try again in a minute")
        .with("Retry-After", "60")
    }
    if credentials.admits(authorization) { return nil }
    failures.failed(peer, now: now)
    return needed
  }

  /// Another site's page can send a form here, but not JSON without asking first, and not without its origin.
  private func wrongPost(_ head: RequestHead) -> HTTPResponse? {
    if let origin = head["origin"]?.lowercased() {
      let host = head["host"]?.lowercased()
      guard let host, ["http://\(host)", "https://\(host)"].contains(origin) else {
        return .failure(403, "foreign_origin", "a page of another site may not ask for this")
      }
    }
    let type = head["content-type"]?.prefix { $0 != ";" }.lowercased().filter { $0 != " " }
    return type == "application/json"
      ? nil : .failure(415, "unsupported_media_type", "the body must be application/json")
  }
}
