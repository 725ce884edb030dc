/// Cuts the output of a Wi-SUN dongle with the SKSTACK command set into lines and datagrams.
///
/// A line ends with CR, with LF or with both: some answers lack LF. The reader counts binary data of a datagram, and never
/// searches it for a line end.
package struct SKSTACKReader: Sendable {
  package enum Piece: Hashable, Sendable {
    /// A line without its end; never an empty one.
    case line([UInt8])
    case datagram(SKSTACKDatagram)
    /// A damaged datagram, or bytes without a line end.
    case rejected([UInt8], DecodeError)
  }

  /// Bytes without a line end that count as noise.
  static let lineLimit = 4096

  /// The module writes data in binary (`ROPT` 00). Data that cannot be text always counts as binary.
  package var writesBinary = false

  private var buffer: [UInt8] = []
  private var isFinished = false
  /// The part of a line before a damaged byte, for `next`.
  private var spoilt: [UInt8] = []
  /// The bytes up to the next line end are not credible.
  private var isSkipping = false

  package init() {}

  /// A line or datagram has begun and is incomplete.
  package var isInside: Bool { !buffer.isEmpty || isSkipping }

  /// Takes bytes in pieces of any size.
  package mutating func append(_ bytes: Span<UInt8>) {
    buffer.reserveCapacity(buffer.count + bytes.count)
    for index in bytes.indices {
      let byte = bytes[index]
      if !isSkipping { buffer.append(byte) } else if byte.isLineEnd { isSkipping = false }
    }
  }

  /// The next byte is damaged. The reader rejects its line or datagram.
  package mutating func spoil() {
    spoilt += buffer
    buffer = []
    isSkipping = true
  }

  /// The line is quiet or has ended: a half piece counts as whole or is rejected. Call `next` afterwards.
  package mutating func finish() {
    isFinished = true
    isSkipping = false
  }

  /// The next piece, oldest first; nil until more bytes come.
  package mutating func next() -> Piece? {
    if !spoilt.isEmpty {
      defer { spoilt = [] }
      return .rejected(spoilt, DecodeError(.parityError, at: spoilt.count, found: 1))
    }
    while !buffer.isEmpty {
      let end = buffer.firstIndex(where: \.isLineEnd)
      if let start = place(of: SKSTACKDatagramHead.keyword, before: end ?? buffer.count) {
        // Before it stands the echo of a command without an end.
        if start > 0 { return .line(take(start)) }
        guard let piece = datagram() else { break }
        return piece
      }
      if let end {
        let line = take(end)
        buffer.removeFirst()
        if !line.isEmpty { return .line(line) }
      } else if buffer.count > Self.lineLimit {
        return .rejected(take(buffer.count), DecodeError(.tooLong, at: 0, expected: Self.lineLimit))
      } else {
        break
      }
    }
    guard isFinished else { return nil }
    guard !buffer.isEmpty else {
      isFinished = false
      return nil
    }
    // A whole line lacks only its end.
    guard buffer.last != .carriageReturn else { return .rejected(take(buffer.count), DecodeError(.truncated, at: 0)) }
    buffer.append(.carriageReturn)
    return next()
  }

  /// The datagram at the beginning of the buffer.
  private mutating func datagram() -> Piece? {
    switch SKSTACKDatagramHead.read(buffer[...]) {
    case .incomplete: return nil
    case .malformed:
      guard let end = buffer.firstIndex(where: \.isLineEnd) else {
        guard buffer.count > Self.lineLimit else { return nil }
        return .rejected(take(buffer.count), DecodeError(.tooLong, at: 0, expected: Self.lineLimit))
      }
      return .rejected(take(end), DecodeError(.badLine, at: 0))
    case .complete(let head):
      guard head.dataStart < buffer.count else { return nil }
      let isText = Hexadecimal.digit(buffer[head.dataStart]) != nil && !writesBinary
      return isText || head.dataCount == 0 ? text(head) : binary(head)
    }
  }

  private mutating func text(_ head: SKSTACKDatagramHead) -> Piece? {
    guard let end = lineEnd(behind: head) else { return tooLong(head) }
    let digits = buffer[head.dataStart..<end]
    guard let data = Hexadecimal.bytes(digits) else {
      return reject(head, to: end, DecodeError(.badNumber, at: head.dataStart))
    }
    guard data.count == head.dataCount else {
      let error = DecodeError(.lengthMismatch, at: head.dataStart, expected: head.dataCount, found: data.count)
      return reject(head, to: end, error)
    }
    buffer.removeFirst(end + 1)
    return .datagram(head.datagram.with(data))
  }

  private mutating func binary(_ head: SKSTACKDatagramHead) -> Piece? {
    let end = head.dataStart + head.dataCount
    guard end < buffer.count else {
      // The input has ended: the apparent data may contain whole lines.
      guard isFinished else { return nil }
      let error = DecodeError(.truncated, at: head.dataStart, expected: head.dataCount)
      return reject(head, to: head.dataStart, error)
    }
    guard buffer[end].isLineEnd else {
      // Bytes are lost, so the reader searches the rest for lines again. It drops the whole line of an authentication.
      if head.datagram.isAuthentication, lineEnd(behind: head) == nil { return tooLong(head) }
      let error = DecodeError(
        .badFrame, at: head.dataStart, expected: Int(UInt8.carriageReturn), found: Int(buffer[end]))
      return reject(head, to: head.dataStart, error)
    }
    let data = Array(buffer[head.dataStart..<end])
    buffer.removeFirst(end + 1)
    return .datagram(head.datagram.with(data))
  }

  /// A broken datagram; of the authentication of modules only its head.
  private mutating func reject(_ head: SKSTACKDatagramHead, to end: Int, _ error: DecodeError) -> Piece {
    guard head.datagram.isAuthentication else { return .rejected(take(end), error) }
    return .rejected(Array(take(max(end, lineEnd(behind: head) ?? buffer.count)).prefix(head.dataStart)), error)
  }

  /// A line without its end; nil while the end may still come.
  private mutating func tooLong(_ head: SKSTACKDatagramHead) -> Piece? {
    guard buffer.count > Self.lineLimit else { return nil }
    return reject(head, to: buffer.count, DecodeError(.tooLong, at: 0, expected: Self.lineLimit))
  }

  private func lineEnd(behind head: SKSTACKDatagramHead) -> Int? {
    buffer[head.dataStart...].firstIndex(where: \.isLineEnd)
  }

  private mutating func take(_ count: Int) -> [UInt8] {
    let bytes = Array(buffer[..<count])
    buffer.removeFirst(count)
    return bytes
  }

  private func place(of keyword: [UInt8], before end: Int) -> Int? {
    guard end >= keyword.count else { return nil }
    return (0...(end - keyword.count)).first { buffer[$0] == keyword[0] && buffer[$0...].starts(with: keyword) }
  }
}

extension SKSTACKDatagram {
  fileprivate func with(_ data: [UInt8]) -> SKSTACKDatagram {
    var datagram = self
    datagram.data = data
    return datagram
  }
}
