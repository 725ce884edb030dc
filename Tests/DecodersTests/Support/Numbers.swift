@testable import Decoders

/// Numbers without a pattern, the same in every run (SplitMix64).
struct Numbers: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }

  /// A text in which digits were exchanged, and now and then anything else.
  mutating func mutated(_ text: [UInt8]) -> [UInt8] {
    var bytes = text
    let digits = bytes.indices.filter { bytes[$0].isDigit }
    for index in digits where Int.random(in: 0..<3, using: &self) == 0 {
      bytes[index] = .random(in: 0x30...0x39, using: &self)
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
