/// One value of a reading.
package struct Field: Hashable, Sendable, BitwiseCopyable {
  /// Why a field does not have a value. The program never publishes such a field, nor a 0 in its place.
  package enum Absence: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case noData, overflow, underflow, dataError, invalidDigits, invalidTime, notANumber, outOfRange, notSet,
      unknownScaler
    /// An energy whose unit the meter has not sent yet.
    case unitUnknown
    /// An energy whose coefficient the meter has not told yet.
    case coefficientUnknown
    /// A power without a sign, and the meter does not tell its direction.
    case directionUnknown
    /// A day of every year or of every month instead of one.
    case recurring

    /// The stable name in the output of `decode`.
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
      case .directionUnknown: "direction_unknown"
      case .recurring: "recurring"
      }
    }
  }

  package enum Value: Hashable, Sendable, BitwiseCopyable {
    case number(FixedDecimal)
    case time(MeterTime)
    /// A place in the reading's `text`, UTF-8.
    case text(ByteRange)
    case absent(Absence)
  }

  package var key: FieldKey
  // In this order a field takes 40 bytes.
  package var value: Value
  /// The unit of the number; `none` for texts and times.
  package var unit: Unit

  @inline(__always)
  package init(_ key: FieldKey, _ value: Value, _ unit: Unit = .none) {
    self.key = key
    self.value = value
    self.unit = unit
  }
}

/// The values of one meter at one time: fields of the vocabulary, in published units.
package struct Reading: Hashable, Sendable {
  package var meter: MeterIdentity
  /// The meter's own time, if it has one.
  package var time: MeterTime?
  /// In the order of the telegram.
  package var fields: [Field]
  /// The bytes that text values, numbers and codes point into, UTF-8.
  package var text: [UInt8]
  /// Fields before a conversion that had to round, so that another unit can use the register's own digits.
  package var rounded: [WireNumber] = []

  /// The number of a field as the meter sent it.
  package struct WireNumber: Hashable, Sendable, BitwiseCopyable {
    /// Index of the field.
    package var field: Int
    /// The register's digits.
    package var number: FixedDecimal
    package var unit: Unit

    package init(field: Int, number: FixedDecimal, unit: Unit) {
      self.field = field
      self.number = number
      self.unit = unit
    }
  }

  package init(meter: MeterIdentity, time: MeterTime? = nil, fields: [Field] = [], text: [UInt8] = []) {
    self.meter = meter
    self.time = time
    self.fields = fields
    self.text = text
  }

  /// A text of the meter, without characters that a terminal would obey.
  package func string(_ range: ByteRange) -> String { String(decoding: text[range.indices], as: UTF8.self).shown }

  /// Notes the wire number of the next field, if its conversion is not a power of ten.
  @inline(never)
  mutating func willRound(_ number: FixedDecimal, from unit: Unit) {
    rounded.append(WireNumber(field: fields.count, number: number, unit: unit))
  }

  /// Keeps a text and returns its place.
  package mutating func keep(_ bytes: some Collection<UInt8>) -> ByteRange {
    let start = text.count
    text.append(contentsOf: bytes)
    return ByteRange(from: start, to: text.count)
  }

  /// The last level of a field's topic.
  package func topicLevel(_ field: Field) -> String { field.key.topicLevel(text) }

  /// The meter's own number; nil if unknown.
  package var meterNumber: String? {
    switch meter.number {
    case .none: nil
    case .hexadecimal(let number): String(number, width: 8, radix: 16, uppercase: true)
    case .text(let range): string(range)
    }
  }

  /// The maker: three letters of the FLAG association, or the code of the protocol; nil if unknown.
  package var manufacturerName: String? {
    MeterIdentity.letters(meter.manufacturer) ?? (meter.maker.isEmpty ? nil : string(meter.maker))
  }

  /// The maker's name for the meter; nil if unknown.
  package var modelName: String? {
    switch meter.model {
    case .none: nil
    case .profile(let profile): profile.modelName
    case .text(let range): string(range)
    }
  }
}
