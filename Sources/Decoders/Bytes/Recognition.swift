/// What tells that bytes are of a protocol, the surest first. Each protocol looks for its own; the smallest one wins.
package enum Recognition: Comparable, Sendable {
  /// A telegram begins at this byte, as more than one of its bytes says.
  case telegram(at: Int)
  /// The first bytes may be of a telegram without a mark of its own.
  case beginning
  /// The first byte alone may begin a telegram.
  case firstByte
}
