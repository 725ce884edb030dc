/// Finds ECHONET Lite frames in recorded bytes: plain frames one behind the other, or the lines of a Wi-SUN dongle, of
/// which each `ERXUDP` carries a frame.
///
/// A frame has neither an end mark nor a check value. It ends behind its properties, if the next frame begins there or
/// the input ends. Else it reaches to the next beginning, and the decoder reports the mistake. Of a dongle's lines the
/// framer hands out only frames and foreign bytes: commands and the authentication of modules contain secrets.
package struct ECHONETFramer: Framer {
  private enum Form { case unknown, frames, lines(SKSTACKReader) }

  /// Bytes of one input of plain frames.
  private static let limit = 64 * 1024

  private var form = Form.unknown
  private var buffer: [UInt8] = []
  private var isFinished = false

  package init() {}

  package mutating func append(_ bytes: Span<UInt8>) {
    if case .lines(var reader) = form {
      reader.append(bytes)
      form = .lines(reader)
      return
    }
    buffer.append(bytes)
    if buffer.count > Self.limit { isFinished = true }
  }

  /// The input ended.
  package mutating func finish() {
    isFinished = true
    if case .lines(var reader) = form {
      reader.finish()
      form = .lines(reader)
    }
  }

  /// The next frame or rejected piece, oldest first; nil until more bytes come.
  package mutating func next() -> Framed? {
    recognise()
    switch form {
    case .unknown: return nil
    case .lines(var reader):
      defer { form = .lines(reader) }
      while let piece = reader.next() { if let framed = Self.framed(piece) { return framed } }
      return nil
    case .frames: return isFinished ? plainFrame() : nil
    }
  }

  private mutating func recognise() {
    guard case .unknown = form, let first = buffer.first else { return }
    let isText = (0x20...0x7E).contains(first) || first.isLineEnd
    guard isText || buffer.contains(SKSTACKDatagramHead.keyword) else {
      if isFinished { form = .frames }
      return
    }
    var reader = SKSTACKReader()
    reader.append(buffer.span)
    if isFinished { reader.finish() }
    buffer = []
    form = .lines(reader)
  }

  // MARK: Lines

  private static func framed(_ piece: SKSTACKReader.Piece) -> Framed? {
    switch piece {
    case .datagram(let datagram) where datagram.isAuthentication: return nil
    case .datagram(let datagram): return .frame(datagram.data)
    case .rejected(let bytes, let error):
      // A damaged line may contain the secrets of the authentication of modules.
      let isPrivate = String(decoding: bytes, as: UTF8.self).contains(" 02CC ")
      return .rejected(isPrivate ? [] : bytes, error)
    case .line(let line):
      let known = ["SK", "OK", "FAIL", "EVENT ", "EVER ", "EINFO ", "EPANDESC", "  ", "ROPT", "WOPT", "FE80:"]
      if known.contains(where: { line.starts(with: $0.utf8) }) { return nil }
      return .rejected(line, DecodeError(.noise, at: 0, found: line.count))
    }
  }

  // MARK: Plain frames

  private mutating func plainFrame() -> Framed? {
    guard !buffer.isEmpty else {
      isFinished = false
      form = .unknown
      return nil
    }
    guard begins(at: 0) else {
      let piece = take(nextBeginning(from: 1))
      return .rejected(piece, Self.error(of: piece))
    }
    let end = Self.end(buffer)
    let isEnd = end == buffer.count || end.map { begins(at: $0) } == true
    return .frame(take(isEnd ? end ?? buffer.count : nextBeginning(from: ECHONETFrame.headerLength)))
  }

  private static func error(of piece: [UInt8]) -> DecodeError {
    do throws(DecodeError) { _ = try ECHONETFrame(piece.span) } catch { return error }
    return DecodeError(.noise, at: 0, found: piece.count)
  }

  private func begins(at index: Int) -> Bool {
    index + 1 < buffer.count && buffer[index] == ECHONETFrame.firstByte && buffer[index + 1] == ECHONETFrame.secondByte
  }

  private func nextBeginning(from start: Int) -> Int {
    guard start < buffer.count else { return buffer.count }
    return (start..<buffer.count).first { begins(at: $0) } ?? buffer.count
  }

  /// The end of the properties of the first frame; nil if it is behind the last byte.
  private static func end(_ bytes: [UInt8]) -> Int? {
    guard bytes.count >= ECHONETFrame.headerLength else { return nil }
    var position = ECHONETFrame.headerLength
    for _ in 0..<bytes[position - 1] {
      guard position + 1 < bytes.count else { return nil }
      position += 2 + Int(bytes[position + 1])
    }
    return position <= bytes.count ? position : nil
  }

  private mutating func take(_ count: Int) -> [UInt8] {
    let bytes = Array(buffer[..<count])
    buffer.removeFirst(count)
    return bytes
  }
}
