/// One data record of an M-Bus answer. Places are places in the frame.
///
/// It consists of plain bits, so that an array of records is one allocation and is freed without a loop.
package struct MBusRecord: Hashable, Sendable, BitwiseCopyable {
  package enum Kind: UInt8, Sendable, BitwiseCopyable {
    case data
    /// DIF 0F: the maker's own bytes up to the end.
    case manufacturerSpecific
    /// DIF 1F: the same, and the readout goes on in the next telegram.
    case moreRecordsFollow
  }

  package enum Value: Hashable, Sendable, BitwiseCopyable {
    /// In the record's unit, with the digits of the wire.
    case number(FixedDecimal)
    case time(MeterTime)
    /// Hour, minute and second without a day (type J).
    case timeOfDay(UInt8, UInt8, UInt8)
    /// ISO 8859-1, last character first.
    case text(ByteRange)
    /// Decimal digits of an identifier, two a byte, the last ones first.
    case digits(ByteRange)
    /// Data without a meaning known here, as transmitted.
    case bytes(ByteRange)
    case absent(Field.Absence)
  }

  /// The changes by value information extensions.
  package struct Modifiers: OptionSet, Hashable, Sendable, BitwiseCopyable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Only positive contributions are accumulated: import.
    package static let positive = Modifiers(rawValue: 1)
    /// Only negative contributions are accumulated: export, cooling.
    package static let negative = Modifiers(rawValue: 2)
    /// Contributions of both signs are accumulated as positive ones.
    package static let absolute = Modifiers(rawValue: 4)
    /// Import minus export.
    package static let net = Modifiers(rawValue: 8)
    /// The meaning differs from the quantity, in a way without a name.
    package static let otherMeaning = Modifiers(rawValue: 16)
    /// The unit differs from the record's: per pulse, times a second.
    package static let otherUnit = Modifiers(rawValue: 32)
  }

  // In this order a record takes 48 bytes; the three below fill the gap behind the value.

  package var value: Value
  /// Momentary value or extreme.
  package var function: RecordFunction
  package var kind: Kind
  package var quantity: MBusQuantity
  /// 0 for the current value.
  package var storage: UInt64
  /// 0 without a tariff.
  package var tariff: UInt32
  /// 0 without a sub-unit.
  package var subunit: UInt16
  /// Data information block: DIF and DIFEs.
  package var dib: ByteRange
  /// Value information block: VIF, VIFEs and the text of a plain-text VIF.
  package var vib: ByteRange
  /// The data behind the blocks.
  package var data: ByteRange
  package var unit: Unit
  /// The conductor, if an extension names it.
  package var phase: FieldKey.Phase
  /// 1 to 4, or 0.
  package var quadrant: UInt8
  package var modifiers: Modifiers
}
