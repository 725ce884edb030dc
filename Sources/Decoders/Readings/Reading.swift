/// One value of a reading.
package struct Field: Hashable, Sendable, BitwiseCopyable {
  /// Why a field has no value. Such a field is never published, and never 0.
  package enum Absence: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case noData, overflow, underflow, dataError, invalidDigits, invalidTime, notANumber, outOfRange, notSet,
      unknownScaler
    /// An energy whose unit the meter has not told yet.
    case unitUnknown
    /// An energy whose coefficient the meter has not told yet.
    case coefficientUnknown

    /// The stable name, as `decode` prints it.
    package var name: String {
      switch self {
      case .noData: "no_data"
      case .overflow: "overflow"
      case .underflow: "underflow"
      case .dataError: "data_error"
      case .invalidDigits: "invalid_digits"
      case .invalidTime: "invalid_time"
      case .notANumber: "not_a_number"
      case .outOfRange: "out_of_range"
      case .notSet: "not_set"
      case .unknownScaler: "unknown_scaler"
      case .unitUnknown: "unit_unknown"
      case .coefficientUnknown: "coefficient_unknown"
      }
    }
  }

  /// What a field can hold.
  package enum Value: Hashable, Sendable, BitwiseCopyable {
    case number(FixedDecimal)
    case time(MeterTime)
    /// A place in the reading's `text`, UTF-8.
    case text(ByteRange)
    case absent(Absence)
  }

  /// Its name.
  package var key: FieldKey
  /// The unit of the number; `none` for texts and times.
  package var unit: Unit
  /// Its value.
  package var value: Value

  /// A field.
  @inline(__always)
  package init(_ key: FieldKey, _ value: Value, _ unit: Unit = .none) {
    self.key = key
    self.unit = unit
    self.value = value
  }
}

/// What one meter said at one moment: fields of the vocabulary, in published units.
package struct Reading: Hashable, Sendable {
  /// Who says so.
  package var meter: MeterIdentity
  /// The meter's own time, if it has one.
  package var time: MeterTime?
  /// The fields, in the order of the telegram.
  package var fields: [Field]
  /// The bytes that text values, numbers and codes point into, UTF-8.
  package var text: [UInt8]
  /// What fields were before a conversion that had to round, so that another unit is made of the register's own digits.
  package var rounded: [WireNumber] = []

  /// The number of a field as the meter sent it.
  package struct WireNumber: Hashable, Sendable, BitwiseCopyable {
    /// Index of the field.
    package var field: Int
    /// The register's digits.
    package var number: FixedDecimal
    /// Their unit.
    package var unit: Unit

    /// A number as it was before its conversion.
    package init(field: Int, number: FixedDecimal, unit: Unit) {
      self.field = field
      self.number = number
      self.unit = unit
    }
  }

  /// A reading.
  package init(meter: MeterIdentity, time: MeterTime? = nil, fields: [Field] = [], text: [UInt8] = []) {
    self.meter = meter
    self.time = time
    self.fields = fields
    self.text = text
  }

  /// The text at a place of `text`.
  package func string(_ range: ByteRange) -> String { String(decoding: text[range.indices], as: UTF8.self) }

  /// Notes what the field that comes next was on the wire, where its conversion is no power of ten.
  @inline(never)
  mutating func willRound(_ number: FixedDecimal, from unit: Unit) {
    rounded.append(WireNumber(field: fields.count, number: number, unit: unit))
  }

  /// Keeps a text and says where.
  package mutating func keep(_ bytes: some Collection<UInt8>) -> ByteRange {
    let start = text.count
    text.append(contentsOf: bytes)
    return ByteRange(from: start, to: text.count)
  }

  /// The last level of a field's topic.
  package func topicLevel(_ field: Field) -> String { field.key.topicLevel(text) }

  /// The meter's own number, nil where it has none.
  package var meterNumber: String? {
    switch meter.number {
    case .none: nil
    case .hexadecimal(let number):
      String(repeating: "0", count: number.leadingZeroBitCount / 4 - (number == 0 ? 1 : 0))
        + String(number, radix: 16, uppercase: true)
    case .text(let range): string(range)
    }
  }

  /// Who made the meter: three letters of the FLAG association, or the code that its protocol has; nil where it is unknown.
  package var manufacturerName: String? {
    MeterIdentity.letters(meter.manufacturer) ?? (meter.maker.isEmpty ? nil : string(meter.maker))
  }

  /// The maker's name for the meter, nil where it is unknown.
  package var modelName: String? {
    switch meter.model {
    case .none: nil
    case .profile(let profile): profile.modelName
    case .text(let range): string(range)
    }
  }
}
