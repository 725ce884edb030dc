/// The answer to a request.
package struct HTTPResponse: Sendable {
  package var status: Int
  package var contentType: String?
  /// Further headers, as written.
  package var headers: [(name: String, value: String)] = []
  package var body: [UInt8]

  package init(_ status: Int = 200, contentType: String? = nil, body: [UInt8] = []) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }
}
