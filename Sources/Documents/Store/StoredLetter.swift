/// A dead letter as the program has written it.
package struct StoredLetter: Sendable {
  /// The document of `bridge/dead_letter`, JSON.
  package var event: [UInt8]
  /// The line of `dead-letter.jsonl`, which also has the bytes in hexadecimal; without its line end.
  package var line: [UInt8]

  package init(event: [UInt8], line: [UInt8]) {
    self.event = event
    self.line = line
  }
}
