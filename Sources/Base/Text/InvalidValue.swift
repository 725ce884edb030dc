/// Why a value is not allowed: the end of a sentence that begins with the value, such as "is not a port number".
package struct InvalidValue: Error {
  /// One line: it may repeat a part of the value.
  package let message: String

  package init(_ message: String) { self.message = onOneLine(message.unicodeScalars) }
}
