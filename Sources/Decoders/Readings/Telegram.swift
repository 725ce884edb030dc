/// A decoded telegram: the protocol's own records, the readings made from them, and the unusable parts.
package struct Telegram: Sendable {
  /// What stands for the bytes of a telegram.
  package enum Protection: UInt8, Sendable, BitwiseCopyable {
    /// A damaged byte goes unnoticed.
    case none
    /// A checksum or CRC: damage on the line is noticed, but anyone can send such a telegram.
    case checkValue
    /// A tag that only the holder of the meter's key can make.
    case authenticated
  }

  /// The frame. Places in records and issues refer to it; those of DLMS refer to the application data.
  package var bytes: [UInt8]
  package var content: any TelegramContent
  /// The meter's reading first, even without a field, then one for each sub-meter.
  package var readings: [Reading]
  /// Unusable records and lines; the others stand.
  package var issues: [DecodeError]
  package var protection: Protection
  /// The mark of its cipher; nil for a telegram that proves nothing of its sender.
  package var seal: TelegramSeal?
  /// The telegram as it came, if `bytes` are another form of it: deciphered in place, or without check values.
  package var received: [UInt8]?
  /// How strong its radio signal was, in dBm; nil if nobody has told.
  package var signalStrength: FixedDecimal?

  package init(
    bytes: [UInt8], content: any TelegramContent, readings: [Reading], issues: [DecodeError] = [],
    protection: Protection = .none, seal: TelegramSeal? = nil
  ) {
    self.bytes = bytes
    self.content = content
    self.readings = readings
    self.issues = issues
    self.protection = protection
    self.seal = seal
  }
}

extension Telegram {
  /// Its bytes as they came: those of the cipher, if it has one.
  package var wire: [UInt8] { seal?.frame ?? received ?? bytes }
}

/// The header and records of a telegram as its protocol defines them, complete and under their own names.
package protocol TelegramContent: Sendable {}
