/// A meter family that bends its protocol, or that deserves a name: a line of `Profiles/Profile+Families.swift`.
package struct Profile: Hashable, Sendable, BitwiseCopyable {
  let index: UInt8

  init(index: Int) { self.index = UInt8(truncatingIfNeeded: index) }
}
