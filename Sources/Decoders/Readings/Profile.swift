/// A meter family that bends its protocol, or whose name is worth showing: a line of the table in
/// `Profiles/Profile+Families.swift`.
package struct Profile: Hashable, Sendable, BitwiseCopyable {
  /// The line.
  let index: UInt8

  init(index: Int) { self.index = UInt8(truncatingIfNeeded: index) }
}
