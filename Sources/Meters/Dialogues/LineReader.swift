internal import Base
internal import Decoders

/// A framer that keeps damaged bytes out of frames.
///
/// A byte with bad parity is never part of a frame, even if the checksum is right. Two such bytes can add up to the
/// right checksum. A P1 telegram without CRC does not have another protection. The damaged byte ends its frame. The
/// frame and the noise around it are rejected as one piece.
struct LineReader: Sendable {
  private var framer: any Framer
  /// Bytes around a damaged one that were not returned yet.
  private var broken: [UInt8] = []
  private var firstDamage = 0
  /// The number of damaged bytes in `broken`.
  private var damage = 0

  init(_ framer: any Framer) { self.framer = framer }

  /// The frames and rejected pieces that these bytes complete, oldest first.
  mutating func append(_ input: LineInput) -> [Framed] {
    var framed: [Framed] = []
    for piece in input.pieces {
      switch piece {
      case .sound(let bytes): feed(bytes, &framed)
      case .damaged(let byte): spoil(byte, &framed)
      }
    }
    return framed
  }

  /// The line pauses. Returns what a pause completes or ends.
  mutating func pause() -> [Framed] { ended { $0.pause() } }

  /// The line is quiet. Returns half frames too.
  mutating func quiet() -> [Framed] { ended { $0.quiet() } }

  /// Whether a telegram waits for its rest, although the line is quiet.
  var isWaiting: Bool { framer.isWaiting }

  /// The line is quiet for good or has ended. Returns incomplete pieces.
  mutating func finish() -> [Framed] { ended { $0.finish() } }

  private mutating func ended(_ body: (inout any Framer) -> Void) -> [Framed] {
    var framed: [Framed] = []
    body(&framer)
    collect(&framed)
    handOutBroken(&framed)
    return framed
  }

  private mutating func feed(_ bytes: ArraySlice<UInt8>, _ framed: inout [Framed]) {
    framer.append(Array(bytes).span)
    collect(&framed)
  }

  private mutating func collect(_ framed: inout [Framed]) {
    while let piece = framer.next() {
      // The rest of a damaged telegram is rejected too, but never for a wrong checksum: it lacks its beginning.
      if case .rejected(let bytes, let error) = piece, !broken.isEmpty, error.code != .checksumMismatch {
        broken += bytes
        if broken.count >= Limits.frameBytes { handOutBroken(&framed) }
      } else {
        handOutBroken(&framed)
        framed.append(piece)
      }
    }
  }

  private mutating func spoil(_ byte: UInt8, _ framed: inout [Framed]) {
    framer.finish()
    while let piece = framer.next() {
      switch piece {
      case .frame(let bytes), .rejected(let bytes, _): broken += bytes
      }
    }
    if damage == 0 { firstDamage = broken.count }
    damage += 1
    broken.append(byte)
    if broken.count >= Limits.frameBytes { handOutBroken(&framed) }
  }

  private mutating func handOutBroken(_ framed: inout [Framed]) {
    guard !broken.isEmpty else { return }
    framed.append(.rejected(broken, DecodeError(.parityError, at: firstDamage, found: damage)))
    broken = []
    damage = 0
  }
}
