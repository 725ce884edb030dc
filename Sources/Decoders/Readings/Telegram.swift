/// A decoded telegram: the protocol's own records, the readings made from them, and the unusable parts.
package struct Telegram: Sendable {
  /// The frame. Places in records and issues refer to it; those of DLMS refer to the application data.
  package var bytes: [UInt8]
  package var content: any TelegramContent
  /// The meter's reading first, even without a field, then one for each sub-meter.
  package var readings: [Reading]
  /// Unusable records and lines; the others stand.
  package var issues: [DecodeError]
  /// The mark of its cipher; nil for a telegram that proves nothing of its sender.
  package var seal: TelegramSeal?

  package init(bytes: [UInt8], content: any TelegramContent, readings: [Reading], issues: [DecodeError] = []) {
    self.bytes = bytes
    self.content = content
    self.readings = readings
    self.issues = issues
  }
}

extension Telegram {
  /// Its bytes as they came: those of the cipher, if it has one.
  package var wire: [UInt8] { seal?.frame ?? bytes }
}

/// The header and records of a telegram as its protocol defines them, complete and under their own names.
package protocol TelegramContent: Sendable {}
