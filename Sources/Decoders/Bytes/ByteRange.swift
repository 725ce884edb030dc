/// A place in a frame or in a reading's text. Records keep places, not copies: the telegram owns the bytes.
package struct ByteRange: Hashable, Sendable, BitwiseCopyable {
  /// Index of the first byte.
  package var start: UInt16
  /// Number of bytes.
  package var count: UInt16

  /// `count` bytes from `start`.
  package init(start: UInt16 = 0, count: UInt16 = 0) {
    self.start = start
    self.count = count
  }

  /// From one position up to another. Every frame is shorter than 64 KiB (the framers' limits), so 16 bits do.
  @inline(__always)
  package init(from lower: Int, to upper: Int) {
    self.init(start: UInt16(truncatingIfNeeded: lower), count: UInt16(truncatingIfNeeded: upper &- lower))
  }

  /// The indices it stands for.
  package var indices: Range<Int> { Int(start)..<Int(start) + Int(count) }

  /// No byte at all.
  package var isEmpty: Bool { count == 0 }
}
