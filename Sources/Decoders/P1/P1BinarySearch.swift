/// Finds what is not text on a P1 line, for `P1Framer`: enciphered telegrams, and HDLC frames of DLMS meters.
///
/// Lengths tell their ends, and bytes inside them may look like text.
struct P1BinarySearch: Sendable {
  /// The thing that the bytes hold. Places are indices of the bytes.
  enum Outcome {
    /// Text or noise.
    case none
    /// More bytes decide.
    case incomplete
    /// An enciphered telegram, or another whole thing with its error.
    case found(Range<Int>, DecodeError? = nil)
  }

  /// The line is quiet: what may be whole is whole.
  var isQuiet = false
  /// More bytes will not come.
  var isLast = false
  /// Place behind the line of an identification, until a line of text follows.
  private var body: Int?
  /// The index up to which a gap has been searched.
  private var searched = 0
  /// Identification of the last meter with a cipher behind it.
  private var meter: [UInt8] = []
  /// Whether that meter sends a checksum behind its cipher.
  private var isChecked = false

  /// Whether no line of text has followed the identification yet.
  var isAtBody: Bool { body != nil }

  /// A telegram begins, and its first line ends at a place.
  mutating func identificationEnded(at place: Int) { body = place }

  /// So many of the first bytes have gone.
  mutating func forget(_ count: Int) {
    body = body.map { $0 - count }
    searched = max(0, searched - count)
  }

  /// Examines a telegram that begins at `start` and whose current line begins at `line`.
  mutating func examineTelegram(_ bytes: Span<UInt8>, start: Int, line: Int) -> Outcome {
    guard var place = body else { return .none }
    while place < bytes.count, bytes[place].isLineEnd { place += 1 }
    if place == bytes.count { return .none }
    guard place >= line else { return text() }
    switch P1CipherBlock.examine(bytes, at: place, isBehindIdentification: true) {
    case .none: return text()
    case .incomplete: return isLast ? text() : .incomplete
    case .block(let block):
      guard block.end <= bytes.count else { return isLast ? text() : .incomplete }
      return end(bytes, start: start, of: block)
    }
  }

  /// Examines the line from `line` between telegrams.
  mutating func examineGap(_ bytes: Span<UInt8>, line: Int) -> Outcome {
    var index = max(line, searched)
    while index < bytes.count, bytes[index] != .lineFeed {
      let outcome: Outcome =
        switch bytes[index] {
        case 0xDB, 0xDC: cipher(bytes, at: index)
        case 0x7E: frame(bytes, at: index)
        default: .none
        }
      if case .found = outcome { return outcome }
      if case .incomplete = outcome, !isLast {
        searched = index
        return outcome
      }
      index += 1
    }
    searched = index
    return .none
  }

  // MARK: Behind an identification

  /// The telegram is in plain.
  private mutating func text() -> Outcome {
    body = nil
    return .none
  }

  /// Behind the block stands `!` with a checksum, or nothing.
  private mutating func end(_ bytes: Span<UInt8>, start: Int, of block: P1CipherBlock) -> Outcome {
    let bang = block.end
    var identification: [UInt8] = []
    while !bytes[start + identification.count].isLineEnd { identification.append(bytes[start + identification.count]) }
    let isKnown = identification == meter
    if block.isEncrypted {
      switch identification.begins(bytes, in: block.start + 1..<bang) {
      case true?: return text()
      case nil where !isLast && !isQuiet: return .incomplete
      default: break
      }
    }
    // The next byte decides: pieces of any size make the same frames.
    if bang == bytes.count, !isLast, !isQuiet || isKnown && isChecked { return .incomplete }
    if bang < bytes.count, bytes[bang] == UInt8(ascii: "!") {
      let outcome = checksum(bytes, start: start, bang: bang)
      if case .found(let range, nil) = outcome {
        meter = identification
        isChecked = Hexadecimal.digit(bytes[min(bang + 1, range.upperBound - 1)]) != nil
      }
      return outcome
    }
    // Other bytes show that some of the block were lost.
    let isEnd = bang == bytes.count || bytes[bang] == UInt8(ascii: "/") || bytes[bang].isLineEnd
    guard isEnd, !isKnown || !isChecked || bang == bytes.count else { return text() }
    if !isKnown {
      meter = identification
      isChecked = false
    }
    return .found(start..<bang)
  }

  /// `!` and up to four digits, a checksum over all bytes up to `!`, then the line end.
  private mutating func checksum(_ bytes: Span<UInt8>, start: Int, bang: Int) -> Outcome {
    var end = bang + 1
    while end < bytes.count, end <= bang + 4, Hexadecimal.digit(bytes[end]) != nil { end += 1 }
    let digits = end - bang - 1
    guard end == bytes.count || bytes[end].isLineEnd else { return text() }
    if end < bytes.count, bytes[end] == .carriageReturn { end += 1 }
    if end == bytes.count, !isLast, !isQuiet || digits < 4 { return .incomplete }
    if end < bytes.count, bytes[end] == .lineFeed { end += 1 }
    let error = P1Checksum(bytes, bang..<end).flatMap { $0.isMissing ? nil : $0.mistake(bytes, start: start) }
    return .found(start..<end, error)
  }

  // MARK: Between telegrams

  private func cipher(_ bytes: Span<UInt8>, at index: Int) -> Outcome {
    switch P1CipherBlock.examine(bytes, at: index, isBehindIdentification: false) {
    case .none: return .none
    case .incomplete: return .incomplete
    case .block(let block):
      guard block.end <= bytes.count else { return .incomplete }
      // Mark and title; where they come again within the block, bytes were lost.
      guard bytes[index + 1] == 8, block.isEncrypted else { return .found(index..<block.end) }
      let head = (index..<index + 10).map { bytes[$0] }
      switch head.begins(bytes, in: index + 1..<block.end) {
      case true?: return .none
      case nil where !isQuiet && !isLast: return .incomplete
      default: return .found(index..<block.end)
      }
    }
  }

  /// An HDLC frame of type 3 with a correct check value (IEC 62056-46): a DLMS meter on this port.
  private func frame(_ bytes: Span<UInt8>, at index: Int) -> Outcome {
    guard index + 2 < bytes.count else { return .incomplete }
    let last = index + 1 + (Int(bytes[index + 1] & 0x07) << 8 | Int(bytes[index + 2]))
    guard bytes[index + 1] & 0xF0 == 0xA0, last > index + 8 else { return .none }
    guard last < bytes.count else { return .incomplete }
    let check = UInt16(bytes[last - 2]) | UInt16(bytes[last - 1]) << 8
    guard bytes[last] == 0x7E, CRC16.x25(bytes.extracting(index + 1..<last - 2)) == check else { return .none }
    return .found(index..<last + 1, DecodeError(.otherProtocol, at: 0, found: 0x7E))
  }
}

extension [UInt8] {
  /// Whether these bytes begin within a range, and so once more: bytes in between were lost. Nil if more bytes decide.
  fileprivate func begins(_ bytes: Span<UInt8>, in range: Range<Int>) -> Bool? {
    for start in range where bytes[start] == first {
      var length = 1
      while length < count, start + length < bytes.count, bytes[start + length] == self[length] { length += 1 }
      if length == count { return true }
      if start + length == bytes.count { return nil }
    }
    return false
  }
}
