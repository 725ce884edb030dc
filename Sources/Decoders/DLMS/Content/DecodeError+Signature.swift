extension DecodeError {
  /// An error has room for sixteen bytes: eight runs, each its letter and its count; it leaves out the others.
  static let runsInSignature = 8

  /// A list of these types is unknown.
  init(unknown list: DLMSSignature) {
    var halves = [0, 0]
    for (index, run) in list.runs.prefix(Self.runsInSignature).enumerated() {
      let shift = 48 - 16 * (index % 4)
      halves[index / 4] |= (Int(run.letter) << 8 | min(run.count, 255)) << shift
    }
    self.init(.unknownLayout, at: 0, expected: halves[0], found: halves[1])
  }

  /// The types of the unknown list.
  var signature: DLMSSignature {
    var letters: [UInt8] = []
    for half in [expected, found] {
      for shift in [48, 32, 16, 0] {
        letters += [UInt8](repeating: UInt8(half >> (shift + 8) & 0xFF), count: half >> shift & 0xFF)
      }
    }
    return DLMSSignature(letters: letters)
  }
}
