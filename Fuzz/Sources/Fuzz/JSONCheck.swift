/// Traps where the text is not one JSON object on one line.
func requireObject(_ text: some Collection<UInt8>) {
  let text = Array(text)
  precondition(isObject(text, withBlanks: false), "no JSON object")
  precondition(String(validating: text, as: UTF8.self) != nil, "no UTF-8")
}

/// Whether the text is one JSON object (RFC 8259), checked by code independent of the program. Numbers have no
/// exponent here.
func isObject(_ text: [UInt8], withBlanks: Bool) -> Bool {
  var scan = JSONScan(text: text, takesBlanks: withBlanks)
  scan.skipBlanks()
  guard scan.isAtObject, scan.value(depth: 0) else { return false }
  scan.skipBlanks()
  return scan.position == text.count
}

private struct JSONScan {
  let text: [UInt8]
  let takesBlanks: Bool
  var position = 0

  init(text: [UInt8], takesBlanks: Bool) {
    self.text = text
    self.takesBlanks = takesBlanks
  }

  var isAtObject: Bool { byte == 0x7B }

  private var byte: UInt8? { position < text.count ? text[position] : nil }

  mutating func skipBlanks() {
    while takesBlanks, let byte, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  private mutating func take(_ wanted: UInt8) -> Bool {
    guard byte == wanted else { return false }
    position += 1
    return true
  }

  mutating func value(depth: Int) -> Bool {
    guard depth < 64, let byte else { return false }
    switch byte {
    case 0x7B:
      return members(closing: 0x7D, depth: depth) { scan in
        guard scan.string() else { return false }
        scan.skipBlanks()
        return scan.take(0x3A)
      }
    case 0x5B: return members(closing: 0x5D, depth: depth) { _ in true }
    case 0x22: return string()
    case 0x2D, 0x30...0x39: return number()
    default: return ["true", "false", "null"].contains { word($0) }
    }
  }

  private mutating func members(closing end: UInt8, depth: Int, _ key: (inout JSONScan) -> Bool) -> Bool {
    position += 1
    skipBlanks()
    if take(end) { return true }
    repeat {
      skipBlanks()
      guard key(&self) else { return false }
      skipBlanks()
      guard value(depth: depth + 1) else { return false }
      skipBlanks()
    } while take(0x2C)
    return take(end)
  }

  private mutating func word(_ word: String) -> Bool {
    guard text[position...].starts(with: word.utf8) else { return false }
    position += word.utf8.count
    return true
  }

  private mutating func string() -> Bool {
    guard take(0x22) else { return false }
    while let byte {
      position += 1
      switch byte {
      case 0x22: return true
      case 0..<0x20: return false
      case 0x5C: guard escape() else { return false }
      default: continue
      }
    }
    return false
  }

  private mutating func escape() -> Bool {
    guard let byte else { return false }
    position += 1
    guard byte == 0x75 else { return Array(#""\/bfnrt"#.utf8).contains(byte) }
    let digits = text[position...].prefix(4)
    position += digits.count
    return digits.count == 4
      && digits.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x46).contains($0 & 0xDF) }
  }

  private mutating func number() -> Bool {
    _ = take(0x2D)
    guard take(0x30) || digits() else { return false }
    return !take(0x2E) || digits()
  }

  /// At least one. Numbers of this program have no exponent.
  private mutating func digits() -> Bool {
    let start = position
    while let byte, (0x30...0x39).contains(byte) { position += 1 }
    return position > start
  }
}
