/// Redacts ECHONET Lite frames: serial and identification numbers, the place, and properties that are not in the table.
package struct ECHONETRedactor: FrameRedactor {
  package var pseudonyms = Pseudonyms()

  package init() {}

  package mutating func redact(_ frame: [UInt8]) throws(RedactionError) -> [UInt8] {
    let parsed = try readable { () throws(DecodeError) in try ECHONETFrame(frame.span) }
    var result = frame
    for property in parsed.properties where !property.data.isEmpty {
      let range = property.data.indices
      let bytes = Array(frame[range])
      result.replaceSubrange(range, with: replacement(bytes, of: property.code, parsed.source))
    }
    guard !pseudonyms.isLeft(in: result) else { throw .numberLeft }
    return result
  }

  private mutating func replacement(_ bytes: [UInt8], of code: UInt8, _ object: ECHONETObject) -> [UInt8] {
    switch code {
    // Kind of number, maker, then the number: 17 bytes of 83 (part II, 6.11), 16 of C0.
    case 0x83 where bytes.count > 4, 0xC0 where bytes.count > 4:
      return bytes.prefix(4) + pseudonyms.bytes(Array(bytes.dropFirst(4)))
    // Product code, production date.
    case 0x8C, 0x8E: return bytes
    default: break
    }
    switch ECHONETProperty(code, of: object).form {
    case .text: return pseudonyms.text(bytes)
    case .location where bytes.count > 1, .unknown where bytes.count > 1:
      return [UInt8](repeating: 0, count: bytes.count)
    default: return bytes
    }
  }
}
