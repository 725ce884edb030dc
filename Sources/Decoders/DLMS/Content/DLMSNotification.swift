/// First bytes of DLMS application data (Green Book 9.5).
enum DLMSTag {
  static let dataNotification: UInt8 = 0x0F
  static let generalGlobalCiphering: UInt8 = 0xDB
  static let generalDedicatedCiphering: UInt8 = 0xDC
  static let generalCiphering: UInt8 = 0xDD
  static let generalSigning: UInt8 = 0xDF
  static let generalBlockTransfer: UInt8 = 0xE0
  static let linkControl: UInt8 = 0xE6
  static let text = UInt8(ascii: "/")

  /// Whether application data of a push may begin with this byte.
  static func begins(_ byte: UInt8) -> Bool {
    switch byte {
    case dataNotification, generalGlobalCiphering, generalDedicatedCiphering, generalCiphering, generalBlockTransfer,
      linkControl, AXDRTag.array, AXDRTag.structure:
      true
    default: false
    }
  }
}

/// `0F invoke-id(4) date-time body`: the notification that a meter pushes (Green Book 9.3.10).
///
/// The date-time is missing (00), or it is a length and twelve bytes (0C …). Kaifa and old Kamstrup meters send an octet
/// string (09 0C …).
struct DLMSNotification: BitwiseCopyable {
  /// The meter's own counter.
  var invokeID: UInt32
  /// The twelve bytes of the date-time; nil if it is missing.
  var time: Int?
  /// Place of the body.
  var body: Int

  /// The head of the notification at a place.
  init(_ bytes: Span<UInt8>, at start: Int, to end: Int) throws(DecodeError) {
    guard end - start >= 6 else { throw DecodeError(.truncated, at: end, expected: 6 - (end - start)) }
    invokeID = 0
    for index in start + 1..<start + 5 { invokeID = invokeID << 8 | UInt32(bytes[index]) }
    let place = start + 5
    switch bytes[place] {
    case 0x00:
      time = nil
      body = place + 1
      return
    case DLMSDateTime.count: time = place + 1
    case AXDRTag.octetString:
      guard place + 1 < end else { throw DecodeError(.truncated, at: end, expected: 1) }
      guard bytes[place + 1] == DLMSDateTime.count else {
        throw DecodeError(
          .badFrame, at: place + 1, expected: Int(DLMSDateTime.count), found: Int(bytes[place + 1]))
      }
      time = place + 2
    default:
      throw DecodeError(.badFrame, at: place, expected: Int(DLMSDateTime.count), found: Int(bytes[place]))
    }
    body = (time ?? place) + Int(DLMSDateTime.count)
    guard body <= end else { throw DecodeError(.truncated, at: end, expected: body - end) }
  }
}

/// A block of general block transfer (Green Book 9.4.6.13): `E0 control number(2) acknowledged(2) length data`.
struct DLMSBlock {
  /// Counts from 1.
  var number: Int
  /// It is the last block.
  var isLast: Bool
  /// The place of its part of the application data. The end may lie behind the received bytes.
  var data: Range<Int>

  /// The head of the block at a place.
  init(_ bytes: Span<UInt8>, at start: Int) throws(DecodeError) {
    guard bytes.count - start >= 7 else {
      throw DecodeError(.truncated, at: bytes.count, expected: 7 - (bytes.count - start))
    }
    isLast = bytes[start + 1] & 0x80 != 0
    number = Int(bytes[start + 2]) << 8 | Int(bytes[start + 3])
    var reader = AXDRReader(bytes, start + 6..<bytes.count)
    let count = try reader.length()
    guard count <= DLMSFramer.limit else { throw DecodeError(.tooLong, at: start, expected: DLMSFramer.limit) }
    data = reader.position..<reader.position + count
  }
}
