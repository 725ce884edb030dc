/// The types of a list's elements, a letter each: what a list without codes is recognised by.
struct DLMSSignature: Equatable, Sendable {
  /// One letter an element.
  private(set) var letters: [UInt8] = []

  /// The types of the elements of the list at a node.
  init(_ nodes: [AXDRNode], of list: Int) {
    var index = list + 1
    while index < Int(nodes[list].next) {
      letters.append(Self.letter(nodes[index]))
      index = Int(nodes[index].next)
    }
  }

  /// Reads `o3u10c`: letters, each with the number of its elements where there are several.
  init(pattern: StaticString) {
    var rest = Array(pattern.description.utf8)[...]
    while let letter = rest.popFirst() {
      var count = 0
      while let digit = rest.first, (0x30...0x39).contains(digit) {
        count = count * 10 + Int(digit - 0x30)
        rest.removeFirst()
      }
      letters += [UInt8](repeating: letter, count: max(1, count))
    }
  }

  /// Whether a list's types are those of this pattern: `c` is an octet string of a date-time's length, `U` an unsigned
  /// number of 32 or 64 bits.
  func matches(_ list: DLMSSignature) -> Bool {
    guard letters.count == list.letters.count else { return false }
    return zip(letters, list.letters).allSatisfy { pattern, type in
      switch pattern {
      case 0x6F: type == 0x6F || type == 0x63  // o: c too
      case 0x55: type == 0x75 || type == 0x77  // U: u, w
      default: pattern == type
      }
    }
  }

  private static func letter(_ node: AXDRNode) -> UInt8 {
    if node.tag == AXDRTag.octetString, node.count == UInt16(DLMSDateTime.count) { return 0x63 }
    return types.first { $0.tag == node.tag }?.letter ?? 0x78
  }

  private static let types: [(tag: UInt8, letter: UInt8, name: StaticString)] = [
    (AXDRTag.octetString, 0x6F, "octet-string"),  // o
    (AXDRTag.octetString, 0x63, "octet-string of 12"),  // c
    (AXDRTag.visibleString, 0x73, "visible-string"),  // s
    (AXDRTag.utf8String, 0x74, "utf8-string"),  // t
    (AXDRTag.uint32, 0x75, "uint32"),  // u
    (AXDRTag.uint64, 0x77, "uint64"),  // w
    (AXDRTag.uint16, 0x6C, "uint16"),  // l
    (AXDRTag.uint8, 0x76, "uint8"),  // v
    (AXDRTag.int32, 0x69, "int32"),  // i
    (AXDRTag.int64, 0x71, "int64"),  // q
    (AXDRTag.int16, 0x68, "int16"),  // h
    (AXDRTag.int8, 0x7A, "int8"),  // z
    (AXDRTag.enumeration, 0x65, "enum"),  // e
    (AXDRTag.boolean, 0x62, "boolean"),  // b
    (AXDRTag.array, 0x61, "array"),  // a
    (AXDRTag.structure, 0x72, "structure"),  // r
    (AXDRTag.null, 0x6E, "null"),  // n
    (AXDRTag.float32, 0x66, "float32"),  // f
    (AXDRTag.dateTime, 0x64, "date-time"),  // d
  ]
}

// MARK: - In errors

extension DLMSSignature {
  /// Elements of one type in a row.
  private struct Run {
    var letter: UInt8
    var count: Int
  }

  /// An error has room for sixteen bytes: eight runs, each its letter and its count; what is beyond is left out.
  private static let runsInError = 8

  /// The error that says that no table knows this list.
  var unknown: DecodeError {
    var halves = [0, 0]
    for (index, run) in runs.prefix(Self.runsInError).enumerated() {
      let shift = 48 - 16 * (index % 4)
      halves[index / 4] |= (Int(run.letter) << 8 | min(run.count, 255)) << shift
    }
    return DecodeError(.unknownLayout, at: 0, expected: halves[0], found: halves[1])
  }

  /// The list that an error carries.
  init(_ error: DecodeError) {
    for half in [error.expected, error.found] {
      for shift in [48, 32, 16, 0] {
        letters += [UInt8](repeating: UInt8(half >> (shift + 8) & 0xFF), count: half >> shift & 0xFF)
      }
    }
  }

  private var runs: [Run] {
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
    return text.joined(separator: ", ") + (runs.count == Self.runsInError ? " …" : "")
  }
}
