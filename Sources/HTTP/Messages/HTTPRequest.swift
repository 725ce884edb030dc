/// A request that passed the server's checks of host, origin, size and password.
package struct HTTPRequest: Sendable {
  package enum Method: String, Sendable { case get = "GET", head = "HEAD", post = "POST" }

  package var method: Method
  /// The path without the query, percent-decoded, `/api/meters`.
  package var path: String
  /// The last value of each name, percent-decoded; nothing for a name without a value.
  package var query: [String: String] = [:]
  /// Names in lower case. Of several equal ones the last.
  package var headers: [String: String] = [:]
  /// At most `Limits.httpBodyBytes`.
  package var body: [UInt8] = []

  package init(_ method: Method, _ path: String) {
    self.method = method
    self.path = path
  }
}
