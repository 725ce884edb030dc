@testable import Base
@testable import Decoders

extension SplitMix64 {
  /// A text in which many or few digits in brackets were exchanged, and now and then anything else.
  mutating func mutated(_ text: [UInt8]) -> [UInt8] {
    var bytes = text
    let rarity = Int.random(in: 2...100, using: &self)
    var isInBrackets = false
    for index in bytes.indices {
      switch bytes[index] {
      case UInt8(ascii: "("): isInBrackets = true
      case UInt8(ascii: ")"): isInBrackets = false
      case 0x30...0x39 where isInBrackets && Int.random(in: 0..<rarity, using: &self) == 0:
        bytes[index] = .random(in: 0x30...0x39, using: &self)
      default: break
      }
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
