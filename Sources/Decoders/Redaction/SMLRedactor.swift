/// Redacts SML files: the numbers of meter and gateway, public keys and signatures, and texts that may identify.
package struct SMLRedactor: FrameRedactor {
  package var pseudonyms = Pseudonyms()

  package init() {}

  package mutating func redact(_ frame: [UInt8]) throws(RedactionError) -> [UInt8] {
    guard frame.count >= 2 * SMLLink.markCount else {
      throw .unreadable(DecodeError(.truncated, at: frame.count))
    }
    var data = SMLDecoder.withoutDoubledEscapes(frame)
    let isStandard = CRC16.x25(frame.span.extracting(0..<frame.count - 2)) == Self.checksum(frame, at: frame.count - 2)
    let end = data.count - SMLLink.markCount - Int(data[data.count - 3])
    guard end >= SMLLink.markCount else { throw .unreadable(DecodeError(.badLength, at: data.count - 3)) }
    var position = SMLLink.markCount
    while position < end {
      let message = try Self.message(data, position..<end)
      position = message.end
      for (code, range) in message.octets where range.count > 1 {
        data.replaceSubrange(range, with: replacement(Array(data[range]), of: code))
      }
      let text = Array(data[message.text])
      let checksum = message.isStandard ? CRC16.x25(text.span) : CRC16.kermit(text.span)
      let bytes = [UInt8(truncatingIfNeeded: checksum), UInt8(checksum >> 8)]
      // A CRC of one byte stays so: its first byte would be 00.
      data.replaceSubrange(message.checksum, with: bytes.suffix(message.checksum.count))
    }
    guard !pseudonyms.isLeft(in: data) else { throw .numberLeft }
    return Self.sealed(data, isStandard: isStandard)
  }

  private static func checksum(_ bytes: [UInt8], at place: Int) -> UInt16 {
    UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8
  }

  /// Doubles escapes and makes the CRC of the file anew.
  private static func sealed(_ data: [UInt8], isStandard: Bool) -> [UInt8] {
    let end = data.count - SMLLink.markCount
    var file = Array(data[..<SMLLink.markCount])
    var position = SMLLink.markCount
    while let place = SMLLink.nextEscape(data.span, from: position), place < end {
      file += data[position..<place + 4] + data[place..<place + 4]
      position = place + 4
    }
    file += data[position..<data.count - 2]
    let checksum = isStandard ? CRC16.x25(file.span) : CRC16.kermit(file.span)
    return file + [UInt8(truncatingIfNeeded: checksum), UInt8(checksum >> 8)]
  }

  // MARK: What to replace

  private struct Message {
    /// Octet strings with the code that stands before them in their entry; nil outside of entries.
    var octets: [(code: Obis?, range: Range<Int>)] = []
    /// What its CRC covers.
    var text = 0..<0
    var checksum = 0..<0
    var isStandard = true
    var end = 0
  }

  private static func message(_ data: [UInt8], _ range: Range<Int>) throws(RedactionError) -> Message {
    try readable { () throws(DecodeError) in
      var message = Message()
      var reader = SMLReader(data.span, range)
      try reader.list(6)
      // The number of the transaction only counts.
      try reader.skip()
      for _ in 0..<3 { try collect(&reader, 0, nil, &message) }
      message.text = range.lowerBound..<reader.position
      let checksum = try reader.element()
      message.checksum = checksum.range
      let expected = UInt16(truncatingIfNeeded: reader.magnitude(checksum)).byteSwapped
      message.isStandard = expected == CRC16.x25(data.span.extracting(message.text))
      guard !reader.isAtEnd, data[reader.position] == 0 else {
        throw DecodeError(.unexpectedElement, at: reader.position)
      }
      message.end = reader.position + 1
      return message
    }
  }

  private static func collect(
    _ reader: inout SMLReader, _ depth: Int, _ code: Obis?, _ message: inout Message
  ) throws(DecodeError) {
    guard depth <= SMLReader.depthLimit else {
      throw DecodeError(.tooDeep, at: reader.position, expected: SMLReader.depthLimit)
    }
    let element = try reader.element()
    var code = code
    switch element.kind {
    case .octets: message.octets.append((code, element.range))
    case .list:
      for index in 0..<element.count {
        let place = reader.position
        // An entry begins with its code.
        if index == 0, element.count == 7, depth >= 3 {
          let name = try reader.element()
          if name.kind == .octets, name.count == 6 {
            code = Obis(reader.bytes, at: name.start)
            continue
          }
          reader.position = place
        }
        try collect(&reader, depth + 1, code, &message)
      }
    default: break
    }
  }

  private mutating func replacement(_ octets: [UInt8], of code: Obis?) -> [UInt8] {
    // Letters of the maker, names of lists and versions.
    if let code, code.cde == 0x60_32_01 || code.cde == 0xC7_82_03 || code.c == 0 && code.d == 2 { return octets }
    if octets.count <= 4 || code == nil && octets.count == 6 { return octets }
    guard let range = SMLServerID(octets.span, ByteRange(from: 0, to: octets.count)).letters else {
      return octets.allSatisfy(\.isPrintable) ? pseudonyms.text(octets) : pseudonyms.bytes(octets)
    }
    let kept = range.indices.upperBound
    return octets[..<kept] + pseudonyms.bytes(Array(octets[kept...]))
  }
}
