internal import Base
internal import Meters

/// Which dead letters are written, and told on `bridge/dead_letter`: a meter or a line may be wrong a thousand times a second.
///
/// The letters of one meter, stage and code have a number: some at once, then one a minute. Those of a guarded register or a
/// refused topic have one for each. Bytes are limited for each meter and for each source, so that none pushes the letters of
/// others out of the log. Telegrams that a key does not open have no number but bytes for a day: with the right key they are
/// the lost hours. It is a value; what is skipped is counted.
struct DeadLetterBudget {
  private struct Kind: Hashable {
    var meter: String
    var stage: DeadLetter.Stage
    var code: String
    /// The register or topic; nil where there is none, or there are too many.
    var subject: String?
  }

  private struct Count {
    var bucket: TokenBucket
    /// Letters since the last one that was written.
    var skipped = 0
  }

  private enum Owner: Hashable {
    case meter(String)
    /// The enciphered telegrams of a meter.
    case ciphers(String)
    case source(String)
  }

  private var counts: [Kind: Count] = [:]
  private var bytes: [Owner: TokenBucket] = [:]
  /// When kinds without letters were forgotten.
  private var swept: Instant?
  /// All letters that were skipped in this run.
  private(set) var skipped = 0

  /// What is to become of a letter.
  enum Decision: Equatable {
    /// Written, with the number of letters of its kind that were skipped before it.
    case write(skipped: Int)
    /// Only counted; `isFirst` after one that was written.
    case skip(isFirst: Bool)
  }

  /// Asks to write a letter.
  ///
  /// - Parameters:
  ///   - letter: the letter.
  ///   - size: the bytes of its line; not asked for where the number is used up.
  ///   - now: the time.
  /// - Returns: whether it is written.
  mutating func take(_ letter: DeadLetter, size: () -> Int, now: Instant) -> Decision {
    let kind = kind(of: letter, now: now)
    var count = counts[kind] ?? Count(bucket: TokenBucket(Limits.lettersOfKind, now: now))
    defer { counts[kind] = count }
    let isCounted = letter.stage != .decipher
    guard !isCounted || count.bucket.has(1, now: now), takeBytes(of: letter, size(), now: now) else {
      count.skipped += 1
      skipped += 1
      return .skip(isFirst: count.skipped == 1)
    }
    if isCounted { count.bucket.take(1) }
    defer { count.skipped = 0 }
    return .write(skipped: count.skipped)
  }

  private mutating func takeBytes(of letter: DeadLetter, _ size: Int, now: Instant) -> Bool {
    let owners: [(Owner, TokenBucket.Size)] = [
      letter.stage == .decipher
        ? (.ciphers(letter.meter), Limits.cipherLetterBytes) : (.meter(letter.meter), Limits.letterBytesOfMeter),
      (.source(letter.source), Limits.letterBytesOfSource),
    ]
    let hasAll = owners.allSatisfy { owner, limit in
      bytes[owner, default: TokenBucket(limit, now: now)].has(size, now: now)
    }
    if hasAll { for (owner, _) in owners { bytes[owner]?.take(size) } }
    return hasAll
  }

  /// Where there are very many registers and topics, the letters of a meter share one count.
  private mutating func kind(of letter: DeadLetter, now: Instant) -> Kind {
    let subject = letter.subject?.topic ?? letter.subject?.field
    var kind = Kind(meter: letter.meter, stage: letter.stage, code: letter.code, subject: subject)
    guard counts[kind] == nil, counts.count >= Limits.letterKinds else { return kind }
    if swept.map({ now - $0 >= .minutes(1) }) ?? true {
      swept = now
      for (key, var count) in counts where count.skipped == 0 && count.bucket.isFull(now: now) { counts[key] = nil }
    }
    if counts.count >= Limits.letterKinds { kind.subject = nil }
    return kind
  }
}
