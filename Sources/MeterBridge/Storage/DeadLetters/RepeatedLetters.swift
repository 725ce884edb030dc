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

    /// Returns when the repeats are to be told; nil if the letter is to be written again.
    mutating func count(_ time: WallTime, now: Instant) -> Instant? {
      guard now - written < RepeatedLetters.validity else { return nil }
      if count == 0 { first = time }
      count += 1
      newest = time
      return due
    }
  }

  /// The last letters of one meter, the one that was written first at the beginning.
  private struct Known {
    /// The hashes of `letters`, in the same order.
    var hashes: [Int] = []
    var letters: [Original] = []

    mutating func remove(at index: Int) -> Original {
      hashes.remove(at: index)
      return letters.remove(at: index)
    }
  }

  private static let shortest = Milliseconds.minutes(1)
  private static let longest = Milliseconds.minutes(60)
  private static let validity = Milliseconds.minutes(24 * 60)

  /// By meter.
  private var known: [String: Known] = [:]
  /// When `due` has something to return; nil for never.
  private(set) var deadline: Instant?

  /// Counts a letter that is equal to one of the last of its meter.
  ///
  /// - Returns: false for another letter.
  mutating func counts(_ letter: DeadLetter, now: Instant) -> Bool {
    guard let index = known[letter.meter]?.hashes.firstIndex(of: Self.hash(letter)),
      let due = known[letter.meter]?.letters[index].count(letter.time, now: now)
    else { return false }
    deadline = min(deadline ?? due, due)
    return true
  }

  /// Remembers a letter that was written.
  ///
  /// - Returns: the number of equal letters after one that is forgotten for it.
  mutating func remember(_ entry: DeadLetterEntry, whole letter: DeadLetter, now: Instant) -> Summary? {
    let hash = Self.hash(letter)
    var known = known.removeValue(forKey: letter.meter) ?? Known()
    defer { self.known[letter.meter] = known }
    let isFull = known.letters.count >= Limits.lettersCompared
    let forgotten = known.hashes.firstIndex(of: hash) ?? (isFull ? 0 : nil)
    let summary = forgotten.flatMap { Self.summary(known.remove(at: $0)) }
    var bare = entry.letter
    bare.bytes = []
    known.hashes.append(hash)
    known.letters.append(
      Original(id: entry.id, letter: bare, written: now, told: now, first: letter.time, newest: letter.time))
    return summary
  }

  /// The letters that were counted for long enough; all of them at the end of the program.
  mutating func due(now: Instant, isEnd: Bool = false) -> [Summary] {
    guard isEnd || deadline.map({ now >= $0 }) ?? false else { return [] }
    deadline = nil
    var summaries: [Summary] = []
    for (meter, known) in known {
      var letters = known.letters
      for index in letters.indices where letters[index].count > 0 {
        if isEnd || now >= letters[index].due, let summary = Self.summary(letters[index]) {
          summaries.append(summary)
          letters[index].count = 0
          letters[index].told = now
        } else {
          deadline = min(deadline ?? letters[index].due, letters[index].due)
        }
      }
      self.known[meter]?.letters = letters
    }
    return summaries.sorted { $0.repeats.original < $1.repeats.original }
  }

  /// What one line says about letters that were counted.
  struct Summary: Equatable {
    /// The newest one, without bytes.
    var letter: DeadLetter
    var repeats: DeadLetterEntry.Repeats
  }

  /// For this run only: nobody outside can find another letter with the same one.
  private static func hash(_ letter: DeadLetter) -> Int {
    var hasher = Hasher()
    hasher.combine(letter.kind)
    hasher.combine(letter.stage)
    hasher.combine(letter.code)
    hasher.combine(letter.bytes)
    hasher.combine(letter.subject)
    return hasher.finalize()
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
