/// Finds the link frames in a stream of M-Bus bytes: long, control and short frames and the acknowledgement E5.
///
/// After a byte that begins no frame, and after a frame that turns out broken, the search goes on at the very next byte,
/// so that a good frame is found wherever it begins, be it inside a broken one. What is passed over is one rejected
/// piece up to the next good frame, to the next beginning of a long frame outside the broken one, or to the end of
/// the line's activity. Its error is that of the frame it begins with, else `noise`.
///
/// E5 is a frame of one byte without any check. It counts only where a frame may begin: after a good frame or after
/// silence (`finish`), never behind rejected bytes.
public struct MBusFramer: Framer {
  /// Rejected bytes are handed out in pieces of at most this many, so that endless noise takes no endless memory.
  public static let pieceLimit = 4096

  private var buffer: [UInt8] = []
  /// Index in `buffer` of the first byte that has not been handed out.
  private var head = 0
  /// Index in `buffer` of the byte under examination; what lies between `head` and here is rejected.
  private var scan = 0
  /// What is wrong with the piece that begins at `head`; nil for noise.
  private var fault: DecodeError?
  /// Index in `buffer` up to which the broken frame at `head` claims the bytes.
  private var claimed = 0
  /// The last piece was cut at the limit, and the noise goes on.
  private var isInNoise = false
  private var isFinished = false

  /// A framer that has seen no byte.
  public init() {}

  /// Takes bytes as they come off the line.
  public mutating func append(_ bytes: Span<UInt8>) {
    compact()
    buffer.reserveCapacity(buffer.count + bytes.count)
    for index in bytes.indices { buffer.append(bytes[index]) }
  }

  /// The line went quiet or ended: a half frame is rejected.
  public mutating func finish() { isFinished = true }

  /// The next frame or rejected piece, oldest first; nil where more bytes are needed.
  public mutating func next() -> Framed? {
    while scan < buffer.count {
      switch MBusLink.examine(buffer.span, from: scan, to: buffer.count) {
      case .frame(let count):
        if scan > head, count > 1 { return reject() }
        if count > 1 || !isInNoise && scan == head { return accept(count) }
        pass(nil, extent: 0)
      case .incomplete(let missing):
        guard isFinished else { return tooLong() }
        let there = buffer.count - scan
        if let piece = begin(
          DecodeError(.truncated, at: there, expected: missing, found: 0), extent: there, isCredible: there >= 4)
        {
          return piece
        }
      case .broken(let error, let extent):
        if let piece = begin(error, extent: extent, isCredible: extent > 0 || isHeader) { return piece }
      case .none: pass(nil, extent: 0)
      }
      if scan - head >= Self.pieceLimit { return tooLong() }
    }
    guard isFinished else { return nil }
    if scan > head { return reject() }
    isFinished = false
    isInNoise = false
    return nil
  }

  /// Two start bytes of a long frame, three apart, whatever the lengths between them.
  private var isHeader: Bool {
    scan + 3 < buffer.count && buffer[scan] == MBusLink.longStart && buffer[scan + 3] == MBusLink.longStart
  }

  /// A broken frame at `scan`: the beginning of a piece of its own, or one more byte of the piece before it, which is
  /// handed out first where the beginning is credible and nobody claims the byte.
  private mutating func begin(_ error: DecodeError, extent: Int, isCredible: Bool) -> Framed? {
    if scan > head, isCredible, scan >= claimed { return reject() }
    pass(scan == head ? error : nil, extent: extent)
    return nil
  }

  /// Steps over the byte at `scan`.
  private mutating func pass(_ error: DecodeError?, extent: Int) {
    if scan == head, let error, !isInNoise || extent > 0 {
      fault = error
      claimed = head + extent
    }
    scan += 1
  }

  private mutating func accept(_ count: Int) -> Framed {
    let frame = Array(buffer[head..<head + count])
    advance(to: head + count)
    isInNoise = false
    return .frame(frame)
  }

  /// Hands out the bytes before `scan`.
  private mutating func reject() -> Framed {
    let error = fault ?? DecodeError(.noise, at: 0, found: scan - head)
    let piece = Array(buffer[head..<scan])
    advance(to: scan)
    return .rejected(piece, error)
  }

  /// Hands out a piece that has reached the limit; nil where it has not.
  private mutating func tooLong() -> Framed? {
    guard scan - head >= Self.pieceLimit else { return nil }
    isInNoise = true
    return reject()
  }

  private mutating func advance(to index: Int) {
    head = index
    scan = index
    claimed = index
    fault = nil
  }

  private mutating func compact() {
    guard head > 0 else { return }
    buffer.removeSubrange(0..<head)
    scan -= head
    claimed -= head
    head = 0
  }
}
