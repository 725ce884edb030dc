internal import Glibc

/// The environment variables.
struct Environment: Sendable, ExpressibleByDictionaryLiteral {
  private let lookUp: @Sendable (String) -> String?

  /// Of this process.
  static let process = Environment { name in unsafe getenv(name).map { unsafe String(cString: $0) } }

  private init(lookUp: @escaping @Sendable (String) -> String?) { self.lookUp = lookUp }

  init(_ variables: [String: String]) { self.init { variables[$0] } }

  init(dictionaryLiteral elements: (String, String)...) {
    self.init(Dictionary(elements, uniquingKeysWith: { $1 }))
  }

  /// Nil where it is not set.
  subscript(name: String) -> String? { lookUp(name) }
}
