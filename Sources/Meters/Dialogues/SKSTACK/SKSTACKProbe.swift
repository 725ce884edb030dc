internal import Base

/// The way back to a dongle in an unknown state.
///
/// A program may die in the middle of `SKSENDTO`. The module then takes all input as data, up to the announced length.
/// Line ends fill it up, more with each try. A module that waits for no data ignores them.
struct SKSTACKProbe: Equatable, Sendable {
  /// The number of line ends before each try. Together they are longer than any datagram.
  private static let lineEnds = [1, 32, 128, 256, 256]
  /// The dongle's answers to the line ends pass in this time.
  static let settling = Milliseconds(500)

  private var attempt = 0
  /// The probe asks for the version at this time; nil once it has asked.
  var settledAt: Instant?
  /// The last bytes, which may be half of a J11 answer.
  private var tail: [UInt8] = []

  /// The bytes before the question for the version. The last try also asks a J11 module.
  var wake: [UInt8] {
    let ends = (0..<Self.lineEnds[attempt]).flatMap { _ in [0x0D, 0x0A] as [UInt8] }
    return isLast ? ends + Self.versionRequestOfJ11 : ends
  }

  private var isLast: Bool { attempt == Self.lineEnds.count - 1 }

  /// Begins the next try; false after the last.
  mutating func beginNextTry() -> Bool {
    guard !isLast else { return false }
    attempt += 1
    return true
  }

  /// Whether the bytes so far hold an answer of a J11 module.
  mutating func isForeign(_ bytes: [UInt8]) -> Bool {
    let there = tail + bytes
    tail = Array(there.suffix(Self.answerOfJ11.count - 1))
    return there.indices.contains { there[$0...].starts(with: Self.answerOfJ11) }
  }

  /// The unique code of requests, command 006B (firmware version), length, two checksums.
  private static let versionRequestOfJ11: [UInt8] = [0xD0, 0xEA, 0x83, 0xFC, 0, 0x6B, 0, 4, 3, 0xA8, 0, 0]
  /// The unique code of answers and notifications.
  private static let answerOfJ11: [UInt8] = [0xD0, 0xF9, 0xEE, 0x5D]
}
