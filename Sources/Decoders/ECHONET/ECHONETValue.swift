/// Reads the data of one property.
struct ECHONETValueReader: ~Escapable {
  private let bytes: Span<UInt8>
  private let scaling: ECHONETScaling
  /// The mistake in the data of the last property.
  private(set) var issue: DecodeError?

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, _ scaling: ECHONETScaling) {
    self.bytes = bytes
    self.scaling = scaling
  }

  /// Reads a property into a record, and sets `issue`.
  @_lifetime(self: copy self)
  mutating func record(_ property: ECHONETFrame.Property, of object: ECHONETObject) -> ECHONETRecord {
    let entry = ECHONETProperty(property.code, of: object)
    issue = nil
    return ECHONETRecord(
      code: property.code, name: entry.name.description, data: property.data, unit: entry.unit,
      value: value(entry, property.data))
  }

  @_lifetime(self: copy self)
  private mutating func value(_ entry: ECHONETProperty, _ data: ByteRange) -> ECHONETRecord.Value {
    guard !data.isEmpty else { return .absent(.noData) }
    guard entry.lengths.isEmpty || entry.lengths.contains(Int(data.count)) else {
      return bad(.lengthMismatch, data, expected: entry.lengths[0], found: Int(data.count))
    }
    switch entry.form {
    case .operationStatus: return word(data, [0x30: "on", 0x31: "off"])
    case .faultStatus: return word(data, [0x41: "fault", 0x42: "ok"])
    case .location: return .text(location(data))
    case .release: return release(data)
    case .maker: return .text(Hexadecimal.text(copy(data)))
    case .text: return text(data)
    case .timeOfDay: return timeOfDay(data)
    case .date: return date(data)
    case .identification:
      return .identification(
        maker: ByteRange(start: data.start + 1, count: 3), number: ByteRange(start: data.start + 4, count: 12))
    case .propertyMap, .objects: return list(entry, data)
    case .coefficient, .digits, .energyUnit, .dayNumber: return setting(entry, data)
    case .energy: return value(scaling.energy(number(data)))
    case .power: return value(power(data))
    case .currents: return .phases(r: current(at: data.start), t: current(at: data.start + 2))
    case .scheduled: return .stamped(stamp(data.start, hasSeconds: true), energy(at: data.start + 7))
    case .minute: return .stampedEnergies(stamp(data.start, hasSeconds: true), energies(at: data.start + 7))
    case .day, .history, .selection: return history(entry, data)
    case .unknown: return .bytes
    }
  }

  // MARK: Numbers

  private func number(_ data: ByteRange) -> UInt32 { UInt32(truncatingIfNeeded: bytes.bigEndian(data)) }

  private func value(_ amount: ECHONETRecord.Amount) -> ECHONETRecord.Value {
    switch amount {
    case .number(let number): .number(number)
    case .absent(let reason): .absent(reason)
    }
  }

  private func energy(at start: UInt16) -> ECHONETRecord.Amount {
    scaling.energy(number(ByteRange(start: start, count: 4)))
  }

  private func energies(at start: UInt16) -> ECHONETRecord.Energies {
    ECHONETRecord.Energies(normal: energy(at: start), reverse: energy(at: start + 4))
  }

  private func power(_ data: ByteRange) -> ECHONETRecord.Amount {
    switch number(data) {
    case 0x7FFF_FFFE: .absent(.noData)
    case 0x7FFF_FFFF: .absent(.overflow)
    case 0x8000_0000: .absent(.underflow)
    case let watts: .number(FixedDecimal(Int64(Int32(bitPattern: watts))))
    }
  }

  private func current(at start: UInt16) -> ECHONETRecord.Amount {
    switch UInt16(truncatingIfNeeded: number(ByteRange(start: start, count: 2))) {
    case 0x7FFE: .absent(.noData)
    case 0x7FFF: .absent(.overflow)
    case 0x8000: .absent(.underflow)
    case let tenths: .number(FixedDecimal(Int64(Int16(bitPattern: tenths)), exponent: -1))
    }
  }

  @_lifetime(self: copy self)
  private mutating func setting(_ entry: ECHONETProperty, _ data: ByteRange) -> ECHONETRecord.Value {
    let found = number(data)
    switch entry.form {
    case .energyUnit:
      guard let exponent = ECHONETScaling.exponent(UInt8(truncatingIfNeeded: found)) else {
        return bad(.badUnit, data, found: Int(found))
      }
      return .number(FixedDecimal(1, exponent: exponent))
    case .coefficient where found > 999_999, .digits where !(1...8).contains(found): return .absent(.outOfRange)
    case .dayNumber where found > 99: return .absent(found == 0xFF ? .notSet : .outOfRange)
    default: return .number(FixedDecimal(Int64(found)))
    }
  }

  // MARK: Histories

  @_lifetime(self: copy self)
  private mutating func history(_ entry: ECHONETProperty, _ data: ByteRange) -> ECHONETRecord.Value {
    if case .day = entry.form {
      let slots = (UInt16(0)..<48).map { energy(at: data.start + 2 + $0 * 4) }
      return .day(Int(number(ByteRange(start: data.start, count: 2))), slots)
    }
    guard data.count >= 7 else { return bad(.lengthMismatch, data, expected: 7, found: Int(data.count)) }
    let time = stamp(data.start, hasSeconds: false)
    let count = Int(bytes[Int(data.start) + 6])
    switch entry.form {
    case .selection(let limit):
      return (1...limit).contains(count) ? .selection(time, count: count) : .absent(.outOfRange)
    case .history(let step, let limit):
      guard count <= limit, data.count == 7 + 8 * count else {
        return bad(.lengthMismatch, data, expected: 7 + 8 * count, found: Int(data.count))
      }
      let all = (0..<UInt16(count)).map { energies(at: data.start + 7 + $0 * 8) }
      return .history(time, stepMinutes: step, all)
    default: return .bytes
    }
  }

  /// Year, month, day, hour, minute and maybe second, in Japan, which does not have summer time.
  ///
  /// Nil for a time outside the calendar: the meter's clock is not set.
  private func stamp(_ start: UInt16, hasSeconds: Bool) -> MeterTime? {
    let index = Int(start)
    return MeterTime(
      year: Int(number(ByteRange(start: start, count: 2))), month: Int(bytes[index + 2]), day: Int(bytes[index + 3]),
      hour: Int(bytes[index + 4]), minute: Int(bytes[index + 5]), second: hasSeconds ? Int(bytes[index + 6]) : 0,
      offset: Self.japan)
  }

  /// Minutes east of UTC.
  static let japan: Int16 = 540

  // MARK: Texts and lists

  private func copy(_ data: ByteRange) -> [UInt8] { data.indices.map { bytes[$0] } }

  private func word(_ data: ByteRange, _ words: [UInt8: String]) -> ECHONETRecord.Value {
    words[bytes[Int(data.start)]].map { .text($0) } ?? .absent(.outOfRange)
  }

  /// ASCII, padded with NUL or blanks.
  private func text(_ data: ByteRange) -> ECHONETRecord.Value {
    let bytes = copy(data)
    guard let end = bytes.lastIndex(where: { $0 != 0 && $0 != 0x20 }) else { return .absent(.notSet) }
    let characters = bytes[...end]
    guard characters.allSatisfy({ (0x20...0x7E).contains($0) }) else {
      return .text(Hexadecimal.text(bytes))
    }
    return .text(String(decoding: characters, as: UTF8.self))
  }

  /// `R.0`: the release of the Appendix and its revision.
  private func release(_ data: ByteRange) -> ECHONETRecord.Value {
    let letter = bytes[Int(data.start) + 2]
    guard (0x41...0x5A).contains(letter & 0xDF) else { return .absent(.outOfRange) }
    return .text("\(Character(Unicode.Scalar(letter))).\(bytes[Int(data.start) + 3])")
  }

  /// Hours and minutes, `14:26`.
  private func timeOfDay(_ data: ByteRange) -> ECHONETRecord.Value {
    let index = Int(data.start)
    guard let time = MeterTime(year: 2000, month: 1, day: 1, hour: Int(bytes[index]), minute: Int(bytes[index + 1]))
    else { return .absent(.invalidTime) }
    return .text("\(String(time.hour, width: 2)):\(String(time.minute, width: 2))")
  }

  private func date(_ data: ByteRange) -> ECHONETRecord.Value {
    let index = Int(data.start)
    let date = MeterTime(
      year: Int(number(ByteRange(start: data.start, count: 2))), month: Int(bytes[index + 2]),
      day: Int(bytes[index + 3]), precision: .day)
    return date.map { .text($0.description) } ?? .absent(.invalidTime)
  }

  /// The place of the meter: a room in the upper five bits and its number in the lower three, or 17 bytes.
  private func location(_ data: ByteRange) -> String {
    let code = bytes[Int(data.start)]
    if data.count > 1 { return Hexadecimal.text(copy(data)) }
    if code == 0 { return "not_set" }
    let rooms = [
      "living room", "dining room", "kitchen", "bathroom", "lavatory", "washroom", "passageway", "room", "stairway",
      "front door", "storeroom", "garden", "garage", "balcony", "other",
    ]
    let room = Int(code >> 3) - 1
    guard rooms.indices.contains(room) else { return Hexadecimal.text([code]) }
    return code & 7 == 0 ? rooms[room] : "\(rooms[room]) \(code & 7)"
  }

  @_lifetime(self: copy self)
  private mutating func list(_ entry: ECHONETProperty, _ data: ByteRange) -> ECHONETRecord.Value {
    let count = Int(bytes[Int(data.start)])
    if case .propertyMap = entry.form {
      guard let codes = ECHONETPropertyMap.codes(bytes.extracting(data.indices)) else {
        return bad(.lengthMismatch, data, expected: count, found: Int(data.count) - 1)
      }
      return .codes(codes)
    }
    guard data.count == 1 + 3 * count else {
      return bad(.lengthMismatch, data, expected: 1 + 3 * count, found: Int(data.count))
    }
    return .objects(
      (0..<count).map { place in
        let index = Int(data.start) + 1 + 3 * place
        return ECHONETObject(bytes[index], bytes[index + 1], bytes[index + 2])
      })
  }

  @_lifetime(self: copy self)
  private mutating func bad(
    _ code: DecodeError.Code, _ data: ByteRange, expected: Int = 0, found: Int
  ) -> ECHONETRecord.Value {
    issue = DecodeError(code, at: Int(data.start), expected: expected, found: found)
    return .absent(.dataError)
  }
}
