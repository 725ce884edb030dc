internal import Base
internal import Decoders
internal import Meters

/// Dead letters of one meter, one after the other: perhaps the pieces of one telegram, which a pause on the line tore.
struct DeadLetterRun {
  /// Longer silence ends a telegram.
  private static let pause = Limits.restOfTelegram
  private static let mostLetters = 8

  private var entries: [DeadLetterEntry] = []

  /// Takes the next letter that cannot be decoded alone.
  mutating func append(_ entry: DeadLetterEntry) {
    if let last = entries.last, !Self.mayFollow(entry.letter, last.letter) { entries = [] }
    entries.append(entry)
    if entries.count > Self.mostLetters { entries.removeFirst() }
  }

  mutating func end() { entries = [] }

  /// The last letters that are whole frames together: the fewest, at least two; nil without such letters.
  func whole(_ settings: MeterSettings) -> [DeadLetterEntry]? {
    for start in entries.indices.dropLast().reversed() {
      let part = Array(entries[start...])
      let pieces = Replay.pieces(of: Self.joined(part), settings)
      if !pieces.isEmpty, pieces.allSatisfy(\.isCertain) { return part }
    }
    return nil
  }

  /// The last of these letters with the bytes of all.
  static func joined(_ entries: [DeadLetterEntry]) -> DeadLetter {
    var letter = entries[entries.count - 1].letter
    letter.stage = .framing
    letter.bytes = entries.flatMap(\.letter.bytes)
    return letter
  }

  private static func mayFollow(_ letter: DeadLetter, _ last: DeadLetter) -> Bool {
    let apart = letter.time.milliseconds - last.time.milliseconds
    // What has been deciphered was whole.
    return (0...pause.count).contains(apart) && letter.stage != .decipher && last.stage != .decipher
  }
}

extension Framed {
  /// A frame that proves that nothing between its bytes was lost: a P1 telegram without a checksum does not.
  fileprivate var isCertain: Bool {
    switch self {
    case .frame(let bytes): !Replay.endsBare(bytes)
    case .rejected: false
    }
  }
}
