/// One value of a telegram, with its code.
package struct DLMSRecord: Hashable, Sendable, BitwiseCopyable {
  package enum Content: Hashable, Sendable, BitwiseCopyable {
    /// Any unscaled number.
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
    /// A time of a clock that the meter marks as wrong.
    case doubtfulTime(MeterTime)
    case absent(Field.Absence)
  }

  /// The source of the decimal point.
  package enum ScalerSource: UInt8, Sendable, BitwiseCopyable {
    /// The scaler is missing: the number stands as it is, or its point is unknown.
    case none
    /// The telegram itself.
    case telegram
    /// The table of lists without codes.
    case layout
    case configured
    /// The maker's habit, or the size of the value.
    case assumed

    /// The stable name in the output of `decode`.
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
  package var content: Content
  /// Power of ten.
  package var scaler: Int8 = 0
  package var scalerSource: ScalerSource = .none
  /// Number of the unit (Blue Book 4.3.2), 0 without a unit.
  package var unitCode: UInt8 = 0

  init(_ obis: Obis?, _ content: Content) {
    self.obis = obis
    self.content = content
  }

  /// Nil if the unit is missing or unknown.
  package var unit: Unit? { unitCode == COSEMUnit.absent ? nil : COSEMUnit.unit(unitCode) }

  /// The number in its unit; nil for other contents and for impossible numbers.
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

/// The data around the values of a telegram.
package struct DLMSHeader: Hashable, Sendable, BitwiseCopyable {
  /// Counter of the notification; nil for bare data.
  package var invokeID: UInt32?
  /// The time of the notification.
  package var time: MeterTime?
  /// The meter that enciphered it; nil for a telegram in plain.
  package var systemTitle: SystemTitle?
  /// The meter's count of enciphered telegrams; nil for a telegram in plain.
  package var frameCounter: UInt32?
  /// As on the wire; nil for a telegram in plain.
  package var security: DLMSSecurity?
  package var verification: DLMSVerification = .plain

  init() {}
}

/// A telegram's application data in plain, with its records.
package struct DLMSContent: TelegramContent {
  package var header: DLMSHeader
  /// The application data in plain; places in records refer to it.
  package var data: [UInt8]
  package var records: [DLMSRecord]
}
