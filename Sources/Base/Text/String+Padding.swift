extension String {
  /// The text with blanks behind it, at least `width` characters long.
  package func padded(to width: Int) -> String { self + String(repeating: " ", count: Swift.max(0, width - count)) }

  /// A number with leading zeros, at least `width` digits long.
  package init(_ number: some BinaryInteger, radix: Int, uppercase: Bool = false, width: Int) {
    let digits = String(number, radix: radix, uppercase: uppercase)
    self = String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
  }
}
