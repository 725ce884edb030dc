/// Why bytes seem to be of a protocol, the surest reason first. The smallest of all protocols wins.
package enum Recognition: Comparable, Sendable {
  /// Several bytes tell that a telegram begins at this byte.
  case telegram(at: Int)
  /// The first bytes may begin a telegram without a mark of its own.
  case beginning
  /// The first byte alone may begin a telegram.
  case firstByte
}
