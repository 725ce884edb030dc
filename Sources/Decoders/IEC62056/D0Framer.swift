/// Cuts readouts out of a stream: `/` identification, data lines, `!` (IEC 62056-21, 6.3).
///
/// - A block between STX and ETX ends with its check character, BCC. Only that ends it.
/// - Many meters that push, and heat meters behind gateways, send neither: `!` ends their data, outside of brackets.
/// - `/` begins a readout if the rest of its line is an identification. In the middle of a line another readout has broken off.
///
/// Bit 7 may hold the parity, if a port with 8N1 reads 7E1: it is removed if all bytes agree. Every byte comes out once, except
/// line ends between two readouts and the echo of requests before one.
///
/// The first readout of a meter without STX waits for the next byte or a pause: behind `!` may come ETX and BCC.
package struct D0Framer: Framer {
  /// Bytes of one readout, and of one piece of noise.
  package static let limit = 16 * 1024

  /// Bytes from `start` on have not come out yet.
  private var buffer: [UInt8] = []
  private var start = 0
  /// The index up to which no mark is left.
  private var searched = 0
  /// Place behind the identification; nil in a gap.
  private var body: Int?
  private var stx: Int?
  /// Place of the last `!` that may have ended the block.
  private var bang: Int?
  /// More bytes will not come.
  private var isLast = false
  /// Identification of the last meter with a BCC. From now on it must send one.
  private var checkedMeter: [UInt8] = []
  /// Identification of the last meter without.
  private var uncheckedMeter: [UInt8] = []
  /// The pieces that silence made of the rest, last one first.
  private var pending: [Framed] = []

  package init() {}

  package mutating func append(_ bytes: Span<UInt8>) {
    if start > 0 { forgetPast() }
    if buffer.isEmpty { buffer = [UInt8](bytes) } else { buffer.append(bytes) }
  }

  package mutating func next() -> Framed? {
    if let framed = pending.popLast() { return framed }
    while true {
      let mark = nextMark()
      searched = mark
      if mark == buffer.count { break }
      if mark - start >= Self.limit { return cut() }
      let outcome =
        switch buffer[mark] & 0x7F {
        case UInt8(ascii: "/"): examineStart(mark)
        case D0Block.stx: examineSTX(mark)
        default: examineEnd(mark)
        }
      switch outcome {
      case .passed: searched = max(searched, mark + 1)
      case .incomplete: return buffer.count - start > Self.limit ? cut() : nil
      case .framed(let framed): return framed
      }
    }
    return buffer.count - start > Self.limit ? cut() : nil
  }

  /// The line pauses: a readout without a check value is whole at its `!`.
  package mutating func pause() {
    let mark = nextMark()
    guard body != nil, stx == nil, mark < buffer.count, buffer[mark] & 0x7F == UInt8(ascii: "!") else { return }
    isLast = true
    if case .framed(let framed) = examineEnd(mark) { pending.insert(framed, at: 0) }
    isLast = false
  }

  /// The line is quiet. A block waits for its BCC, which tells whether bytes were lost.
  package mutating func quiet() {
    if stx == nil { finish() }
  }

  package var isWaiting: Bool { start < buffer.count }

  package mutating func finish() {
    var rest: [Framed] = []
    isLast = true
    while let framed = next() { rest.append(framed) }
    isLast = false
    if start < buffer.count, let framed = reject(to: buffer.count) { rest.append(framed) }
    pending = rest.reversed()
  }

  // MARK: Marks

  private enum Outcome {
    case passed
    /// More bytes decide.
    case incomplete
    case framed(Framed)
  }

  /// The next `/`, and within a readout also `!`, and STX before the data; the end of the bytes for none.
  private func nextMark() -> Int {
    let bytes = buffer.span
    let slash = UInt8(ascii: "/")
    let end = body == nil ? slash : UInt8(ascii: "!")
    let first = body == nil || stx != nil ? slash : D0Block.stx
    var index = searched
    // Most pieces of 32 bytes have none, and the compiler looks at many of their bytes at once.
    while index &+ 32 <= bytes.count {
      let piece = bytes.extracting(index..<index &+ 32)
      var marks: UInt8 = 0
      // Without parity only a mark becomes 0 and then 255.
      for place in 0..<32 {
        let byte = piece[place] & 0x7F
        marks |= ((byte ^ slash) &- 1) | ((byte ^ end) &- 1) | ((byte ^ first) &- 1)
      }
      if marks > 0x7F { break }
      index &+= 32
    }
    while index < bytes.count {
      let byte = bytes[index] & 0x7F
      if byte == slash || byte == end || byte == first { break }
      index &+= 1
    }
    return index
  }

  private mutating func examineStart(_ slash: Int) -> Outcome {
    let isAtLineStart =
      slash == start || buffer[slash - 1] & 0x7F == .lineFeed || buffer[slash - 1] & 0x7F == .carriageReturn
    let found = D0Identification.find(buffer.span, at: slash, isAtLineStart: isAtLineStart, isLast: isLast)
    switch found {
    case .none: return .passed
    case .incomplete: return .incomplete
    case .end(let end):
      let before = slash > start ? reject(to: slash) : nil
      start = slash
      body = end
      stx = nil
      bang = nil
      searched = end
      return before.map { .framed($0) } ?? .passed
    }
  }

  /// STX stands before the first data, behind the echo of the head at most.
  private mutating func examineSTX(_ place: Int) -> Outcome {
    guard let body, stx == nil, !buffer[body..<place].contains(where: { $0 & 0x7F == UInt8(ascii: "(") }) else {
      return .passed
    }
    stx = place
    return .passed
  }

  private mutating func examineEnd(_ place: Int) -> Outcome {
    guard body != nil, isOutside(place) else { return .passed }
    var index = place + 1
    while index < buffer.count, index < place + 5, (buffer[index] & 0x7F).isLineEnd { index += 1 }
    let isETX = index < buffer.count && buffer[index] & 0x7F == D0Block.etx
    if index == buffer.count || isETX && index + 1 == buffer.count, !isLast {
      // Nothing can follow that would matter.
      guard stx == nil, !isETX, isOf(uncheckedMeter), buffer[index - 1] & 0x7F == .lineFeed else { return .incomplete }
    }
    if isETX { return .framed(closeBlock(etx: index)) }
    guard stx == nil else {
      bang = place
      return .passed
    }
    return closeData(bang: place)
  }

  /// Whether no bracket is open on the line of a `!`. A value is not longer than the limit.
  private func isOutside(_ place: Int) -> Bool {
    var index = place - 1
    while index > max(start, place - Self.longestValue) {
      let before = buffer[index] & 0x7F
      if before == UInt8(ascii: "(") { return false }
      if before == UInt8(ascii: ")") || before.isLineEnd || before == D0Block.stx { return true }
      index -= 1
    }
    return true
  }

  /// More characters than a value and its unit have.
  private static let longestValue = 160

  // MARK: Ends

  /// ETX ends the block, and BCC follows.
  private mutating func closeBlock(etx: Int) -> Framed {
    guard etx + 1 < buffer.count else { return reject(to: etx + 1, DecodeError(.checksumMissing, at: etx + 1 - start)) }
    let first = stx.map { $0 + 1 } ?? body ?? start
    let check = buffer[etx + 1]
    let isGood = D0Block.fits(buffer.span, first..<etx + 1, check: check) {
      D0Block.takesSum(Array(buffer[start...].prefix(4)).span)
    }
    if isGood { return takeFrame(to: etx + 2, isChecked: true) }
    // The next readout begins where BCC is missing.
    if check & 0x7F == UInt8(ascii: "/"),
      D0Identification.find(buffer.span, at: etx + 1, isAtLineStart: true, isLast: true) != .none
    {
      return reject(to: etx + 1, DecodeError(.checksumMissing, at: etx + 1 - start))
    }
    let found = D0Block.exclusiveOr(buffer.span.extracting(first..<etx + 1))
    return reject(
      to: etx + 2,
      DecodeError(.checksumMismatch, at: etx + 1 - start, expected: Int(check & 0x7F), found: Int(found)))
  }

  /// `!` ends data without STX, if nothing that can be read stands behind it on its line.
  private mutating func closeData(bang: Int) -> Outcome {
    var end = bang + 1
    if end < buffer.count {
      var digits = end
      while digits < buffer.count, digits < end + 4, Hexadecimal.digit(buffer[digits]) != nil { digits += 1 }
      if digits == end + 4 {
        if digits == buffer.count, !isLast { return .incomplete }
        if digits == buffer.count || buffer[digits].isLineEnd {
          return .framed(reject(to: digits, DecodeError(.otherProtocol, at: 0, found: Int(UInt8(ascii: "/")))))
        }
      }
      let next = buffer[end] & 0x7F
      guard next < 0x20 || next >= 0x7F || next == UInt8(ascii: "/") else { return .passed }
    }
    if end < buffer.count, buffer[end] & 0x7F == .carriageReturn { end += 1 }
    if end < buffer.count, buffer[end] & 0x7F == .lineFeed { end += 1 }
    if isOf(checkedMeter) { return .framed(reject(to: end, DecodeError(.checksumMissing, at: end - start))) }
    return .framed(takeFrame(to: end, isChecked: false))
  }

  /// Hands out the readout without parity bits.
  private mutating func takeFrame(to end: Int, isChecked: Bool) -> Framed {
    switch D0Block.highBits(buffer.span.extracting(start..<end)) {
    case .none: break
    case .parity: for index in start..<end { buffer[index] &= 0x7F }
    case .damage(let place, let count):
      // A port with 8N1 may also bring a character beyond ASCII, in half of whose neighbours bit 7 is not their parity. Then
      // BCC must cover all eight bits.
      let first = stx.map { $0 + 1 } ?? body ?? start
      let isCovered = !isChecked || buffer[first..<end].reduce(0, ^) == 0
      if !isCovered || count * 4 < end - start {
        return reject(to: end, DecodeError(.lineError, at: place, found: count))
      }
    }
    if !isOf(isChecked ? checkedMeter : uncheckedMeter), let body {
      if isChecked { checkedMeter = Array(buffer[start..<body]) } else { uncheckedMeter = Array(buffer[start..<body]) }
    }
    return .frame(piece(to: end))
  }

  /// Whether the readout from `start` is of a meter with this identification.
  private func isOf(_ meter: [UInt8]) -> Bool {
    guard let body, body - start == meter.count, !meter.isEmpty else { return false }
    for index in meter.indices where buffer[start + index] & 0x7F != meter[index] { return false }
    return true
  }

  // MARK: Pieces

  /// Rejects the bytes before `end`: a readout without its end, or noise; nil for what may stand before a readout.
  private mutating func reject(to end: Int) -> Framed? {
    let count = end - start
    if body != nil {
      if stx != nil, bang != nil { return reject(to: end, DecodeError(.checksumMissing, at: count)) }
      return reject(to: end, DecodeError(.truncated, at: count))
    }
    switch D0Echo(buffer.span, start..<end) {
    case .requests where end == buffer.count:
      return reject(to: end, DecodeError(.noIdentification, at: 0, found: count))
    case .lineEnds, .requests:
      start = end
      searched = max(searched, end)
      return nil
    case .other(let hasRequest):
      return reject(to: end, DecodeError(hasRequest ? .noIdentification : .noise, at: 0, found: count))
    }
  }

  private mutating func reject(to end: Int, _ error: DecodeError) -> Framed { .rejected(piece(to: end), error) }

  /// Rejects a piece that grew past the limit.
  private mutating func cut() -> Framed {
    let error =
      body == nil
      ? DecodeError(.noise, at: 0, found: Self.limit) : DecodeError(.tooLong, at: Self.limit, expected: Self.limit)
    return reject(to: start + Self.limit, error)
  }

  /// Hands out the bytes from `start`; a gap begins after them.
  private mutating func piece(to end: Int) -> [UInt8] {
    body = nil
    stx = nil
    bang = nil
    guard start > 0 || end < buffer.count else {
      defer { buffer = [] }
      searched = 0
      return buffer
    }
    let bytes = Array(buffer[start..<end])
    start = end
    searched = end
    return bytes
  }

  /// Drops the bytes that have come out.
  private mutating func forgetPast() {
    if start == buffer.count { buffer = [] } else { buffer.removeFirst(start) }
    searched -= start
    body = body.map { $0 - start }
    stx = stx.map { $0 - start }
    bang = bang.map { $0 - start }
    start = 0
  }
}
