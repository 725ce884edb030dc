/// The first line and the headers of a request, before any check.
package struct RequestHead: Sendable {
  package var method: String
  /// As written, without the query.
  package var target: String
  /// In order; names in lower case.
  package var headers: [(name: String, value: String)]

  package init(method: String, target: String, headers: [(name: String, value: String)]) {
    self.method = method
    self.target = target
    self.headers = headers
  }

  /// The last value of a header; nil without it.
  subscript(name: String) -> String? { headers.last { $0.name == name }?.value }

  /// The bytes that the client says will follow.
  var bodyBytes: Int { self["content-length"].flatMap { Int($0) } ?? 0 }

  /// Why nobody may take the request for one thing, and a proxy before us for another; nil if all is well.
  ///
  /// libmicrohttpd before 1.0.4 takes two lengths and two hosts.
  var ambiguity: String? {
    for name in Self.single where headers.count(where: { $0.name == name }) > 1 {
      return "the header \(name) stands there twice"
    }
    guard let coding = self["transfer-encoding"] else { return nil }
    if self["content-length"] != nil { return "the body has two lengths: Content-Length and Transfer-Encoding" }
    return coding.lowercased() == "chunked" ? nil : "of transfer encodings only chunked is known"
  }

  private static let single = [
    "host", "content-length", "transfer-encoding", "authorization", "origin", "content-type", "x-ingress-path",
  ]
}
