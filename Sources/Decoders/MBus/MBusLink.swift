/// The link layer of M-Bus: the fixed bytes of its frames, and their lengths.
struct MBusLink: LinkLayer {
  static let acknowledge: UInt8 = 0xE5
  static let shortStart: UInt8 = 0x10
  static let longStart: UInt8 = 0x68
  static let stop: UInt8 = 0x16
  /// Bytes after the CI field that one frame can carry.
  static let dataLimit = 252

  /// The acknowledgement lacks a check, so it counts only where a frame may begin. In noise that the limit cut, a beginning
  /// without a credible length does not begin a new piece.
  func examine(_ bytes: Span<UInt8>, at place: ScanPlace) -> Examination {
    let examination = Self.examine(bytes)
    switch examination {
    case .frame(_, isChecked: false) where !place.isFirst || place.predecessor == .noise: return .none
    case .broken(_, extent: 0, _) where place.isFirst && place.predecessor == .noise: return .none
    default: return examination
    }
  }

  /// Whether `68 L L 68`, the head of a long frame, stands at a place.
  static func hasHead(_ bytes: Span<UInt8>, at place: Int) -> Bool {
    bytes[place] == longStart && place + 3 < bytes.count && bytes[place + 1] == bytes[place + 2]
      && bytes[place + 3] == longStart
  }

  /// Whether a CI field marks a segment of a higher protocol, in practice DLMS (EN 13757-3: CI 00 to 1F).
  static func isSegment(_ information: UInt8) -> Bool { information & 0xE0 == 0 }

  /// Whether the head of a long frame with such a segment stands at a place.
  static func hasHeadOfSegment(_ bytes: Span<UInt8>, at place: Int) -> Bool {
    hasHead(bytes, at: place) && place + 6 < bytes.count && isSegment(bytes[place + 6])
  }

  /// Throws unless these bytes are exactly one frame.
  static func check(_ frame: Span<UInt8>) throws(DecodeError) {
    switch examine(frame) {
    case .frame(let count, _):
      guard count == frame.count else {
        throw DecodeError(.lengthMismatch, at: 0, expected: count, found: frame.count)
      }
    case .incomplete(let missing): throw DecodeError(.truncated, at: frame.count, expected: missing)
    case .broken(let error, _, _): throw error
    case .none, .fill, .foreign: throw DecodeError(.badFrame, at: 0, expected: Int(longStart), found: Int(frame[0]))
    }
  }

  private static func examine(_ bytes: Span<UInt8>) -> Examination {
    guard bytes.count > 0 else { return .incomplete(missing: 1) }
    switch bytes[0] {
    case acknowledge: return .frame(1, isChecked: false)
    case shortStart: return examineShort(bytes)
    case longStart: return examineLong(bytes)
    default: return .none
    }
  }

  private static func examineShort(_ bytes: Span<UInt8>) -> Examination {
    guard bytes.count >= 5 else { return .incomplete(missing: 5 - bytes.count) }
    guard bytes[4] == stop else {
      return .broken(DecodeError(.badFrame, at: 4, expected: Int(stop), found: Int(bytes[4])), extent: 0)
    }
    let sum = bytes[1] &+ bytes[2]
    guard sum == bytes[3] else {
      return .broken(DecodeError(.checksumMismatch, at: 3, expected: Int(bytes[3]), found: Int(sum)), extent: 0)
    }
    return .frame(5)
  }

  private static func examineLong(_ bytes: Span<UInt8>) -> Examination {
    guard bytes.count >= 2 else { return .incomplete(missing: 9 - bytes.count) }
    // Two start bytes three apart are credible with any lengths between them.
    let isHeader = bytes.count > 3 && bytes[3] == longStart
    let length = Int(bytes[1])
    guard length >= 3 else {
      let error = DecodeError(.lengthMismatch, at: 1, expected: 3, found: length)
      return .broken(error, extent: 0, isCredible: isHeader)
    }
    guard bytes.count >= 3 else { return .incomplete(missing: length + 6 - bytes.count) }
    guard bytes[2] == bytes[1] else {
      let error = DecodeError(.lengthMismatch, at: 2, expected: length, found: Int(bytes[2]))
      return .broken(error, extent: 0, isCredible: isHeader)
    }
    guard bytes.count >= 4 else { return .incomplete(missing: length + 6 - bytes.count) }
    guard isHeader else {
      return .broken(DecodeError(.badFrame, at: 3, expected: Int(longStart), found: Int(bytes[3])), extent: 0)
    }
    let total = length + 6
    guard bytes.count >= total else { return .incomplete(missing: total - bytes.count) }
    let last = total - 1
    guard bytes[last] == stop else {
      return .broken(DecodeError(.badFrame, at: last, expected: Int(stop), found: Int(bytes[last])), extent: total)
    }
    var sum: UInt8 = 0
    for index in 4..<last - 1 { sum &+= bytes[index] }
    guard sum == bytes[last - 1] else {
      let error = DecodeError(.checksumMismatch, at: last - 1, expected: Int(bytes[last - 1]), found: Int(sum))
      return .broken(error, extent: total)
    }
    return .frame(total)
  }
}
