/// The wrapper of IEC 62056-47: `00 01 source(2) destination(2) length(2)`, then application data.
enum DLMSWrapperTransport {
  static let headerCount = 8

  /// Bytes of application data by the header, which must exist.
  static func length(_ bytes: Span<UInt8>) -> Int { Int(bytes[6]) << 8 | Int(bytes[7]) }

  static func examine(_ bytes: Span<UInt8>) -> Examination {
    guard bytes[0] == 0, bytes.count < 2 || bytes[1] == 1 else { return .none }
    guard bytes.count > headerCount else { return .incomplete() }
    let length = length(bytes)
    guard length > 0, length <= DLMSFramer.limit, DLMSTag.begins(bytes[headerCount]) else { return .none }
    return bytes.count >= headerCount + length ? .frame(headerCount + length, isChecked: false) : .incomplete()
  }
}

/// Application data without a frame: its own lengths tell its end.
enum DLMSAPDUTransport {
  /// Bytes of the logical link control header E6 E6 00 or E6 E7 00, which may precede application data.
  static let linkControlCount = 3

  /// Whether a link control header stands at a place.
  static func hasLinkControl(_ bytes: Span<UInt8>, at place: Int) -> Bool {
    place + linkControlCount <= bytes.count && bytes[place] == 0xE6
      && (bytes[place + 1] == 0xE6 || bytes[place + 1] == 0xE7) && bytes[place + 2] == 0
  }

  static func examine(_ bytes: Span<UInt8>, isLast: Bool) -> Examination {
    if bytes[0] == 0xE6, bytes.count <= linkControlCount { return .incomplete() }
    let start = hasLinkControl(bytes, at: 0) ? linkControlCount : 0
    guard start < bytes.count else { return .incomplete() }
    do throws(DecodeError) {
      let end: Int
      switch bytes[start] {
      case DLMSTag.generalGlobalCiphering, DLMSTag.generalDedicatedCiphering:
        end = try DLMSEnvelope(bytes, at: start).end
      case DLMSTag.generalBlockTransfer:
        let block = try DLMSBlock(bytes, at: start)
        guard (1..<256).contains(block.number) else { return .none }
        end = block.data.upperBound
      case DLMSTag.dataNotification:
        let body = try DLMSNotification(bytes, at: start, to: bytes.count).body
        guard body < bytes.count else { return .incomplete() }
        guard bytes[body] == AXDRTag.array || bytes[body] == AXDRTag.structure else { return .none }
        var nodes: [AXDRNode] = []
        var reader = AXDRReader(bytes, body..<bytes.count, isPartial: !isLast)
        try reader.value(into: &nodes)
        end = reader.position
      default: return .none
      }
      return bytes.count >= end ? .frame(end, isChecked: false) : .incomplete()
    } catch {
      if error.code == .truncated, error.expected <= DLMSFramer.limit { return .incomplete() }
      return .broken(error, extent: 0)
    }
  }
}
