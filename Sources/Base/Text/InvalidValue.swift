/// What a value does not fit, said as the end of a sentence that begins with the value: "is no port number …".
package struct InvalidValue: Error {
  package var message: String

  package init(_ message: String) { self.message = message }
}
