/// Splits a JSON object or array into its parts without reading their values.
package enum JSONMembers {
  /// The members of an object, each value as it stands; nil if the text is not a whole object.
  ///
  /// Nil also for an object that is nested deeper than anything the program writes.
  package static func split(_ text: [UInt8]) -> [(name: String, value: [UInt8])]? {
    var scan = Scan(text: text)
    guard scan.take(UInt8(ascii: "{")) else { return nil }
    var members: [(name: String, value: [UInt8])] = []
    if !scan.take(UInt8(ascii: "}")) {
      repeat {
        guard let name = scan.string(), scan.take(UInt8(ascii: ":")), let value = scan.value() else { return nil }
        members.append((String(decoding: text[name].dropFirst().dropLast(), as: UTF8.self), Array(text[value])))
      } while scan.take(UInt8(ascii: ","))
      guard scan.take(UInt8(ascii: "}")) else { return nil }
    }
    return scan.isAtEnd ? members : nil
  }

  /// The elements of an array, each as it stands; nil if the text is not a whole array.
  package static func elements(_ text: [UInt8]) -> [[UInt8]]? {
    var scan = Scan(text: text)
    guard scan.take(UInt8(ascii: "[")) else { return nil }
    var elements: [[UInt8]] = []
    if !scan.take(UInt8(ascii: "]")) {
      repeat {
        guard let value = scan.value() else { return nil }
        elements.append(Array(text[value]))
      } while scan.take(UInt8(ascii: ","))
      guard scan.take(UInt8(ascii: "]")) else { return nil }
    }
    return scan.isAtEnd ? elements : nil
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
      guard take(UInt8(ascii: "\"")) else { return nil }
      while let byte {
        // The backslash escapes the next character, even a quote.
        position += byte == UInt8(ascii: "\\") ? 2 : 1
        if byte == UInt8(ascii: "\"") { return start..<position }
      }
      return nil
    }

    /// A string, a whole object or array, or a bare word.
    mutating func value() -> Range<Int>? {
      skipBlanks()
      let start = position
      // Behind the last byte that is not a blank.
      var afterLast = position
      var depth = 0
      while let byte {
        switch byte {
        case 0x20, 0x0A, 0x0D, 0x09:
          position += 1
          continue
        case UInt8(ascii: "\""):
          guard string() != nil else { return nil }
        case UInt8(ascii: "{"), UInt8(ascii: "["):
          depth += 1
          position += 1
          if depth > Limits.nesting { return nil }
        case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ","):
          if depth == 0 { return position > start ? start..<afterLast : nil }
          if byte != UInt8(ascii: ",") { depth -= 1 }
          position += 1
        default: position += 1
        }
        afterLast = position
      }
      return nil
    }
  }
}
