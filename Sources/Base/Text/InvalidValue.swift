/// Why a value is not allowed: the end of a sentence that begins with the value, such as "is not a port number".
package struct InvalidValue: Error {
  package var message: String

  package init(_ message: String) { self.message = message }
}
