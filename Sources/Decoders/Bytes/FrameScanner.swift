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
///
/// A pause in a frame does not end it, but leaves a seam: either the rest of that frame begins there, or the next frame.
/// A frame at the seam proves that the rest is lost. Without a check value only the next pause or frame proves that it
/// came: behind lost bytes, others would follow at once.
struct FrameScanner<Link: LinkLayer>: Sendable {
  /// The longest rejected piece, so that endless noise does not take endless memory.
  static var pieceLimit: Int { 4096 }
  /// Bytes of half a frame that begin a new piece behind rejected bytes.
  private static var credibleStart: Int { 4 }
  /// Bytes that make the beginning of a frame certain enough: the head of the wrapper of DLMS, and a byte.
  private static var provenStart: Int { 9 }

  /// A framer may change what it accepts, between two calls of `next`.
  var link: Link
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
  /// Index in `buffer` behind the last byte before the line was quiet or ended; nil while bytes may follow at once.
  private var ending: Int?
  /// The line has paused at the end of `buffer`.
  private var isPaused = false
  /// Index in `buffer` of the first byte behind a pause in the frame at `head`.
  private var seam: Int?

  init(_ link: Link) { self.link = link }

  mutating func append(_ bytes: Span<UInt8>) {
    compact()
    buffer.append(bytes)
  }

  /// The line is quiet or has ended: the scanner rejects a half frame.
  mutating func finish() {
    ending = buffer.count
    isPaused = false
  }

  /// The line pauses: the scanner rejects noise, and half a frame waits for its rest.
  mutating func pause() { isPaused = true }

  /// The next frame or rejected piece, oldest first; nil until more bytes come.
  mutating func next() -> Framed? {
    while true {
      while scan < end {
        let examination = examine(at: scan, place)
        switch decision(examination) {
        case .wait: return rest()
        case .tear: ending = seam
        case .go: if let framed = take(examination) { return framed }
        }
        if scan - head >= Self.pieceLimit {
          predecessor = .noise
          return reject()
        }
      }
      guard ending != nil || isPaused else { return nil }
      if scan > head { return reject() }
      predecessor = .silence
      previous = nil
      // Behind a torn frame the bytes go on.
      let isTorn = end < buffer.count
      ending = nil
      if !isTorn {
        isPaused = false
        return nil
      }
    }
  }

  /// Hands out what ends at `scan` or with this examination; else goes on to the next byte.
  private mutating func take(_ examination: Examination) -> Framed? {
    switch examination {
    case .frame(let count, let isChecked):
      if scan > head { return reject() }
      predecessor = isChecked ? .checkedFrame : .uncheckedFrame
      return .frame(take(count))
    case .foreign(let count, let error):
      if scan > head { return reject() }
      return .rejected(take(count), error)
    case .incomplete(let missing):
      let there = end - scan
      let isCredible = there >= Self.credibleStart
      // Half a frame behind noise waits, but the noise does not.
      if ending == nil, isCredible, scan >= claimed { return reject() }
      return begin(DecodeError(.truncated, at: there, expected: missing), extent: there, isCredible: isCredible)
    case .broken(let error, let extent, let isCredible):
      return begin(error, extent: extent, isCredible: isCredible)
    case .fill: if scan == head { advance(to: scan + 1) } else { scan += 1 }
    case .none: scan += 1
    }
    return nil
  }

  private var place: ScanPlace {
    ScanPlace(
      predecessor: predecessor, previous: scan > head ? buffer[scan - 1] : previous, isFirst: scan == head,
      isLast: ending != nil)
  }

  /// Behind the last byte to look at.
  private var end: Int { ending ?? buffer.count }

  private func examine(at index: Int, _ place: ScanPlace) -> Examination {
    link.examine(buffer.span.extracting(index..<end), at: place)
  }

  private enum Decision {
    case go
    /// More bytes, a pause or the end will tell.
    case wait
    /// The bytes behind the seam are not of the frame at `head`.
    case tear
  }

  /// Whether the rest of a frame has come, and is its own.
  private func decision(_ examination: Examination) -> Decision {
    guard ending == nil else { return .go }
    guard scan == head, let seam, seam < buffer.count else {
      if case .incomplete = examination, !isPaused || scan == head { return .wait }
      return .go
    }
    switch examination {
    case .incomplete: if case .frame? = beginning(at: seam) { return .tear } else { return .wait }
    case .frame(let count, isChecked: false) where head + count > seam:
      // Only what follows tells whether these bytes are its own: a pause, or the next frame.
      let last = head + count
      guard last < buffer.count else { return isPaused ? .go : .wait }
      // Application data in a wrapper may be a frame too.
      if case .frame(let inner, _)? = beginning(at: seam), seam + inner == last { return .go }
      switch begins(at: seam) {
      case true?: return .tear
      case nil: return .wait
      case false?: return begins(at: last).map { $0 ? .go : .tear } ?? .wait
      }
    case .broken(_, let extent, _) where head + extent > seam:
      return begins(at: seam).map { $0 ? .tear : .go } ?? .wait
    // Before the pause it was right so far.
    case .broken(_, extent: 0, _), .none: return .tear
    default: return .go
    }
  }

  /// Half a frame waits. Behind a pause the next frame may begin, unless it has begun behind the pause before.
  private mutating func rest() -> Framed? {
    if isPaused {
      if case .incomplete? = beginning(at: seam) {} else { seam = buffer.count }
    }
    isPaused = false
    return nil
  }

  /// The thing that begins at a place if a frame may; nil if bytes behind it have not come yet.
  private func beginning(at index: Int?) -> Examination? {
    guard let index, index < end else { return nil }
    return examine(at: index, ScanPlace(predecessor: .silence, previous: nil, isFirst: true, isLast: false))
  }

  /// Whether a frame begins at a place; nil if more bytes will tell.
  private func begins(at index: Int) -> Bool? {
    switch beginning(at: index) {
    case .frame?: true
    case .incomplete?: buffer.count - index >= Self.provenStart ? true : isPaused ? false : nil
    default: false
    }
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
    if let seam, seam <= index { self.seam = nil }
  }

  private mutating func compact() {
    guard head > 0 else { return }
    if head == buffer.count { buffer.removeAll(keepingCapacity: true) } else { buffer.removeSubrange(0..<head) }
    scan -= head
    claimed -= head
    seam = seam.map { $0 - head }
    ending = ending.map { $0 - head }
    head = 0
  }
}
