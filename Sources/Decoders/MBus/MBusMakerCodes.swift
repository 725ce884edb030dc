/// The maker's own codes in a value information block, without their extension bits.
///
/// They stand behind an FF: the VIF itself, or an extension that ends the standard's part. Plain bits, because a readout has
/// a hundred of them.
struct MBusMakerCodes: BitwiseCopyable {
  private(set) var count = 0
  /// A byte each, the first one lowest. Codes behind the eighth are 0; no maker has so many.
  private var word: UInt64 = 0

  subscript(index: Int) -> UInt8 { UInt8(truncatingIfNeeded: word >> UInt64(8 * index)) }

  var first: UInt8? { count > 0 ? self[0] : nil }
  var last: UInt8? { count > 0 ? self[count - 1] : nil }

  fileprivate mutating func append(_ code: UInt8) {
    word |= UInt64(code) << UInt64(8 * count)
    count += 1
  }
}

extension MBusContext {
  /// The maker's codes of a record; none in a block of the standard alone.
  func makerCodes(_ record: MBusRecord) -> MBusMakerCodes {
    var codes = MBusMakerCodes()
    guard record.modifiers.contains(.otherMeaning) || record.quantity == .manufacturerSpecific else { return codes }
    var isMaker = false
    // Behind FB and FD stands a code of their own table, which may be FF too.
    var place = record.vib.indices.lowerBound
    switch bytes[place] {
    case 0x7C, 0xFC: return codes
    case 0xFB, 0xFD: place += 2
    default: break
    }
    while place < record.vib.indices.upperBound {
      if isMaker { codes.append(bytes[place] & 0x7F) } else { isMaker = bytes[place] == 0xFF }
      place += 1
    }
    return codes
  }
}

extension FieldKey.Phase {
  /// The conductor by the number that makers give it: 1, 2, 3; nil for any other.
  init?(number: some BinaryInteger) {
    switch number {
    case 1: self = .l1
    case 2: self = .l2
    case 3: self = .l3
    default: return nil
    }
  }
}
