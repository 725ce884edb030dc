extension String {
  /// The digits of a number that is not negative, with leading zeros up to a width.
  package init(_ number: some BinaryInteger, width: Int, radix: Int = 10, uppercase: Bool = false) {
    let digits = String(number, radix: radix, uppercase: uppercase)
    self.init(repeating: "0", count: Swift.max(0, width - digits.count))
    append(digits)
  }
}
