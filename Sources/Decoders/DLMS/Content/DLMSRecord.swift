/// One value of a telegram, with its code.
package struct DLMSRecord: Hashable, Sendable, BitwiseCopyable {
  /// What stands on the wire.
  package enum Content: Hashable, Sendable, BitwiseCopyable {
    /// Any whole number or float, not yet scaled.
    case number(FixedDecimal)
    /// A byte of two decimal digits.
    case bcd(UInt8)
    case flag(Bool)
    /// UTF-8, at a place in the application data.
    case text(ByteRange)
    /// A string of bits, the first one the highest, at a place in the application data.
    case bits(ByteRange)
    /// Anything else, at a place in the application data.
    case bytes(ByteRange)
    case time(MeterTime)
    /// A time of a clock that the meter itself does not believe.
    case doubtfulTime(MeterTime)
    case absent(Field.Absence)
  }

  /// Who says where the point is.
  package enum ScalerSource: UInt8, Sendable, BitwiseCopyable {
    /// There is no scaler: the number is as it stands, or nobody knows.
    case none
    /// The telegram itself.
    case telegram
    /// The table of lists without codes.
    case layout
    case configured
    /// The maker's habit, or the size of the value.
    case assumed

    /// The stable name, as `decode` prints it; nil for none.
    package var name: String? {
      switch self {
      case .none: nil
      case .telegram: "telegram"
      case .layout: "layout"
      case .configured: "configured"
      case .assumed: "assumed"
      }
    }
  }

  /// Nil for a value of a known list that has no code.
  package var obis: Obis?
  /// What stands on the wire.
  package var content: Content
  /// Power of ten.
  package var scaler: Int8 = 0
  /// Who says so.
  package var scalerSource: ScalerSource = .none
  /// Number of the unit (Blue Book 4.3.2), 0 where there is none.
  package var unitCode: UInt8 = 0

  /// A record as it stands on the wire.
  init(_ obis: Obis?, _ content: Content) {
    self.obis = obis
    self.content = content
  }

  /// The unit; nil where none is given or known.
  package var unit: Unit? { unitCode == COSEMUnit.absent ? nil : COSEMUnit.unit(unitCode) }

  /// The number in its unit; nil for other contents and for what no meter counts.
  package var number: FixedDecimal? {
    switch content {
    case .number(let number):
      guard scalerSource != .none, scaler != 0 else { return number }
      let exponent = Int(number.exponent) + Int(scaler)
      return (-18...18).contains(exponent) ? FixedDecimal(number.mantissa, exponent: Int8(exponent)) : nil
    case .bcd(let byte):
      return byte & 0x0F < 10 && byte >> 4 < 10 ? FixedDecimal(Int64(byte >> 4 * 10 + byte & 0x0F)) : nil
    default: return nil
    }
  }
}

/// What surrounds the values of a telegram.
package struct DLMSHeader: Hashable, Sendable, BitwiseCopyable {
  /// Counter of the notification; nil for bare data.
  package var invokeID: UInt32?
  /// When the notification says it was made.
  package var time: MeterTime?
  /// Who enciphered it; nil for a telegram in plain.
  package var systemTitle: SystemTitle?
  /// The meter's count of enciphered telegrams; nil for a telegram in plain.
  package var frameCounter: UInt32?
  /// As on the wire; nil for a telegram in plain.
  package var security: DLMSSecurity?
  /// How far its origin is certain.
  package var verification: DLMSVerification = .plain
  /// The frame counter began anew, and is believed from this telegram on. Worth a line in the log.
  package var isCounterRestarted = false

  /// A header of a telegram in plain.
  init() {}
}

/// A telegram's application data in plain, with what was read from it.
package struct DLMSContent: TelegramContent {
  /// What surrounds the values.
  package var header: DLMSHeader
  /// The application data in plain; places in records are places in here.
  package var data: [UInt8]
  /// The values, in their order.
  package var records: [DLMSRecord]
}
