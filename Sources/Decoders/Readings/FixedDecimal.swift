/// An exact decimal number, `mantissa × 10^exponent`. It keeps the digits of the register: 1.10 is not 1.1.
package struct FixedDecimal: Hashable, Sendable, BitwiseCopyable {
  /// The digits, with their sign.
  package var mantissa: Int64
  /// The power of ten; −2 means two decimals.
  package var exponent: Int8

  @inline(__always)
  package init(_ mantissa: Int64, exponent: Int8 = 0) {
    self.mantissa = mantissa
    self.exponent = exponent
  }

  /// The same digits with the point moved, for a unit that is a power of ten away.
  @inline(__always)
  package func scaled(by power: Int8) -> FixedDecimal {
    FixedDecimal(mantissa, exponent: exponent &+ power)
  }

  /// The sum with the decimals of the finer number, or nil if it does not fit exactly.
  package static func + (left: FixedDecimal, right: FixedDecimal) -> FixedDecimal? {
    let exponent = min(left.exponent, right.exponent)
    guard let a = left.mantissa(at: exponent), let b = right.mantissa(at: exponent) else { return nil }
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? nil : FixedDecimal(sum, exponent: exponent)
  }

  /// The difference with the decimals of the finer number, or nil if it does not fit exactly.
  package static func - (left: FixedDecimal, right: FixedDecimal) -> FixedDecimal? {
    guard right.mantissa != .min else { return nil }
    return left + FixedDecimal(-right.mantissa, exponent: right.exponent)
  }

  /// The product with the decimals of both, or nil if it does not fit exactly.
  package func multiplied(by factor: FixedDecimal) -> FixedDecimal? {
    let (product, overflow) = mantissa.multipliedReportingOverflow(by: factor.mantissa)
    guard !overflow, let power = Int8(exactly: Int(exponent) + Int(factor.exponent)) else { return nil }
    return FixedDecimal(product, exponent: power)
  }

  /// The mantissa for a smaller exponent, or nil if it does not fit.
  func mantissa(at lower: Int8) -> Int64? {
    var value = mantissa
    guard value != 0 else { return 0 }
    for _ in 0..<max(0, Int(exponent) - Int(lower)) {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      value = product
    }
    return value
  }

  /// Whether both are the same number. It ignores trailing zeros.
  package func isEqual(to other: FixedDecimal) -> Bool {
    let exponent = min(exponent, other.exponent)
    guard let a = mantissa(at: exponent), let b = other.mantissa(at: exponent) else { return false }
    return a == b
  }

  /// Appends the plain decimal form: with a dot, without an exponent or leading zeros.
  package func write(into text: inout [UInt8]) {
    var digits = [20 of UInt8](repeating: 0)
    var count = 0
    var rest = mantissa.magnitude
    repeat {
      digits[count] = UInt8(truncatingIfNeeded: rest % 10) &+ UInt8(ascii: "0")
      rest /= 10
      count += 1
    } while rest > 0
    if mantissa < 0 { text.append(UInt8(ascii: "-")) }
    let decimals = exponent < 0 ? -Int(exponent) : 0
    if count <= decimals {
      text.append(UInt8(ascii: "0"))
      text.append(UInt8(ascii: "."))
      for _ in count..<decimals { text.append(UInt8(ascii: "0")) }
    }
    while count > 0 {
      count -= 1
      text.append(digits[count])
      if count == decimals, decimals > 0, count > 0 { text.append(UInt8(ascii: ".")) }
    }
    if exponent > 0, mantissa != 0 { for _ in 0..<exponent { text.append(UInt8(ascii: "0")) } }
  }
}

extension FixedDecimal: CustomStringConvertible {
  package var description: String {
    var text: [UInt8] = []
    write(into: &text)
    return String(decoding: text, as: UTF8.self)
  }
}

extension FixedDecimal {
  /// The shortest decimal that reads back as the same number; nil for NaN, infinity and numbers that do not fit.
  package init?(shortest value: Float) {
    guard value.isFinite else { return nil }
    if let few = FixedDecimal(few: value) { self = few } else { self.init(parsing: value.description) }
  }

  /// The same for values with few decimals, which meters send; nil if the value needs more.
  ///
  /// 24 bits times a power of ten below 2²⁴ are exact in a Double, so each candidate is the nearest one with its number of
  /// decimals. A test of every Float below 2²⁴ showed that the first one to read back is the shortest decimal.
  private init?(few value: Float) {
    guard value.magnitude < 0x1p24 else { return nil }
    let wide = Double(value)
    // Adding and subtracting it rounds to a whole number, halves to even, without a call.
    let toWhole = 0x1.8p52
    var power = 1.0
    for decimals in 0...7 as ClosedRange<Int8> {
      let digits = wide * power + toWhole - toWhole
      if Float(digits / power) == value {
        self.init(Int64(digits), exponent: -decimals)
        return
      }
      power *= 10
    }
    return nil
  }

  /// The shortest decimal that reads back as the same number; nil for NaN, infinity and numbers that do not fit.
  package init?(shortest value: Double) {
    guard value.isFinite else { return nil }
    self.init(parsing: value.description)
  }

  /// Reads `-12.34`, `5e-07` and the like, and drops a fraction of zeros (`12.0`).
  private init?(parsing text: String) {
    var mantissa: Int64 = 0
    var exponent = 0
    var inFraction = false
    var negative = false
    var bytes = text.utf8.makeIterator()
    while let byte = bytes.next() {
      switch byte {
      case UInt8(ascii: "-"): negative = true
      case UInt8(ascii: "."): inFraction = true
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        let (tens, over) = mantissa.multipliedReportingOverflow(by: 10)
        let (next, carry) = tens.addingReportingOverflow(Int64(byte.digitValue))
        if over || carry { return nil }
        mantissa = next
        if inFraction { exponent -= 1 }
      default:  // "e", then a signed number
        var power = 0
        var minus = false
        while let digit = bytes.next() {
          if digit == UInt8(ascii: "-") {
            minus = true
          } else if digit != UInt8(ascii: "+") {
            power = power * 10 + Int(digit.digitValue)
          }
        }
        exponent += minus ? -power : power
      }
    }
    while exponent < 0, mantissa % 10 == 0, mantissa != 0 {
      mantissa /= 10
      exponent += 1
    }
    guard mantissa != 0 else {
      self.init(0)
      return
    }
    guard let small = Int8(exactly: exponent) else { return nil }
    self.init(negative ? -mantissa : mantissa, exponent: small)
  }
}
