@testable import Base
@testable import Decoders

extension SplitMix64 {
  /// Exchanges about one digit of so many, in brackets alone or everywhere.
  mutating func exchangeDigits(of bytes: inout [UInt8], oneIn rarity: Int, everywhere: Bool = false) {
    var isInBrackets = false
    for index in bytes.indices {
      switch bytes[index] {
      case UInt8(ascii: "("): isInBrackets = true
      case UInt8(ascii: ")"): isInBrackets = false
      case 0x30...0x39 where (isInBrackets || everywhere) && Int.random(in: 0..<rarity, using: &self) == 0:
        bytes[index] = .random(in: 0x30...0x39, using: &self)
      default: break
      }
    }
  }

  /// A text in which many or few digits were exchanged, of values or of all, and now and then anything else.
  mutating func mutated(_ text: [UInt8]) -> [UInt8] {
    var bytes = text
    if Bool.random(using: &self) {
      exchangeDigits(of: &bytes, oneIn: 3, everywhere: true)
    } else {
      exchangeDigits(of: &bytes, oneIn: .random(in: 2...100, using: &self))
    }
    guard Int.random(in: 0..<4, using: &self) == 0 else { return bytes }
    let place = Int.random(in: 0..<bytes.count, using: &self)
    switch Int.random(in: 0..<4, using: &self) {
    case 0: bytes[place] = .random(in: 0x20...0x7E, using: &self)
    case 1: bytes.insert(.random(in: 0x20...0x7E, using: &self), at: place)
    case 2: bytes[place] = .random(in: 0...255, using: &self)
    default: bytes.remove(at: place)
    }
    return bytes
  }
}
