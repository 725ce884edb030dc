/// The types of a list's elements, a letter each. They identify lists without codes.
struct DLMSSignature: Equatable, Sendable {
  /// One letter an element.
  private(set) var letters: [UInt8] = []

  init(letters: [UInt8]) { self.letters = letters }

  /// The types of the elements of the list at a node.
  init(_ nodes: [AXDRNode], of list: Int) {
    var index = list + 1
    while index < Int(nodes[list].next) {
      letters.append(Self.letter(nodes[index]))
      index = Int(nodes[index].next)
    }
  }

  /// Reads `o3u10c`: letters, each with the number of its elements if several.
  init(pattern: StaticString) {
    var rest = Array(pattern.description.utf8)[...]
    while let letter = rest.popFirst() {
      var count = 0
      while let digit = rest.first, digit.isDigit {
        count = count * 10 + Int(digit.digitValue)
        rest.removeFirst()
      }
      letters += [UInt8](repeating: letter, count: max(1, count))
    }
  }

  /// Whether a list's types are those of this pattern: `c` is an octet string of a date-time's length, `U` an unsigned
  /// number of 32 or 64 bits, `E` the state of a disconnector, as an enum or a flag.
  func matches(_ list: DLMSSignature) -> Bool {
    guard letters.count == list.letters.count else { return false }
    return zip(letters, list.letters).allSatisfy { pattern, type in
      switch pattern {
      case UInt8(ascii: "o"): type == pattern || type == UInt8(ascii: "c")
      case UInt8(ascii: "E"): type == UInt8(ascii: "e") || type == UInt8(ascii: "b")
      case UInt8(ascii: "U"): type == UInt8(ascii: "u") || type == UInt8(ascii: "w")
      default: pattern == type
      }
    }
  }

  private static func letter(_ node: AXDRNode) -> UInt8 {
    if node.tag == AXDRTag.octetString, node.count == UInt16(DLMSDateTime.count) { return UInt8(ascii: "c") }
    return types.first { $0.tag == node.tag }?.letter ?? UInt8(ascii: "x")
  }

  private static let types: [(tag: UInt8, letter: UInt8, name: StaticString)] = [
    (AXDRTag.octetString, UInt8(ascii: "o"), "octet-string"),
    (AXDRTag.octetString, UInt8(ascii: "c"), "octet-string of 12"),
    (AXDRTag.visibleString, UInt8(ascii: "s"), "visible-string"),
    (AXDRTag.utf8String, UInt8(ascii: "t"), "utf8-string"),
    (AXDRTag.uint32, UInt8(ascii: "u"), "uint32"),
    (AXDRTag.uint64, UInt8(ascii: "w"), "uint64"),
    (AXDRTag.uint16, UInt8(ascii: "l"), "uint16"),
    (AXDRTag.uint8, UInt8(ascii: "v"), "uint8"),
    (AXDRTag.int32, UInt8(ascii: "i"), "int32"),
    (AXDRTag.int64, UInt8(ascii: "q"), "int64"),
    (AXDRTag.int16, UInt8(ascii: "h"), "int16"),
    (AXDRTag.int8, UInt8(ascii: "z"), "int8"),
    (AXDRTag.enumeration, UInt8(ascii: "e"), "enum"),
    (AXDRTag.boolean, UInt8(ascii: "b"), "boolean"),
    (AXDRTag.array, UInt8(ascii: "a"), "array"),
    (AXDRTag.structure, UInt8(ascii: "r"), "structure"),
    (AXDRTag.null, UInt8(ascii: "n"), "null"),
    (AXDRTag.float32, UInt8(ascii: "f"), "float32"),
    (AXDRTag.dateTime, UInt8(ascii: "d"), "date-time"),
  ]
}

extension DLMSSignature {
  /// Elements of one type in a row.
  struct Run {
    var letter: UInt8
    var count: Int
  }

  /// The elements as runs of one type.
  var runs: [Run] {
    var runs: [Run] = []
    for letter in letters {
      if let last = runs.indices.last, runs[last].letter == letter {
        runs[last].count += 1
      } else {
        runs.append(Run(letter: letter, count: 1))
      }
    }
    return runs
  }
}

extension DLMSSignature: CustomStringConvertible {
  /// `2 octet-string, 4 uint32, 1 array`.
  var description: String {
    if letters.isEmpty { return "an empty list" }
    let runs = runs
    let text = runs.map { run in
      let name = Self.types.first { $0.letter == run.letter }?.name.description ?? "other"
      return "\(run.count) \(name)"
    }
    return text.joined(separator: ", ") + (runs.count == DecodeError.runsInSignature ? " …" : "")
  }
}
