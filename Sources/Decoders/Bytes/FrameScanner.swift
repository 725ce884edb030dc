/// What one protocol knows of its frames: where one begins, where it ends, and what is wrong with it.
///
/// `FrameScanner` does the rest: it holds the bytes, steps over what is not a frame, and accounts for every byte.
protocol LinkLayer: Sendable {
  /// What begins with the first of these bytes, of which there is at least one; the last one received is at the end.
  func examine(_ bytes: Span<UInt8>, at place: ScanPlace) -> Examination
}

/// What begins at a byte of the stream.
enum Examination {
  /// A frame of that many bytes; its ends hold, and its check value where it has one.
  case frame(Int, isChecked: Bool = true)
  /// A frame so far; at least that many bytes are missing, 0 where nothing tells how many.
  case incomplete(missing: Int = 0)
  /// The beginning of a frame that turns out broken. `extent` is its length where that can be believed, else 0; a
  /// credible beginning ends the rejected bytes before it.
  case broken(DecodeError, extent: Int, isCredible: Bool)
  /// A whole telegram of another protocol.
  case foreign(Int, DecodeError)
  /// A byte that only fills the time between two frames.
  case fill
  /// No frame begins with this byte.
  case none

  /// A broken frame that is credible where its length is.
  static func broken(_ error: DecodeError, extent: Int) -> Examination {
    .broken(error, extent: extent, isCredible: extent > 0)
  }
}

/// What stands before the byte under examination.
struct ScanPlace {
  /// What the scanner has handed out last.
  enum Predecessor {
    case silence
    case checkedFrame, uncheckedFrame
    case rejected
    /// A piece that was cut at the limit: the noise goes on until a frame or silence ends it.
    case noise
  }

  /// What the scanner has handed out last; a telegram of another protocol does not count.
  let predecessor: Predecessor
  /// The byte before this one; nil at the beginning and after silence.
  let previous: UInt8?
  /// No bytes before this one wait to be rejected.
  let isFirst: Bool
  /// No more bytes are to come.
  let isLast: Bool
}

/// Finds the frames of a link layer in a stream of bytes, and accounts for every byte between them.
///
/// After a byte that begins no frame, and after a frame that turns out broken, the search goes on at the very next byte,
/// so that a good frame is found wherever it begins, be it inside a broken one. What is passed over is one rejected
/// piece up to the next good frame, to the next credible beginning outside the broken one, or to silence. Its error is
/// that of the frame it begins with, else `noise`.
struct FrameScanner<Link: LinkLayer>: Sendable {
  /// Rejected bytes are handed out in pieces of at most this many, so that endless noise takes no endless memory.
  static var pieceLimit: Int { 4096 }

  private let link: Link
  private var buffer: [UInt8] = []
  /// Index in `buffer` of the first byte that has not been handed out.
  private var head = 0
  /// Index in `buffer` of the byte under examination; what lies between `head` and here is rejected.
  private var scan = 0
  /// What is wrong with the piece that begins at `head`; nil for noise.
  private var fault: DecodeError?
  /// Index in `buffer` up to which the broken frame at `head` claims the bytes.
  private var claimed = 0
  private var predecessor = ScanPlace.Predecessor.silence
  /// The byte before `head`; nil at the beginning and after silence.
  private var previous: UInt8?
  private var isFinished = false

  /// A scanner that has seen no byte.
  init(_ link: Link) { self.link = link }

  /// Takes bytes as they come.
  mutating func append(_ bytes: Span<UInt8>) {
    compact()
    buffer.append(bytes)
  }

  /// The line went quiet or ended: a half frame is rejected.
  mutating func finish() { isFinished = true }

  /// The next frame or rejected piece, oldest first; nil where more bytes are needed.
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

  /// A broken frame at `scan`: the beginning of a piece of its own, or one more byte of the piece before it, which is
  /// handed out first where the beginning is credible and no broken frame claims the byte.
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
