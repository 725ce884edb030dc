/// A layout of a maker's own in wireless telegrams: bytes that no DIB and VIB describe. Each is in a file of its own, and a
/// line of `all`. Sources: drivers of wmbusmeters, held against telegrams.
struct MakerLayout: Sendable {
  /// Where its bytes stand.
  enum Place: Sendable {
    /// Behind a CI field A0 to B7.
    case frame
    /// Behind the header, in place of records.
    case body
    /// In a record of the maker's own (DIF 0F, or VIF FF with data of variable length), beside ordinary ones.
    case record
  }

  /// FLAG letters, packed.
  let makers: [UInt16]
  let versions: [UInt8]
  /// Media in the address; empty for any.
  let types: [UInt8]
  let informations: ClosedRange<UInt8>
  let place: Place
  let medium: Medium
  /// Adds the fields, and throws `truncated` where bytes are missing.
  let read: @Sendable (inout MakerReader) throws(DecodeError) -> Void

  init(
    _ makers: [StaticString], versions: [UInt8] = [], types: [UInt8] = [],
    informations: ClosedRange<UInt8> = 0x00...0xFF, _ place: Place, _ medium: Medium,
    _ read: @escaping @Sendable (inout MakerReader) throws(DecodeError) -> Void
  ) {
    self.makers = makers.map(MBusHeaders.code)
    self.versions = versions
    self.types = types
    self.informations = informations
    self.place = place
    self.medium = medium
    self.read = read
  }

  /// Nil for a meter without a known layout in this place.
  static func of(_ address: WirelessAddress, _ information: UInt8, _ place: Place) -> MakerLayout? {
    guard makers & MBusHeaders.bit(address.manufacturer) != 0 else { return nil }
    return all.first { $0.place == place && $0.fits(address, information) }
  }

  /// `MBusHeaders.bit` of all makers: most meters have none of the layouts.
  private static let makers = all.flatMap(\.makers).reduce(0) { $0 | MBusHeaders.bit($1) }

  private func fits(_ address: WirelessAddress, _ information: UInt8) -> Bool {
    makers.contains(address.manufacturer & 0x7FFF) && (versions.isEmpty || versions.contains(address.version))
      && (types.isEmpty || types.contains(address.medium)) && informations.contains(information)
  }

  /// Whether a record has bytes of this layout.
  func fits(_ record: MBusRecord, _ bytes: [UInt8]) -> Bool {
    place == .record && (record.kind == .manufacturerSpecific || bytes[record.vib.indices].elementsEqual([0xFF, 0x5F]))
  }
}

extension MBusRecord {
  /// The maker's bytes, without the length byte of data of variable length.
  func makerData(_ bytes: [UInt8]) -> Range<Int> {
    let isVariable = kind == .data && bytes[Int(dib.start)] & 15 == 13
    return data.indices.lowerBound + (isVariable ? 1 : 0)..<data.indices.upperBound
  }
}

/// The bytes of a maker's layout, and the reading that is made of them. Numbers have their least significant byte first.
struct MakerReader {
  let data: [UInt8]
  let message: WirelessMessage
  let cipher: WirelessCipher?
  var reading: Reading
  var issues: [DecodeError] = []
  /// The layout's own cipher, and whether the meter's key has opened it.
  var security: WirelessSecurity?
  var isOpened = false

  init(_ data: [UInt8], _ message: WirelessMessage, _ cipher: WirelessCipher?, _ reading: Reading) {
    self.data = data
    self.message = message
    self.cipher = cipher
    self.reading = reading
  }

  /// Throws `truncated` unless there are so many bytes.
  func need(_ count: Int) throws(DecodeError) {
    guard data.count >= count else {
      throw DecodeError(.truncated, at: message.bytes.count, expected: count, found: data.count)
    }
  }

  /// The number at a place.
  func number(at start: Int, _ count: Int) throws(DecodeError) -> Int64 {
    try need(start + count)
    return data[start..<start + count].reversed().reduce(0) { $0 << 8 | Int64($1) }
  }

  /// Adds a number with the power of ten that its unit has on the wire.
  mutating func add(
    _ name: FieldName, _ number: FixedDecimal?, _ unit: Unit = .none, storage: UInt64 = 0
  ) {
    let published = name.entry.unit
    var value = Field.Value.absent(.outOfRange)
    if let number {
      if unit.shift(to: published) == nil { reading.willRound(number, from: unit) }
      if let converted = number.converted(from: unit, to: published) { value = .number(converted) }
    }
    var key = FieldKey(name, storage: storage)
    key.ordinal = UInt8(clamping: reading.fields.count { $0.key.name == name && $0.key.storage == storage })
    reading.fields.append(Field(key, value, published))
  }

  /// Adds the flags that are set, joined by `+`; `ok` if all are clear.
  mutating func addStatus(_ flags: [(isSet: Bool, name: StaticString)]) {
    let names = flags.filter(\.isSet).map(\.name.description)
    let text = names.isEmpty ? "ok" : names.joined(separator: "+")
    reading.fields.append(Field(FieldKey(.status), .text(reading.keep(text.utf8))))
  }
}
