/// A parsed value information block: the meaning of the data, and the changes by extensions.
struct MBusValueInformation {
  /// Extension bytes that the standard allows.
  static let extensionLimit = 10

  var meaning: VIFMeaning
  var modifiers: MBusRecord.Modifiers = []
  var phase = FieldKey.Phase.none
  var quadrant: UInt8 = 0
  /// The meter sends a reason instead of a value.
  var absence: Field.Absence?
  /// A series of past values in one record, not a text.
  var isProfile = false
  /// The power of ten of a summand, in the unit without its own power; nil without a summand.
  var addedPower: Int8?
  /// More extension bytes than allowed: the parser steps over the block and does not use it.
  var isTooLong = false

  /// A block that nothing extends.
  @inline(__always)
  init(meaning: VIFMeaning) { self.meaning = meaning }

  @inline(__always)
  init(_ reader: inout ByteReader) throws(DecodeError) {
    let vif = try reader.byte()
    var more = vif
    var count = 0
    switch vif {
    case 0xFB:
      more = try reader.byte()
      count = 1
      meaning = .extensionFB(more)
    case 0xFD:
      more = try reader.byte()
      count = 1
      meaning = .extensionFD(more)
      if more == 0xFD {
        // Behind FD FD stands a second table, which is unknown here.
        more = try reader.byte()
        count = 2
      }
    case 0x7C, 0xFC:
      meaning = .primary(vif)
      _ = try reader.skip(Int(try reader.byte()))
    default: meaning = .primary(vif)
    }
    guard more & 0x80 != 0 else { return }
    let start = reader.position
    let end = try readExtensions(reader.bytes, at: start, isMaker: vif == 0xFF, count: count)
    _ = try reader.skip(end &- start)
  }

  /// Reads the extension bytes up to the first without the extension bit, and returns their end. Bytes behind a maker's
  /// extension are the maker's own.
  @inline(never)
  private mutating func readExtensions(
    _ bytes: Span<UInt8>, at start: Int, isMaker: Bool, count: Int
  ) throws(DecodeError) -> Int {
    var reader = ByteReader(bytes, at: start)
    var isMaker = isMaker
    var count = count
    var isSecondTable = false
    while true {
      let vife = try reader.byte()
      count &+= 1
      if count > Self.extensionLimit { isTooLong = true }
      if isSecondTable {
        applySecond(vife & 0x7F)
        isSecondTable = false
      } else if !isMaker {
        switch vife & 0x7F {
        case 0x7F:
          isMaker = true
          modifiers.insert(.otherMeaning)
        case 0x7C: isSecondTable = true
        default: apply(vife & 0x7F)
        }
      }
      if vife & 0x80 == 0 { return reader.position }
    }
  }

  /// The table of extensions for any value.
  private mutating func apply(_ vife: UInt8) {
    switch vife {
    case 0x00: break  // no error
    case 0x13, 0x1E, 0x1F:
      isProfile = true
      modifiers.insert(.otherMeaning)
    case 0x15: absence = .noData
    case 0x16: absence = .overflow
    case 0x17: absence = .underflow
    case 0x18: absence = .dataError
    case 0x1D: break  // coded as the standard says
    case 0x20...0x27, 0x28...0x38, 0x3D: modifiers.insert([.otherMeaning, .otherUnit])
    case 0x39: becomeTime()
    case 0x3B: modifiers.insert(.positive)
    case 0x3C: modifiers.insert(.negative)
    case 0x41, 0x49: become(VIFMeaning(meaning.quantity, .none, 0, .unsigned))
    case 0x42, 0x43, 0x46, 0x47, 0x4A, 0x4B, 0x4E, 0x4F, 0x6A, 0x6B, 0x6E, 0x6F: becomeTime()
    case 0x50...0x67: become(.duration(meaning.quantity, vife))
    case 0x70...0x77: meaning.exponent &+= Int8(vife & 7) - 6
    case 0x78...0x7B: addedPower = Int8(vife & 3) - 3
    case 0x7D: meaning.exponent &+= 3
    default: modifiers.insert(.otherMeaning)
    }
  }

  /// The table behind extension 7C.
  private mutating func applySecond(_ vife: UInt8) {
    switch vife {
    case 0x01: phase = .l1
    case 0x02: phase = .l2
    case 0x03: phase = .l3
    case 0x04: phase = .n
    case 0x08...0x0B: quadrant = vife - 7
    case 0x0C: modifiers.insert(.net)
    case 0x10: modifiers.insert(.absolute)
    case 0x11, 0x12:
      // The data is of type C or D for any quantity.
      if meaning.shape == .signed { meaning.shape = .unsigned }
    case 0x0D: modifiers.insert([.otherMeaning, .otherUnit])
    default: modifiers.insert(.otherMeaning)
    }
  }

  /// The data is the time of an event of the quantity.
  private mutating func becomeTime() { become(VIFMeaning(.dateTime, .none, 0, .time)) }

  private mutating func become(_ other: VIFMeaning) {
    meaning = other
    modifiers.insert(.otherMeaning)
  }
}
