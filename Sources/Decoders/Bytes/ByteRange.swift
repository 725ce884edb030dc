/// A place in a frame or in a reading's text. Records hold places, not copies: the telegram owns the bytes.
package struct ByteRange: Hashable, Sendable, BitwiseCopyable {
  package var start: UInt16
  package var count: UInt16

  package init(start: UInt16 = 0, count: UInt16 = 0) {
    self.start = start
    self.count = count
  }

  /// From one position up to another. 16 bits suffice: the framers limit every frame to less than 64 KiB.
  @inline(__always)
  package init(from lower: Int, to upper: Int) {
    self.init(start: UInt16(truncatingIfNeeded: lower), count: UInt16(truncatingIfNeeded: upper &- lower))
  }

  package var indices: Range<Int> { Int(start)..<Int(start) + Int(count) }

  package var isEmpty: Bool { count == 0 }
}
