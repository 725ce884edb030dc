internal import Base

/// One readout under way.
struct D0Readout: Sendable {
  /// When it began.
  var started = Instant(milliseconds: 0)
  /// When the last request was sent.
  var askedAt = Instant(milliseconds: 0)
  /// Requests so far.
  var requests = 0
  /// All that came since the last request, but its echo; damaged bytes as 0.
  var heard: [UInt8] = []
  /// The same of the requests before it.
  var unused: [UInt8] = []
  /// Bytes that came before an identification, and how many of them with bad parity.
  var early = 0
  var earlyDamage = 0
  /// Whether anything came back of any request, if only an echo.
  var hasEcho = false
  /// The line of the identification as it came: bit 7 may be the parity.
  var identification: [UInt8] = []
  var isFast = false
  /// The meter has been told a speed, so that it has a session of its own until its data have come.
  var isChosen = false
  /// The speed of the data.
  var rate = 0
  /// The settings that were ordered last.
  var wanted: LineSettings?
  /// Bytes since the identification, and how many of them cannot be text.
  var received = 0
  var strange = 0
  /// The meter did not change its speed, so the line is back at the first one.
  var isBack = false
  /// The block has been asked for once more.
  var isRepeated = false
  /// A block came damaged.
  var isDamaged = false
  var isGood = false
  /// Woken as a trial.
  var isTrialOfWaking = false
}

/// The echo of what was sent, as far as it is still to come.
///
/// Many heads send back what they get. Only an exact beginning is left out; where other bytes follow, it was no echo.
struct D0EchoWait: Sendable {
  private var expected: [UInt8] = []
  /// What has come of it, as it came: bit 7 may be the parity.
  private var come: [UInt8] = []
  /// Whether a whole echo has come since the last bytes were sent.
  private(set) var hasCome = false

  /// Bytes are sent, behind those before them.
  mutating func expect(_ bytes: [UInt8]) {
    expected = expected[come.count...] + bytes
    come = []
    hasCome = false
  }

  /// The bytes without the echo.
  mutating func rest(of input: LineInput) -> LineInput {
    guard !expected.isEmpty else { return input }
    let before = come
    var count = 0
    while count < input.bytes.count, come.count < expected.count,
      input.bytes[count] & 0x7F == expected[come.count], !input.damaged.contains(count)
    {
      come.append(input.bytes[count])
      count += 1
    }
    hasCome = come.count == expected.count
    guard hasCome || count < input.bytes.count else { return LineInput(bytes: []) }
    // What was taken for an echo is not one if other bytes follow.
    let returned = hasCome ? [] : before
    let kept = hasCome ? count : 0
    expected = []
    come = []
    return LineInput(
      bytes: returned + input.bytes[kept...],
      damaged: input.damaged.filter { $0 >= kept }.map { $0 - kept + returned.count })
  }
}

/// What is known of the meter from earlier readouts.
struct D0Memory: Sendable {
  /// The highest speed that works, in bits a second; nil while nothing speaks against any.
  var rateLimit: Int?
  /// The line for requests, where it is not that of the settings: the answers to those came with bad parity.
  var home: LineSettings?
  /// The other parity has been tried; and an identification has come with it.
  var isParityTried = false
  var isParityProven = false
  /// It answers only when it is woken.
  var wakes = false
  /// Readouts without an answer in a row.
  var failures = 0
  /// That of its medium.
  var interval: Milliseconds?
  /// The user has been told that the line keeps its speed, or that a battery is read too often.
  var isToldOfSpeed = false
  var isToldOfBattery = false
}
