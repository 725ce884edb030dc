/// A command to the dongle and the wait for its answer.
struct SKSTACKExchange: Sendable {
  let command: SKSTACKCommand
  /// How often it has been sent.
  private(set) var tries = 1
  /// When the wait is over.
  private(set) var until: Instant
  /// Something came that only this command brings about.
  var isHeard = false

  private static let limit = 3

  init(_ command: SKSTACKCommand, now: Instant) {
    self.command = command
    until = now + command.patience
  }

  /// Whether it may be sent again; it then waits anew.
  mutating func repeats(now: Instant) -> Bool {
    guard tries < Self.limit else { return false }
    tries += 1
    until = now + command.patience
    return true
  }
}

/// The way back to a dongle in an unknown state.
///
/// A program that died in the middle of `SKSENDTO` leaves a module that swallows all that comes, as data, until it has the
/// bytes that were announced. Line ends, more each time, fill it up; where nothing was open they do nothing.
struct SKSTACKProbe: Equatable, Sendable {
  /// Line ends before each try: together more than the longest datagram.
  private static let lineEnds = [1, 32, 128, 256, 256]
  /// For what the dongle has to say to that.
  static let settling = Milliseconds(500)

  private var attempt = 0
  /// Line ends have been sent, and until then nothing is asked; nil while the version is being asked for.
  var settledAt: Instant?
  /// The last bytes, in which a module of another kind may say what it is.
  private var tail: [UInt8] = []

  /// What is sent before the version is asked for. The last time a module of the J11 kind is asked too.
  var wake: [UInt8] {
    let ends = (0..<Self.lineEnds[attempt]).flatMap { _ in [0x0D, 0x0A] as [UInt8] }
    return isLast ? ends + Self.versionRequestOfJ11 : ends
  }

  private var isLast: Bool { attempt == Self.lineEnds.count - 1 }

  /// Goes on to the next try; false after the last.
  mutating func isRepeated() -> Bool {
    guard !isLast else { return false }
    attempt += 1
    return true
  }

  /// Whether these bytes, behind those before, are from a module of the J11 kind.
  mutating func isForeign(_ bytes: [UInt8]) -> Bool {
    let there = tail + bytes
    tail = Array(there.suffix(Self.answerOfJ11.count - 1))
    return there.indices.contains { there[$0...].starts(with: Self.answerOfJ11) }
  }

  /// Unique code of requests, command 006B (firmware version), length, two checksums.
  private static let versionRequestOfJ11: [UInt8] = [0xD0, 0xEA, 0x83, 0xFC, 0, 0x6B, 0, 4, 3, 0xA8, 0, 0]
  /// Unique code of answers and notifications.
  private static let answerOfJ11: [UInt8] = [0xD0, 0xF9, 0xEE, 0x5D]
}
