/// One data record of an M-Bus answer. All of it is plain bits: an array of records is one allocation and goes without a
/// loop. Places are places in the frame.
public struct MBusRecord: Hashable, Sendable, BitwiseCopyable {
  /// What kind of block it is.
  public enum Kind: UInt8, Sendable, BitwiseCopyable {
    case data
    /// DIF 0F: the maker's own bytes up to the end.
    case manufacturerSpecific
    /// DIF 1F: the same, and the readout goes on in the next telegram.
    case moreRecordsFollow
  }

  /// What the data says.
  public enum Value: Hashable, Sendable, BitwiseCopyable {
    /// In the record's unit, with the digits of the wire.
    case number(FixedDecimal)
    case time(MeterTime)
    /// Hour, minute and second without a day (type J).
    case timeOfDay(UInt8, UInt8, UInt8)
    /// ISO 8859-1, last character first.
    case text(ByteRange)
    /// Data without a meaning known here, as transmitted.
    case bytes(ByteRange)
    case absent(Field.Absence)
  }

  /// What the value information extensions change.
  public struct Modifiers: OptionSet, Hashable, Sendable, BitwiseCopyable {
    /// The bits.
    public let rawValue: UInt8
    /// A set with these bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Only positive contributions are accumulated: import.
    public static let positive = Modifiers(rawValue: 1)
    /// Only negative contributions are accumulated: export, cooling.
    public static let negative = Modifiers(rawValue: 2)
    /// Contributions of both signs are accumulated as positive ones.
    public static let absolute = Modifiers(rawValue: 4)
    /// Import minus export.
    public static let net = Modifiers(rawValue: 8)
    /// The meaning is another than that of the quantity, in a way that has no name.
    public static let otherMeaning = Modifiers(rawValue: 16)
    /// The unit is another than the record's: per pulse, times a second.
    public static let otherUnit = Modifiers(rawValue: 32)
  }

  // In this order a record takes 48 bytes; the three below fill the gap behind the value.

  /// What the data says.
  public var value: Value
  /// Momentary value or extreme.
  public var function: RecordFunction
  /// What kind of block it is.
  public var kind: Kind
  /// What the value information says it is.
  public var quantity: MBusQuantity
  /// Storage number, 0 for the current value.
  public var storage: UInt64
  /// Tariff, 0 for none.
  public var tariff: UInt32
  /// Sub-unit, 0 for none.
  public var subunit: UInt16
  /// Data information block: DIF and DIFEs.
  public var dib: ByteRange
  /// Value information block: VIF, VIFEs and the text of a plain-text VIF.
  public var vib: ByteRange
  /// The data behind the blocks.
  public var data: ByteRange
  /// Unit of the number.
  public var unit: Unit
  /// Conductor, where an extension names it.
  public var phase: FieldKey.Phase
  /// Quadrant 1 to 4, 0 for none.
  public var quadrant: UInt8
  /// What the extensions change.
  public var modifiers: Modifiers
}
