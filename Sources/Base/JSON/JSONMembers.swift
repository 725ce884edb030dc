/// Takes a JSON object apart without understanding what is in it.
package enum JSONMembers {
  /// The members of an object with the bytes of each value as they stand; nil where the text is no whole object, or is
  /// nested deeper than anything the program writes.
  package static func split(_ text: [UInt8]) -> [(name: String, value: [UInt8])]? {
    var scan = Scan(text: text)
    guard scan.take(0x7B) else { return nil }
    var members: [(name: String, value: [UInt8])] = []
    if !scan.take(0x7D) {
      repeat {
        guard let name = scan.string(), scan.take(0x3A), let value = scan.value() else { return nil }
        members.append((String(decoding: text[name].dropFirst().dropLast(), as: UTF8.self), Array(text[value])))
      } while scan.take(0x2C)
      guard scan.take(0x7D) else { return nil }
    }
    return scan.isAtEnd ? members : nil
  }

  private struct Scan {
    let text: [UInt8]
    var position = 0

    init(text: [UInt8]) { self.text = text }

    var isAtEnd: Bool {
      mutating get {
        skipBlanks()
        return position == text.count
      }
    }

    private var byte: UInt8? { position < text.count ? text[position] : nil }

    private mutating func skipBlanks() {
      while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    mutating func take(_ wanted: UInt8) -> Bool {
      skipBlanks()
      guard byte == wanted else { return false }
      position += 1
      return true
    }

    /// A string with its quotes.
    mutating func string() -> Range<Int>? {
      skipBlanks()
      let start = position
      guard take(0x22) else { return nil }
      while let byte {
        // An escaped character is stepped over, a quote among them.
        position += byte == 0x5C ? 2 : 1
        if byte == 0x22 { return start..<position }
      }
      return nil
    }

    /// A string, an object or array with all that is in it, or a bare word.
    mutating func value() -> Range<Int>? {
      skipBlanks()
      let start = position
      /// Behind the last byte that is no blank.
      var afterLast = position
      var depth = 0
      while let byte {
        switch byte {
        case 0x20, 0x0A, 0x0D, 0x09:
          position += 1
          continue
        case 0x22:
          guard string() != nil else { return nil }
        case 0x7B, 0x5B:
          depth += 1
          position += 1
          if depth > Limits.nesting { return nil }
        case 0x7D, 0x5D, 0x2C:
          if depth == 0 { return position > start ? start..<afterLast : nil }
          if byte != 0x2C { depth -= 1 }
          position += 1
        default: position += 1
        }
        afterLast = position
      }
      return nil
    }
  }
}
