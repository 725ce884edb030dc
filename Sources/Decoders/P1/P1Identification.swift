/// The first line of a telegram: `/`, three letters of the FLAG association, a mark for the speed, and the maker's text.
package struct P1Identification: Sendable, BitwiseCopyable {
  /// The line without its `/`.
  package private(set) var line: ByteRange
  /// The three letters, packed as in `MeterIdentity`; 0 for other characters.
  package private(set) var manufacturer: UInt16 = 0
  /// The maker's name for the meter: the text behind the mark for the speed and the backslash of some meters.
  package private(set) var model = ByteRange()
  /// A meter of Lithuania's grid operator ESO.
  let isLithuanian: Bool

  package init(_ telegram: Span<UInt8>) {
    var end = min(1, telegram.count)
    let start = end
    while end < telegram.count, !telegram[end].isLineEnd { end &+= 1 }
    line = ByteRange(from: start, to: end)
    if end - start >= 3 {
      let letters = (telegram[start], telegram[start + 1], telegram[start + 2])
      manufacturer = MeterIdentity.manufacturer(letters.0, letters.1, letters.2) ?? 0
    }
    var name = min(start + 4, end)
    while name < end, telegram[name] == UInt8(ascii: "\\") || telegram[name] == UInt8(ascii: " ") { name &+= 1 }
    while end > name, telegram[end - 1] == UInt8(ascii: " ") { end &-= 1 }
    model = ByteRange(from: name, to: end)
    isLithuanian = manufacturer == Self.eso
  }

  private static let eso: UInt16 = 5 << 10 | 19 << 5 | 15
}
