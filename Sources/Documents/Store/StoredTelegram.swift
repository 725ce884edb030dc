package import Base
package import Decoders

/// The last telegram of a meter, whether it could be decoded or not.
package struct StoredTelegram: Sendable {
  package var received: WallTime
  /// As received, without secrets; cut at `Limits.storedTelegramBytes`.
  package var bytes: [UInt8]
  /// Why it could not be used: the code of `bridge/dead_letter` and its sentence; nil if it was decoded.
  package var trouble: (code: String, message: String)?
  /// Its records; nil if it was not decoded.
  package var content: Telegram?

  package init(
    received: WallTime, bytes: [UInt8], trouble: (code: String, message: String)? = nil, content: Telegram? = nil
  ) {
    self.received = received
    self.bytes = Array(bytes.prefix(Limits.storedTelegramBytes))
    self.trouble = trouble
    self.content = content
  }
}
