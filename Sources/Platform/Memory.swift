internal import CLinux

/// What glibc does with memory that the program has freed.
package enum Memory {
  /// To be called first: large blocks come from the system and go back to it.
  ///
  /// Otherwise each large block that is freed raises the size from which that is so, up to 32 MB, and the documents of many
  /// meters stay in the heap as holes.
  package static func returnsLargeBlocks() { _ = mallopt(M_MMAP_THRESHOLD, largeBlock) }

  /// Gives whole pages between the blocks in use back to the system. It takes milliseconds.
  package static func giveBack() { _ = malloc_trim(0) }

  /// Bytes.
  private static let largeBlock: Int32 = 131_072
}
