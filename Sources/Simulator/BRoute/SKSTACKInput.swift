/// The input of a module with the SKSTACK command set: bytes become commands.
///
/// A line ends with CR or LF. `SKSENDTO` announces the length of its data. Until that is complete, all bytes are data,
/// even whole commands of another program.
struct SKSTACKInput: Sendable {
  enum Item: Equatable, Sendable {
    case command(String)
    /// `SKSENDTO` without its data, and the data.
    case send(String, [UInt8])
    /// `SKSENDTO` of the other dialect; its data is lost.
    case malformedSend(String)
  }

  private static let keyword = Array("SKSENDTO ".utf8)
  /// The most data of one datagram.
  private static let dataLimit = 0x04D0
  /// A longer line is cut into several.
  private static let lineLimit = 512

  /// `SKSENDTO` has a field for one of two sides.
  let isSided: Bool
  private var buffer: [UInt8] = []
  private var awaited: (head: String, count: Int)?

  init(isSided: Bool) { self.isSided = isSided }

  /// The data of a datagram is incomplete.
  var isInsideData: Bool { awaited != nil }

  mutating func append(_ bytes: [UInt8]) { buffer += bytes }

  /// The next command; nil if it needs more bytes. If `losesBytes` is true, half of the data of a datagram is lost.
  mutating func next(losesBytes: () -> Bool) -> Item? {
    while !buffer.isEmpty {
      if let (head, count) = awaited {
        guard buffer.count >= count else { return nil }
        defer { drop(count) }
        awaited = nil
        return .send(head, Array(buffer.prefix(count)))
      }
      if buffer.starts(with: Self.keyword) {
        switch head() {
        case .incomplete: return nil
        case .malformed(let line):
          buffer = []
          return .malformedSend(line)
        case .complete(let line, let count):
          drop(line.utf8.count + 1)
          awaited = (line, count)
          if losesBytes() { drop(min(buffer.count, (count + 1) / 2)) }
          continue
        }
      }
      // An incomplete line may still become `SKSENDTO`.
      let end = buffer.firstIndex { $0 == 0x0D || $0 == 0x0A } ?? (buffer.count > Self.lineLimit ? Self.lineLimit : nil)
      guard let end else { return nil }
      let line = String(decoding: buffer[..<end], as: UTF8.self)
      drop(end + 1)
      if !line.isEmpty { return .command(line) }
    }
    return nil
  }

  private enum Head { case incomplete, malformed(String), complete(String, count: Int) }

  /// `SKSENDTO`, handle, address, port, protection, the side if there are two, and the length in four digits.
  private func head() -> Head {
    var fields: [String] = []
    var start = 0
    for (index, byte) in buffer.enumerated() where byte == 0x20 || byte == 0x0D || byte == 0x0A || index > 120 {
      let line = String(decoding: buffer[..<index], as: UTF8.self)
      guard byte == 0x20 else { return .malformed(line) }
      fields.append(String(decoding: buffer[start..<index], as: UTF8.self))
      start = index + 1
      if isSided, fields.count == 6, fields[5].count != 1 { return .malformed(line) }
      guard fields.count == (isSided ? 7 : 6) else { continue }
      guard let length = fields.last, length.utf8.count == 4, let count = Int(length, radix: 16),
        (1...Self.dataLimit).contains(count)
      else { return .malformed(line) }
      return .complete(line, count: count)
    }
    return .incomplete
  }

  private mutating func drop(_ count: Int) { buffer.removeFirst(min(count, buffer.count)) }
}
