/// The frames of one protocol: where one begins, where it ends, and its mistakes.
///
/// `FrameScanner` does the rest: it holds the bytes, steps over bytes outside frames, and accounts for every byte.
protocol LinkLayer: Sendable {
  /// Examines the first of these bytes, at least one; they reach to the last received byte.
  func examine(_ bytes: Span<UInt8>, at place: ScanPlace) -> Examination
}

/// The thing that begins at a byte of the stream.
enum Examination {
  /// A frame of so many bytes with correct ends, and a correct check value if it has one.
  case frame(Int, isChecked: Bool = true)
  /// The beginning of a frame; at least so many bytes are missing, 0 if the number is unknown.
  case incomplete(missing: Int = 0)
  /// The beginning of a broken frame. `extent` is its length if that is credible, else 0.
  ///
  /// A credible beginning ends the rejected bytes before it.
  case broken(DecodeError, extent: Int, isCredible: Bool)
  /// A whole telegram of another protocol.
  case foreign(Int, DecodeError)
  /// A byte that fills the time between two frames.
  case fill
  /// A frame does not begin with this byte.
  case none

  /// A broken frame that is credible where its length is.
  static func broken(_ error: DecodeError, extent: Int) -> Examination {
    .broken(error, extent: extent, isCredible: extent > 0)
  }
}

/// The context of the byte under examination.
struct ScanPlace {
  /// The last thing that the scanner handed out.
  enum Predecessor {
    case silence
    case checkedFrame, uncheckedFrame
    case rejected
    /// A piece that the limit cut: the noise goes on until a frame or silence ends it.
    case noise
  }

  /// The last thing that the scanner handed out; a telegram of another protocol does not count.
  let predecessor: Predecessor
  /// The byte before this one; nil at the beginning and after silence.
  let previous: UInt8?
  /// Rejected bytes do not wait before this one.
  let isFirst: Bool
  /// More bytes will not come.
  let isLast: Bool
}

/// Finds the frames of a link layer in a stream of bytes, and accounts for every byte between them.
///
/// After a byte outside a frame, and after the beginning of a broken frame, the search goes on at the very next byte.
/// So it finds a good frame even inside a broken one. The bytes between good frames become one rejected piece. A piece
/// also ends at silence, and at a credible beginning outside the broken frame. Its error is that of the frame it begins
/// with, else `noise`.
struct FrameScanner<Link: LinkLayer>: Sendable {
  /// The longest rejected piece, so that endless noise does not take endless memory.
  static var pieceLimit: Int { 4096 }

  private let link: Link
  private var buffer: [UInt8] = []
  /// Index in `buffer` of the first byte that is not handed out yet.
  private var head = 0
  /// Index in `buffer` of the byte under examination; the bytes from `head` to here are rejected.
  private var scan = 0
  /// The error of the piece that begins at `head`; nil for noise.
  private var fault: DecodeError?
  /// Index in `buffer` up to which the broken frame at `head` claims the bytes.
  private var claimed = 0
  private var predecessor = ScanPlace.Predecessor.silence
  /// The byte before `head`; nil at the beginning and after silence.
  private var previous: UInt8?
  private var isFinished = false

  init(_ link: Link) { self.link = link }

  mutating func append(_ bytes: Span<UInt8>) {
    compact()
    buffer.append(bytes)
  }

  /// The line is quiet or has ended: the scanner rejects a half frame.
  mutating func finish() { isFinished = true }

  /// The next frame or rejected piece, oldest first; nil until more bytes come.
  mutating func next() -> Framed? {
    while scan < buffer.count {
      switch link.examine(buffer.span.extracting(scan..<buffer.count), at: place) {
      case .frame(let count, let isChecked):
        if scan > head { return reject() }
        predecessor = isChecked ? .checkedFrame : .uncheckedFrame
        return .frame(take(count))
      case .foreign(let count, let error):
        if scan > head { return reject() }
        return .rejected(take(count), error)
      case .incomplete(let missing):
        guard isFinished else { return nil }
        let there = buffer.count - scan
        let error = DecodeError(.truncated, at: there, expected: missing)
        if let piece = begin(error, extent: there, isCredible: there >= 4) { return piece }
      case .broken(let error, let extent, let isCredible):
        if let piece = begin(error, extent: extent, isCredible: isCredible) { return piece }
      case .fill: if scan == head { advance(to: scan + 1) } else { scan += 1 }
      case .none: scan += 1
      }
      if scan - head >= Self.pieceLimit {
        predecessor = .noise
        return reject()
      }
    }
    guard isFinished else { return nil }
    if scan > head { return reject() }
    isFinished = false
    predecessor = .silence
    previous = nil
    return nil
  }

  private var place: ScanPlace {
    ScanPlace(
      predecessor: predecessor, previous: scan > head ? buffer[scan - 1] : previous, isFirst: scan == head,
      isLast: isFinished)
  }

  /// A broken frame at `scan` begins a new piece, or is one more byte of the piece before it.
  ///
  /// A credible beginning that a broken frame does not claim hands out the piece before it first.
  private mutating func begin(_ error: DecodeError, extent: Int, isCredible: Bool) -> Framed? {
    if scan > head, isCredible, scan >= claimed { return reject() }
    if scan == head {
      fault = error
      claimed = head + extent
    }
    scan += 1
    return nil
  }

  /// Hands out the bytes before `scan`.
  private mutating func reject() -> Framed {
    let error = fault ?? DecodeError(.noise, at: 0, found: scan - head)
    if predecessor != .noise { predecessor = .rejected }
    return .rejected(take(scan - head), error)
  }

  private mutating func take(_ count: Int) -> [UInt8] {
    let piece = Array(buffer[head..<head + count])
    advance(to: head + count)
    return piece
  }

  private mutating func advance(to index: Int) {
    previous = buffer[index - 1]
    head = index
    scan = index
    claimed = index
    fault = nil
  }

  private mutating func compact() {
    guard head > 0 else { return }
    if head == buffer.count { buffer.removeAll(keepingCapacity: true) } else { buffer.removeSubrange(0..<head) }
    scan -= head
    claimed -= head
    head = 0
  }
}
