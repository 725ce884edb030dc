/// What stands for the numbers and texts of a meter: running numbers, the same one for the same original.
package struct Pseudonyms: Sendable {
  /// The numbers by original.
  private var numbers: [[UInt8]: Int] = [:]
  /// Originals that are long enough to be found by chance nowhere else, in capitals.
  private var secrets: Set<[UInt8]> = []

  private static let shortestSecret = 6
  /// A FLAG code of the maker at the beginning of a number.
  private static let makerLetters = 3

  package init() {}

  /// A text of the same length: letters at its beginning stay, as they name the maker, and a running number follows. A
  /// digit may stand before them (DIN 43863-5).
  ///
  /// A text of zeros, blanks or F names nothing and stays.
  package mutating func text(_ original: [UInt8]) -> [UInt8] {
    let digit = original.first?.isDigit == true ? 1 : 0
    let letters = original.dropFirst(digit).prefix(Self.makerLetters).prefix { $0.isLetter }.count
    let isMaker = digit == 0 ? letters > 0 : letters == Self.makerLetters
    return replacement(original, keeping: isMaker && digit + letters < original.count ? digit + letters : 0)
  }

  /// Hexadecimal digits of the same number: all of them become a running number.
  mutating func digits(_ original: [UInt8]) -> [UInt8] { replacement(original, keeping: 0) }

  private mutating func replacement(_ original: [UInt8], keeping kept: Int) -> [UInt8] {
    guard original.contains(where: { ![0x00, 0x20, 0x30, 0x46, 0xFF].contains($0) }) else { return original }
    let digits = Array(String(number(of: original)).utf8)
    let room = original.count - kept
    let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: max(0, room - digits.count))
    return original[..<kept] + zeros + digits.suffix(room)
  }

  /// Bytes that are not a text: zeros and the running number, the highest byte first.
  package mutating func bytes(_ original: [UInt8]) -> [UInt8] {
    guard original.contains(where: { $0 != 0x00 && $0 != 0xFF }) else { return original }
    let number = number(of: Array(Hexadecimal.text(original).utf8))
    return original.indices.map { index in
      let place = original.count - 1 - index
      return place < 4 ? UInt8(truncatingIfNeeded: number >> (8 * place)) : 0
    }
  }

  private mutating func number(of original: [UInt8]) -> Int {
    learn(original)
    if let known = numbers[original] { return known }
    numbers[original] = numbers.count + 1
    return numbers.count
  }

  /// Also the digits alone: another part of the telegram may have the number without its letters.
  private mutating func learn(_ original: [UInt8]) {
    let runs = original.split { !$0.isDigit }.map(Array.init)
    for secret in runs + [original.map(\.capital)] where secret.count >= Self.shortestSecret {
      let significant = secret.drop { $0 == UInt8(ascii: "0") }
      if significant.count >= Self.shortestSecret { secrets.insert(Array(significant)) }
    }
  }

  /// Whether an original is left in bytes: as text, as hexadecimal digits of a text, or as digits, two a byte in either
  /// order.
  package func isLeft(in bytes: [UInt8]) -> Bool {
    let text = bytes.map(\.capital)
    let digits = Array(Hexadecimal.text(bytes).utf8)
    let reversed = Array(Hexadecimal.text(bytes.reversed()).utf8)
    return secrets.contains { secret in
      if text.contains(secret) || text.contains(Array(Hexadecimal.text(secret).utf8)) { return true }
      guard secret.allSatisfy({ Hexadecimal.digit($0) != nil }) else { return false }
      return digits.contains(secret) || reversed.contains(secret)
    }
  }
}

extension UInt8 {
  /// An ASCII letter as a capital, anything else as it is.
  fileprivate var capital: UInt8 { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) ? self - 0x20 : self }
}
