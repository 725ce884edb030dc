/// Turns the records of one telegram into readings, and finds scalers and units where the telegram does not give them.
struct DLMSReadings: ~Escapable {
  /// The application data; places in the records refer to it.
  let bytes: Span<UInt8>
  let header: DLMSHeader
  /// Of the configuration, as all of it would be a copy with the cipher's owners.
  private let scalers: [DLMSQuantity: Int8]
  private let maker: DLMSMaker?
  private let utcOffset: Int16?
  private(set) var records: [DLMSRecord]
  var issues: [DecodeError]
  var fields = ReadingFields(Reading(meter: MeterIdentity(medium: .electricity)))
  /// A bit for each code that may already have a field.
  var seen: [4 of UInt64] = [0, 0, 0, 0]

  @_lifetime(copy bytes)
  init(
    _ bytes: Span<UInt8>, header: DLMSHeader, records: [DLMSRecord], issues: [DecodeError],
    settings: DLMSDecoder.Configuration
  ) {
    self.bytes = bytes
    self.header = header
    self.records = records
    self.issues = issues
    scalers = settings.scalers
    maker = settings.maker
    utcOffset = settings.utcOffset
  }

  /// The same records, before any of them has a field.
  @_lifetime(copy self)
  func unfilled() -> DLMSReadings {
    var readings = self
    readings.fields = ReadingFields(Reading(meter: fields.reading.meter))
    readings.seen = [0, 0, 0, 0]
    return readings
  }

  /// The meter's reading first, then those of the meters behind it, in the order of channels.
  ///
  /// `layoutMaker` is the maker of the layout of a list without codes. Most meters of unknown maker whose list begins with
  /// attribute descriptors are of Landis+Gyr, so all of them have its habits.
  @_lifetime(self: copy self)
  mutating func all(layoutMaker: DLMSMaker?, hasObjectList: Bool) -> [Reading] {
    let identity = identify()
    let maker =
      self.maker ?? DLMSMaker(manufacturer: identity.manufacturer) ?? layoutMaker
      ?? (hasObjectList ? .landisGyr : nil)
    fields.reading.meter.manufacturer =
      identity.manufacturer != 0 ? identity.manufacturer : layoutMaker?.manufacturer ?? 0
    fields.reading.fields.reserveCapacity(records.count)
    fields.reading.time = clock()
    scale(DLMSScaling(scalers, maker: maker, largestVoltage: largestVoltage()))
    for index in records.indices { add(records[index]) }
    keep(identity)
    var readings = [Reading(meter: fields.reading.meter)]
    appendSubMeters(to: &readings)
    // It is moved, because a copy would count the owners of its arrays up and down.
    swap(&readings[0], &fields.reading)
    return readings
  }

  // MARK: When

  /// The meter's clock if the list has it, else the time of the notification. A clock that the meter marks as wrong does
  /// not count.
  func clock() -> MeterTime? {
    for record in records where record.obis?.a == 0 && record.obis?.cde == 0x01_00_00 {
      switch record.content {
      case .time(let time): return corrected(time)
      case .doubtfulTime: return nil
      default: break
      }
    }
    return header.time.map { corrected($0) }
  }

  /// With the configured offset. Aidon's clocks run on standard time and send a deviation of 0, which is wrong.
  private func corrected(_ time: MeterTime) -> MeterTime {
    var time = time
    if let offset = utcOffset {
      time.offset = offset
    } else if time.offset == 0, fields.reading.meter.manufacturer == DLMSMaker.aidon.manufacturer {
      time.offset = nil
    }
    return time
  }

  // MARK: Scalers and units

  private func largestVoltage() -> UInt64 {
    var largest: UInt64 = 0
    for record in records where record.scalerSource == .none {
      guard let obis = record.obis, Self.mayBeVoltage(obis), case .number(let number) = record.content else {
        continue
      }
      if number.exponent == 0, number.mantissa > 0 {
        largest = max(largest, UInt64(number.mantissa))
      }
    }
    return largest
  }

  /// Whether it tells where the point of voltages is.
  static func mayBeVoltage(_ obis: Obis) -> Bool { obis.a <= 1 && obis.d == 7 && (obis.c &- 1) % 20 == 11 }

  /// Adds scalers and units to records that lack them.
  @_lifetime(self: copy self)
  private mutating func scale(_ scaling: DLMSScaling) {
    for index in records.indices where records[index].scalerSource != .telegram {
      guard let obis = records[index].obis, case .number(let number) = records[index].content else { continue }
      let meaning = Self.meaning(obis)
      guard let quantity = DLMSQuantity(meaning) else { continue }
      if case .quantity(_, let unit) = meaning {
        records[index].unitCode = COSEMUnit.code(unit.counted)
      } else {
        records[index].unitCode = COSEMUnit.code(quantity == .current ? .ampere : .none)
      }
      if let scaler = scaling.configured(quantity) {
        records[index].scaler = scaler
        records[index].scalerSource = .configured
      } else if records[index].scalerSource == .none,
        let scaler = scaling.assumed(quantity, number.exponent == 0 ? number.mantissa.magnitude : 0)
      {
        records[index].scaler = scaler
        records[index].scalerSource = .assumed
      }
    }
  }

  // MARK: Meters behind the meter

  /// 0-n:24.2.1, the last value of channel n.
  static func isSubMeter(_ obis: Obis) -> Bool { obis.a == 0 && obis.b > 0 && obis.c == 24 && obis.d == 2 }

  /// The volume of a channel; nil for any other value, and for one without a unit.
  static func volume(_ record: DLMSRecord) -> FixedDecimal? {
    guard let obis = record.obis, isSubMeter(obis), obis.e == 1, let number = record.number, let unit = record.unit
    else { return nil }
    return number.converted(from: unit, to: .cubicMetre)
  }

  /// A reading for each channel with a volume. Only gas meters count at standard conditions; otherwise the medium is
  /// unknown.
  private func appendSubMeters(to readings: inout [Reading]) {
    for record in records {
      guard let value = Self.volume(record) else { continue }
      let medium: Medium = record.unitCode == COSEMUnit.correctedVolume ? .gas : .other
      readings.append(
        Reading(
          meter: MeterIdentity(medium: medium), time: fields.reading.time,
          fields: [Field(FieldKey(.volume), .number(value), .cubicMetre)]))
    }
  }
}
