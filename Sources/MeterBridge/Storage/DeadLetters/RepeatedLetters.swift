internal import Base
internal import Meters

/// Counts equal dead letters: the log gets the first one, and later one line for those that followed.
///
/// Letters are equal if meter, kind, stage, code, bytes and refused value are. The first one is written again after a day, so
/// that its bytes are still in the log while they go on coming. It is a value; memory is bounded for each meter.
struct RepeatedLetters {
  private struct Original {
    var id: DeadLetterID
    /// Without its bytes.
    var letter: DeadLetter
    var equality: Equality
    var written: Instant
    /// When the last line about it was written.
    var told: Instant
    /// Repeats since then, and the time of the first of them.
    var count = 0
    var first: WallTime
    /// The time of the newest letter.
    var newest: WallTime

    /// The lines become rarer: after a minute, after two, at last once an hour.
    var due: Instant { told + min(max(told - written, RepeatedLetters.shortest), RepeatedLetters.longest) }
  }

  private struct Equality: Hashable {
    var kind: DeadLetter.Kind
    var stage: DeadLetter.Stage
    var code: String
    var byteCount: Int
    var hash: UInt64

    init(_ letter: DeadLetter) {
      kind = letter.kind
      stage = letter.stage
      code = letter.code
      byteCount = letter.bytes.count
      let subject = letter.subject
      let texts = [subject?.field, subject?.topic, subject?.value, subject?.last].map { $0 ?? "" }
      hash = stableHash(letter.bytes + texts.joined(separator: "\n").utf8)
    }
  }

  private static let shortest = Milliseconds.minutes(1)
  private static let longest = Milliseconds.minutes(60)
  private static let validity = Milliseconds.minutes(24 * 60)

  /// By meter, the one that was equal to the newest letter last.
  private var originals: [String: [Original]] = [:]
  /// When `due` has something to return; nil for never.
  private(set) var deadline: Instant?

  /// Counts a letter that is equal to one of the last of its meter.
  ///
  /// - Returns: false for another letter.
  mutating func counts(_ letter: DeadLetter, now: Instant) -> Bool {
    guard var originals = originals.removeValue(forKey: letter.meter) else { return false }
    defer { self.originals[letter.meter] = originals }
    let equality = Equality(letter)
    guard let index = originals.firstIndex(where: { $0.equality == equality }),
      now - originals[index].written < Self.validity
    else { return false }
    var original = originals.remove(at: index)
    if original.count == 0 { original.first = letter.time }
    original.count += 1
    original.newest = letter.time
    deadline = min(deadline ?? original.due, original.due)
    originals.append(original)
    return true
  }

  /// Remembers a letter that was written.
  ///
  /// - Returns: the number of equal letters after one that is forgotten for it.
  mutating func remember(_ entry: DeadLetterEntry, whole letter: DeadLetter, now: Instant) -> Summary? {
    let equality = Equality(letter)
    var known = originals[letter.meter] ?? []
    defer { originals[letter.meter] = known }
    let outdated = known.firstIndex { $0.equality == equality }
    let isFull = known.count >= Limits.lettersCompared
    let forgotten = outdated.map { known.remove(at: $0) } ?? (isFull ? known.removeFirst() : nil)
    var bare = entry.letter
    bare.bytes = []
    known.append(
      Original(
        id: entry.id, letter: bare, equality: equality, written: now, told: now, first: letter.time,
        newest: letter.time))
    return forgotten.flatMap(Self.summary)
  }

  /// The letters that were counted for long enough; all of them at the end of the program.
  mutating func due(now: Instant, isEnd: Bool = false) -> [Summary] {
    guard isEnd || deadline.map({ now >= $0 }) ?? false else { return [] }
    deadline = nil
    var summaries: [Summary] = []
    for (meter, known) in originals {
      var known = known
      for index in known.indices where known[index].count > 0 {
        if isEnd || now >= known[index].due, let summary = Self.summary(known[index]) {
          summaries.append(summary)
          known[index].count = 0
          known[index].told = now
        } else {
          deadline = min(deadline ?? known[index].due, known[index].due)
        }
      }
      originals[meter] = known
    }
    return summaries.sorted { $0.repeats.original < $1.repeats.original }
  }

  /// What one line says about letters that were counted.
  struct Summary: Equatable {
    /// The newest one, without bytes.
    var letter: DeadLetter
    var repeats: DeadLetterEntry.Repeats
  }

  private static func summary(_ original: Original) -> Summary? {
    guard original.count > 0 else { return nil }
    var letter = original.letter
    letter.time = original.newest
    return Summary(
      letter: letter,
      repeats: DeadLetterEntry.Repeats(original: original.id, count: original.count, first: original.first))
  }
}
