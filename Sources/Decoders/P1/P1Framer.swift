/// Cuts P1 telegrams out of a stream: `/`, identification, lines, `!`, checksum, line end (DSMR P1 companion standard 5.0.2,
/// clause 6.2; IEC 62056-21 mode D).
///
/// It works line by line, since only the rest of a line tells the meaning of `/` and `!`:
/// - `/` begins a telegram if the rest of its line is an identification: three letters and more, without brackets and `!`.
///   It may stand in the middle of a line, because users unplug meters in the middle of a line; the last one counts. Holley
///   meters have another `/` inside theirs.
/// - `!` ends a telegram at the beginning of a line, or with a checksum straight after a closing bracket. Only up to four
///   hexadecimal digits and the line end may follow it.
///
/// An enciphered telegram begins with its cipher, alone or behind an identification; its length tells its end.
///
/// Every byte comes out once, with one exception: the framer drops line ends alone between two telegrams, since meters
/// and gateways pad with them.
///
/// Silence does not end a telegram that may have a checksum, since that tells whether bytes were lost. If it then ends
/// without one, it is `truncated`. A telegram of a meter that sends none ends at silence.
package struct P1Framer: Framer {
  /// Bytes of one telegram, and of one piece of noise.
  package static let limit = 16 * 1024

  /// Bytes from `start` on have not come out yet.
  private var buffer: [UInt8] = []
  /// First byte of the current telegram or gap.
  private var start = 0
  /// First byte of the current line.
  private var line = 0
  /// The index up to which that line does not contain a line end.
  private var searched = 0
  /// Whether a telegram began at `start`; a gap otherwise.
  private var isInside = false
  /// Identification of the last meter that sent a checksum. From now on it must send one.
  private var checkedMeter: [UInt8] = []
  /// Identification of the last meter that sent a telegram without a checksum.
  private var uncheckedMeter: [UInt8] = []
  /// The first byte behind the last silence in the telegram from `start`; nil without one.
  private var silentAt: Int?
  private var binary = P1BinarySearch()
  /// The pieces that silence made of the rest, last one first.
  private var pending: [Framed] = []

  package init() {}

  package mutating func append(_ bytes: Span<UInt8>) {
    if start == buffer.count || start > Self.limit { forgetPast() }
    buffer.append(bytes)
  }

  package mutating func next() -> Framed? {
    if let framed = pending.popLast() { return framed }
    while true {
      switch isInside && !binary.isAtBody ? .none : examineBinary() {
      case .none: break
      case .incomplete: return nil
      case .found(let range, let error):
        if let framed = takeBinary(range, error) { return framed }
        continue
      }
      guard let end = endOfLine() else { break }
      if end - start > Self.limit { return cut(at: start + Self.limit) }
      if let framed = takeLine(to: end) { return framed }
    }
    if buffer.count - start > Self.limit { return cut(at: start + Self.limit) }
    // Between its telegrams a meter takes no room.
    if start == buffer.count { forgetPast() }
    return nil
  }

  /// The line pauses. A telegram with its checksum is whole even without its last line end.
  package mutating func pause() {
    if isInside, binary.isAtBody { return _ = closeCipher() }
    if isInside, let last = checksum(to: buffer.count), !last.isMissing || isOf(uncheckedMeter) { closeLast() }
  }

  /// The line is quiet. A telegram is whole even without its last line end. Else it waits if it may have a checksum.
  package mutating func quiet() {
    if isInside, binary.isAtBody {
      guard closeCipher() else { return }
    } else if isInside {
      closeLast()
    }
    let beginning = isInside ? start : identification(to: buffer.count, isWhole: false)
    guard let beginning, !isInside || !isOf(uncheckedMeter) else { return finish() }
    if beginning > start, let framed = reject(to: beginning) { pending.insert(framed, at: 0) }
    line = max(line, beginning)
    // Bytes that may be a cipher were not searched for line ends.
    searched = max(searched, line)
    silentAt = buffer.count
  }

  package var isWaiting: Bool { start < buffer.count }

  /// Hands out the telegram if nothing but a line end can follow.
  private mutating func closeLast() {
    guard let last = checksum(to: buffer.count), mistake(last)?.code != .truncated else { return }
    if let framed = takeLine(to: buffer.count) { pending.insert(framed, at: 0) }
  }

  /// Hands out the enciphered telegram if all its bytes are there. False if it waits for its rest.
  private mutating func closeCipher() -> Bool {
    binary.isQuiet = true
    defer { binary.isQuiet = false }
    switch examineBinary() {
    case .none: return true
    case .incomplete: return false
    case .found(let range, let error):
      if let framed = takeBinary(range, error) { pending.insert(framed, at: 0) }
      return true
    }
  }

  /// The line is quiet or has ended. A telegram is whole even without its last line end.
  package mutating func finish() {
    var rest: [Framed] = []
    binary.isLast = true
    while let framed = next() { rest.append(framed) }
    binary.isLast = false
    while line < buffer.count {
      if let framed = takeLine(to: buffer.count) { rest.append(framed) }
    }
    if let framed = reject(to: buffer.count) { rest.append(framed) }
    isInside = false
    pending = rest.reversed()
  }

  // MARK: Bytes that are not text

  private mutating func examineBinary() -> P1BinarySearch.Outcome {
    // A span of the property would keep `binary` from changing.
    let bytes = buffer
    if isInside { return binary.examineTelegram(bytes.span, start: start, line: line) }
    return binary.examineGap(bytes.span, line: line)
  }

  /// Takes what was found, or the noise before it; nil for line ends alone before it.
  private mutating func takeBinary(_ range: Range<Int>, _ error: DecodeError?) -> Framed? {
    line = range.lowerBound
    searched = line
    if range.lowerBound > start { return reject(to: range.lowerBound) }
    line = range.upperBound
    searched = line
    if let error { return reject(to: line, error) }
    return .frame(piece(to: line))
  }

  // MARK: Lines

  /// One past the next line feed.
  private mutating func endOfLine() -> Int? {
    searched = lineFeed(from: searched)
    return searched < buffer.count ? searched + 1 : nil
  }

  /// The next line feed, or the end of the bytes.
  private func lineFeed(from start: Int) -> Int {
    buffer.span.place(of: .lineFeed, from: start)
  }

  /// Examines the line up to `end`. It returns the piece that ends in it, or goes on to the next line.
  private mutating func takeLine(to end: Int) -> Framed? {
    guard mayBeginOrEnd(to: end) else {
      line = end
      searched = end
      return nil
    }
    if let slash = identification(to: end) {
      let broken = slash > start ? close(to: slash) : nil
      start = slash
      if let place = silentAt, place <= slash { silentAt = nil }
      isInside = true
      binary.identificationEnded(at: end)
      // Behind the piece before it, the rest of this line is a header.
      line = end
      searched = end
      return broken
    }
    let framed = isInside ? closeTelegram(to: end) : nil
    line = end
    searched = end
    return framed
  }

  /// A quick test: nearly all lines end with a closing bracket, and neither begin nor end a telegram.
  private func mayBeginOrEnd(to end: Int) -> Bool {
    let bytes = buffer.span
    var last = end - 1
    while last > line, bytes[last].isLineEnd { last &-= 1 }
    return bytes[last] != UInt8(ascii: ")") || bytes[line] == UInt8(ascii: "!")
  }

  /// Ends the piece from `start`, because a new telegram begins at `end`.
  private mutating func close(to end: Int) -> Framed? {
    if isInside, let framed = closeTelegram(to: end) { return framed }
    return reject(to: end)
  }

  /// The place in the line where a telegram begins. An identification that is not whole yet may have any length. A `/` without
  /// an identification behind it is part of one that begins the line.
  private func identification(to end: Int, isWhole: Bool = true) -> Int? {
    let bytes = buffer.span
    var last = end
    while last > line, bytes[last - 1].isLineEnd { last &-= 1 }
    var index = last
    var isInsideOne = false
    while index > line {
      index &-= 1
      switch bytes[index] {
      case UInt8(ascii: "/"):
        if Self.isIdentification(bytes, index..<last, isWhole: isWhole) {
          return isInsideOne && index > line ? nil : index
        }
        isInsideOne = true
      case UInt8(ascii: "!"), UInt8(ascii: "("), UInt8(ascii: ")"), 0..<0x20, 0x7F...: return nil
      default: break
      }
    }
    return nil
  }

  private static func isIdentification(_ bytes: Span<UInt8>, _ place: Range<Int>, isWhole: Bool) -> Bool {
    if isWhole, place.count <= 4 { return false }
    for index in place.dropFirst().prefix(3) where !bytes[index].isLetter { return false }
    return true
  }

  // MARK: Pieces

  /// The checksum if the line up to `end` is the last of the telegram.
  private func checksum(to end: Int) -> P1Checksum? { P1Checksum(buffer.span, line..<end) }

  /// The telegram from `start`, if the line up to `end` is its last.
  private mutating func closeTelegram(to end: Int) -> Framed? {
    guard let checksum = checksum(to: end) else {
      // A line that begins with `!` ends the telegram even with a garbled checksum.
      guard line < end, buffer[line] == UInt8(ascii: "!") else { return nil }
      let isDigit = buffer[line + 1..<end].prefix(4).map { Hexadecimal.digit($0) != nil }
      let bad = line + 1 + (isDigit.firstIndex(of: false) ?? 4)
      return reject(
        to: end, DecodeError(.badFrame, at: bad - start, expected: Int(UInt8.carriageReturn), found: Int(buffer[bad])))
    }
    if let error = mistake(checksum) { return reject(to: end, error) }
    if checksum.isMissing, let silentAt, silentAt <= checksum.bang {
      return reject(to: end, DecodeError(.truncated, at: silentAt - start))
    }
    note(checksum)
    return .frame(piece(to: end))
  }

  /// The mistake in the checksum of the telegram from `start`.
  private func mistake(_ checksum: P1Checksum) -> DecodeError? {
    guard checksum.isMissing else { return checksum.mistake(buffer.span, start: start) }
    let bang = checksum.bang
    guard isOf(checkedMeter) || P1Version(buffer[start..<bang].span)?.hasChecksum == true else { return nil }
    return DecodeError(bang + 1 == buffer.count ? .truncated : .checksumMissing, at: bang + 1 - start)
  }

  /// Remembers whether the meter sends checksums.
  private mutating func note(_ checksum: P1Checksum) {
    guard !isOf(checksum.isMissing ? uncheckedMeter : checkedMeter) else { return }
    let identification = Array(buffer[start..<checksum.bang].prefix { !$0.isLineEnd })
    if checksum.isMissing { uncheckedMeter = identification } else { checkedMeter = identification }
  }

  /// Whether the telegram from `start` is of a meter with this identification.
  private func isOf(_ meter: [UInt8]) -> Bool {
    let end = start + meter.count
    guard !meter.isEmpty, end < buffer.count, buffer[end].isLineEnd else { return false }
    return buffer[start..<end].elementsEqual(meter)
  }

  /// Rejects the bytes before `end`: a telegram without its end, or noise; nil for line ends alone.
  private mutating func reject(to end: Int) -> Framed? {
    let count = end - start
    if isInside { return reject(to: end, DecodeError(.truncated, at: count)) }
    if buffer[start..<end].allSatisfy(\.isLineEnd) {
      start = end
      return nil
    }
    return reject(to: end, DecodeError(.noise, at: 0, found: count))
  }

  private mutating func reject(to end: Int, _ error: DecodeError) -> Framed { .rejected(piece(to: end), error) }

  /// Rejects a piece that grew past the limit.
  private mutating func cut(at end: Int) -> Framed? {
    let error =
      isInside
      ? DecodeError(.tooLong, at: Self.limit, expected: Self.limit)
      : DecodeError(.noise, at: 0, found: Self.limit)
    let framed = reject(to: end, error)
    line = end
    searched = end
    return framed
  }

  /// Hands out the bytes from `start`; a gap begins after them.
  private mutating func piece(to end: Int) -> [UInt8] {
    let bytes = Array(buffer[start..<end])
    start = end
    isInside = false
    silentAt = nil
    return bytes
  }

  /// Drops the bytes that have come out.
  private mutating func forgetPast() {
    guard start > 0 else { return }
    if start == buffer.count { buffer = [] } else { buffer.removeFirst(start) }
    line -= start
    searched -= start
    silentAt = silentAt.map { $0 - start }
    binary.forget(start)
    start = 0
  }
}
