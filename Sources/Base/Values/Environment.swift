/// Environment variables, of the process or of a test.
package struct Environment: Sendable, ExpressibleByDictionaryLiteral {
  private let lookUp: @Sendable (String) -> String?

  /// `lookUp` returns nil for a variable that is not set.
  package init(lookUp: @escaping @Sendable (String) -> String?) { self.lookUp = lookUp }

  init(_ variables: [String: String]) { self.init { variables[$0] } }

  package init(dictionaryLiteral elements: (String, String)...) {
    self.init(Dictionary(elements, uniquingKeysWith: { $1 }))
  }

  /// Nil if it is not set.
  package subscript(name: String) -> String? { lookUp(name) }
}
