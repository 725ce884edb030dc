package import Base

/// The last telegram of a meter, whether it could be decoded or not.
package struct StoredTelegram: Sendable {
  package var received: WallTime
  /// As received; cut at `Limits.storedTelegram`.
  package var bytes: [UInt8]
  /// Why it could not be used: the code of `bridge/dead_letter` and its sentence; nil if it was decoded.
  package var trouble: (code: String, message: String)?

  package init(received: WallTime, bytes: [UInt8], trouble: (code: String, message: String)? = nil) {
    self.received = received
    self.bytes = bytes
    self.trouble = trouble
  }
}
