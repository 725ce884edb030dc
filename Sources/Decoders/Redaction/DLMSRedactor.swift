/// Redacts whole DLMS telegrams, with their link frames. Enciphered ones are enciphered again with another key.
package struct DLMSRedactor: FrameRedactor {
  package var pseudonyms = Pseudonyms()
  private var envelopes: EnvelopeRedactor

  /// - Parameters:
  ///   - cipher: the meter's; nil without a key.
  ///   - systemTitle: for meters that do not send theirs.
  ///   - example: the cipher with a key that is not a secret.
  package init(cipher: DLMSCipher?, systemTitle: SystemTitle?, example: DLMSCipher?) {
    envelopes = EnvelopeRedactor(cipher: cipher, systemTitle: systemTitle, example: example)
  }

  package mutating func redact(_ frame: [UInt8]) throws(RedactionError) -> [UInt8] {
    var data = try readable { () throws(DecodeError) in try DLMSPayload.gather(frame.span) }
    let places = DLMSPayload.places(frame.span)
    var position = 0
    repeat {
      if DLMSAPDUTransport.hasLinkControl(data.span, at: position) { position += DLMSAPDUTransport.linkControlCount }
      guard position < data.count else { throw .unreadable(DecodeError(.truncated, at: position, expected: 1)) }
      position = try redact(&data, at: position)
    } while position < data.count
    var result = frame
    for (place, byte) in zip(places, data) { result[place] = byte }
    return DLMSPayload.withChecksums(result)
  }

  /// Redacts the application data at a place; returns its end.
  private mutating func redact(_ data: inout [UInt8], at position: Int) throws(RedactionError) -> Int {
    switch data[position] {
    case DLMSTag.generalGlobalCiphering, DLMSTag.generalDedicatedCiphering:
      let envelope = try envelopes.open(&data, at: position)
      try redact(&data, envelope.text)
      try envelopes.close(&data, envelope, &pseudonyms)
      return envelope.end
    case DLMSTag.dataNotification, AXDRTag.array, AXDRTag.structure:
      try redact(&data, position..<data.count)
      return data.count
    default: throw .unreadable(DecodeError(.unsupported, at: position, found: Int(data[position])))
    }
  }

  private mutating func redact(_ data: inout [UInt8], _ range: Range<Int>) throws(RedactionError) {
    guard let first = range.first else { return }
    if data[first] == DLMSTag.text {
      let text = try P1Text.redacted(Array(data[range]), &pseudonyms)
      guard text.count == range.count else { throw .unreadable(DecodeError(.lengthMismatch, at: first)) }
      data.replaceSubrange(range, with: text)
      return
    }
    let bytes = data
    let nodes = try readable { () throws(DecodeError) in
      var start = first
      if bytes[first] == DLMSTag.dataNotification {
        start = try DLMSNotification(bytes.span, at: first, to: range.upperBound).body
      }
      var nodes: [AXDRNode] = []
      var reader = AXDRReader(bytes.span, start..<range.upperBound)
      try reader.value(into: &nodes)
      guard reader.position == range.upperBound else {
        throw DecodeError(.noise, at: reader.position, found: range.upperBound - reader.position)
      }
      return nodes
    }
    replace(nodes, in: &data)
    guard !pseudonyms.isLeft(in: Array(data[range])) else { throw .numberLeft }
  }

  private mutating func replace(_ nodes: [AXDRNode], in data: inout [UInt8]) {
    var code: [UInt8] = []
    for node in nodes {
      let range = node.range.indices
      let bytes = node.isList ? [] : Array(data[range])
      switch node.tag {
      case AXDRTag.octetString where bytes.count == 6 && bytes[5] == 0xFF: code = bytes
      case AXDRTag.octetString, AXDRTag.visibleString, AXDRTag.utf8String:
        if !isHarmless(bytes, of: code) { data.replaceSubrange(range, with: replacement(bytes)) }
      case AXDRTag.int32, AXDRTag.uint32, AXDRTag.int64, AXDRTag.uint64:
        if Self.names(code) { data.replaceSubrange(range, with: pseudonyms.bytes(bytes)) }
      default: break
      }
    }
  }

  private mutating func replacement(_ bytes: [UInt8]) -> [UInt8] {
    // Some meters fill texts up with NUL.
    let text = bytes.prefix(bytes.count - bytes.reversed().prefix { $0 == 0 }.count)
    guard text.allSatisfy({ (0x20...0x7E).contains($0) }) else { return pseudonyms.bytes(bytes) }
    return pseudonyms.text(Array(text)) + [UInt8](repeating: 0, count: bytes.count - text.count)
  }

  /// Times, the names of lists and models, and what is too short for a number.
  private func isHarmless(_ bytes: [UInt8], of code: [UInt8]) -> Bool {
    if bytes.count == Int(DLMSDateTime.count), DLMSDateTime(bytes.span, at: 0) != nil { return true }
    if Self.names(code) { return false }
    if Self.isState(code), bytes.count <= 16 { return true }
    // A code whose last byte is not FF names a billing period.
    if bytes.count <= 4 || bytes.count == 6 && bytes[0] <= 8 && bytes[2] != 0 { return true }
    guard bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else { return false }
    let longest = bytes.split { !$0.isDigit }.map(\.count).max() ?? 0
    let isListName = bytes.contains(UInt8(ascii: "_")) && bytes[0].isLetter
    let isModel = Self.model(code) || bytes.count <= 8 && bytes.contains { $0.isLetter }
    return (isListName || isModel) && longest <= 4
  }

  /// States, counters of events and tariffs.
  private static func isState(_ code: [UInt8]) -> Bool {
    code.count == 6 && code[2] == 96 && [3, 5, 7, 8, 14].contains(code[3])
  }

  /// 96.1.7, of Kamstrup 1-1:96.1.1.
  private static func model(_ code: [UInt8]) -> Bool {
    guard code.count == 6 else { return false }
    return code[2...4].elementsEqual([96, 1, 7]) || code[0] == 1 && code[2...4].elementsEqual([96, 1, 1])
  }

  /// Whether a code is that of a number of the meter: 0.0.x, 42.0.0, 96.1.x.
  private static func names(_ code: [UInt8]) -> Bool {
    guard code.count == 6, !model(code) else { return false }
    return code[2] == 0 && code[3] == 0 || code[2] == 42 && code[3] == 0 || code[2] == 96 && code[3] == 1
  }
}

extension DLMSPayload {
  /// Where the bytes of `gather` stand in the frame, which it has read before.
  static func places(_ frame: Span<UInt8>) -> [Int] {
    var places: [Int] = []
    var position = 0
    var isFirst = true
    while position < frame.count, let link = DLMSLinkFrame(frame, at: position) {
      var payload = link.payload
      if isFirst, let block = link.block(frame) {
        payload = block.data.lowerBound..<max(block.data.lowerBound, payload.upperBound)
      }
      places += payload
      position += link.count
      isFirst = link.isLast
    }
    return places
  }

  /// The frame with new checksums in all its link frames.
  static func withChecksums(_ frame: [UInt8]) -> [UInt8] {
    var result = frame
    var position = 0
    while position < result.count, let link = DLMSLinkFrame(result.span, at: position) {
      switch link.transport {
      case .mbus:
        let end = position + link.count - 2
        result[end] = result[position + 4..<end].reduce(0, &+)
      case .hdlc:
        guard let layout = DLMSHDLCTransport.Layout(result.span.extracting(position..<result.count)) else { break }
        for end in Set([layout.headerEnd, layout.end]).sorted() {
          let checksum = CRC16.x25(result.span.extracting(position + layout.format..<position + end))
          result[position + end] = UInt8(truncatingIfNeeded: checksum)
          result[position + end + 1] = UInt8(checksum >> 8)
        }
      default: break
      }
      position += link.count
    }
    return result
  }
}
