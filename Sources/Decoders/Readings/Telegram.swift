/// What a decoder makes of link frames: the protocol's own records, the readings made from them, and what could not be
/// used.
package struct Telegram: Sendable {
  /// The frame; places in records and issues are places in here, those of DLMS in the application data of its records.
  package var bytes: [UInt8]
  /// The header and records as the protocol has them.
  package var content: any TelegramContent
  /// The meter's reading first, even where it has no field, then one for each sub-meter behind it.
  package var readings: [Reading]
  /// Records and lines that could not be used; the others stand.
  package var issues: [DecodeError]

  /// A telegram.
  package init(bytes: [UInt8], content: any TelegramContent, readings: [Reading], issues: [DecodeError] = []) {
    self.bytes = bytes
    self.content = content
    self.readings = readings
    self.issues = issues
  }
}

/// The header and records of one protocol's telegram: nothing lost, nothing renamed.
package protocol TelegramContent: Sendable {}
