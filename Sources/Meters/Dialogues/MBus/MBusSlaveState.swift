internal import Base
internal import Decoders

/// The state of one slave on an M-Bus: when it is read, and the readout under way.
struct MBusSlaveState: Sendable {
  let address: MBusAddress
  private let configuredInterval: Milliseconds?
  private var mediumInterval: Milliseconds?

  /// When the next readout is due; in the past while it waits for the bus or is under way.
  private(set) var due = Instant(milliseconds: 0)
  /// When the slave began to wait for the bus.
  private(set) var waitingSince = Instant(milliseconds: 0)
  private var startedAt: Instant?
  private var asked = AskedReadouts()
  /// Whether the last readout failed.
  private(set) var hasFailed = false
  /// Whether a readout has ended, well or not.
  private(set) var hasResult = false
  /// Whether the slave is read without SND_NKE, because it ignores it and has only one telegram.
  private var isReadWithoutReset = false
  /// The select frames of this try, in order.
  private(set) var selections: [MBusSelection] = []
  /// The one that the slave acknowledged; nil before, and after a readout that failed.
  private var acceptedSelection: MBusSelection?
  /// The sender of the last answer that was taken.
  private var known: MBusSender?
  /// Whether the last request for data was not answered, so that the answer may come late.
  private(set) var owesAnswer = false

  /// The frame count bit of the next request for data.
  private(set) var frameCountBit = true
  /// The telegrams of this readout.
  private(set) var frames: [[UInt8]] = []
  /// The telegrams before the readout was restarted.
  private var framesBeforeRestart: [[UInt8]] = []
  /// Failed tries of this readout.
  private(set) var tries = 0
  /// Failed tries of the current request.
  private var triesOfRequest = 0
  /// Whether the readout was restarted for one last try.
  private(set) var isLastTry = false
  private(set) var isSelected = false
  private var ignoredReset = false
  /// Tries of this readout in which bytes came.
  private var damagedTries = 0
  /// Requests for data of this readout without an answer. Each may still be answered, in addition to its repeat.
  private var unanswered = 0

  /// Tries of one request before SND_NKE and the last try.
  private static let triesOfOneRequest = 3
  /// The shortest time between two readouts on request.
  private static let shortestInterval = Milliseconds.seconds(1)
  /// The interval after a failed readout, and while the medium is unknown.
  private static let intervalWithoutAnswer = Milliseconds.minutes(1)

  init(address: MBusAddress, interval: Milliseconds?) {
    self.address = address
    configuredInterval = interval
  }

  /// The configured interval, else that of the medium.
  var interval: Milliseconds { configuredInterval ?? mediumInterval ?? Self.intervalWithoutAnswer }
  /// Whether others go first. A slave that failed may fail again and use its whole timeout.
  var isDoubtful: Bool { hasFailed || tries > 0 }

  // MARK: When

  mutating func opened(now: Instant) {
    isReadWithoutReset = false
    forget()
    due = now
    waitingSince = now
  }

  /// A readout is asked for. False if too many were.
  mutating func pollSoon(now: Instant) -> Bool {
    let soonest = startedAt.map { max(now, $0 + Self.shortestInterval) } ?? now
    guard due > soonest else { return true }
    guard asked.take(interval: interval, now: now) else { return false }
    due = soonest
    waitingSince = due
    return true
  }

  private mutating func schedule(after pause: Milliseconds, now: Instant) {
    // Missed readouts are skipped.
    due = max(due + pause, now)
    waitingSince = due
  }

  // MARK: The readout

  /// The readout gets the bus, for the first time or again. Returns the first step.
  mutating func start(now: Instant) -> MBusMaster.Step {
    if tries == 0 { startedAt = now }
    if address.isSecondary {
      selections = MBusSelection.forms(of: address, accepted: acceptedSelection, isFirstTry: tries == 0)
      return isLastTry && isSelected ? .reset : .select(0)
    }
    if isLastTry { return .reset }
    return tries == 0 && !isReadWithoutReset ? .reset : .data
  }

  /// The slave may acknowledge SND_NKE or ignore it. Returns the next step.
  mutating func wasReset(acknowledged: Bool) -> MBusMaster.Step {
    ignoredReset = !acknowledged
    frameCountBit = true
    isSelected = false
    return address.isSecondary ? .select(0) : .data
  }

  mutating func wasSelected(by selection: MBusSelection) {
    acceptedSelection = selection
    isSelected = true
    frameCountBit = true
    frames = []
  }

  /// Whether this is certainly the meter that is meant.
  func knows(_ sender: MBusSender) -> Bool { known == sender || address.names(sender) }

  /// The sender of the telegrams before, in the middle of a readout.
  var senderOfReadout: MBusSender? { frames.isEmpty ? nil : known }

  /// What follows a good answer.
  enum Progress { case moreFollow, complete, lateCopy }

  mutating func accept(_ frame: [UInt8], from sender: MBusSender) -> Progress {
    let isRepeat = frames.contains { Self.content($0) == Self.content(frame) }
    if isRepeat, unanswered > 0 {
      unanswered -= 1
      return .lateCopy
    }
    known = sender
    owesAnswer = false
    frameCountBit.toggle()
    triesOfRequest = 0
    let telegram = Self.telegram(frame)
    if mediumInterval == nil { mediumInterval = telegram.flatMap(Self.interval) }
    // A slave that ignores the frame count bit sends the same telegram again and again.
    if isRepeat { return .complete }
    frames.append(frame)
    return telegram?.moreRecordsFollow == true && frames.count < Limits.telegramsOfReadout ? .moreFollow : .complete
  }

  mutating func answeredLate() { owesAnswer = false }

  /// The next action after a failed try.
  enum Consequence { case repeatNow, repeatLater, giveUp }

  mutating func fail(at step: MBusMaster.Step, _ failure: MBusFailure) -> Consequence {
    tries += 1
    triesOfRequest += 1
    switch failure {
    case .strangers: return .giveUp
    case .damage: damagedTries += 1
    case .silence where step == .data:
      owesAnswer = true
      unanswered += 1
    case .silence: break
    }
    if isLastTry { return .giveUp }
    guard triesOfRequest < Self.triesOfOneRequest else {
      isLastTry = true
      triesOfRequest = 0
      framesBeforeRestart = frames
      frames = []
      return .repeatLater
    }
    // The bus must not go to another slave in the middle of a selection or of several telegrams.
    if case .data = step, address.isSecondary || !frames.isEmpty { return .repeatNow }
    return .repeatLater
  }

  /// Why the readout failed, if its last try failed so.
  func failure(last: MBusFailure) -> MBusFailure {
    if case .strangers = last { return last }
    return damagedTries == tries ? .damage : .silence
  }

  mutating func yield(now: Instant) { waitingSince = now }

  /// The readout is complete. Returns its frames.
  mutating func succeed(now: Instant) -> [[UInt8]] {
    let complete = frames
    let isSimple = ignoredReset && frames.count == 1
    hasFailed = false
    hasResult = true
    schedule(after: interval, now: now)
    isReadWithoutReset = isSimple
    forget()
    return complete
  }

  /// The readout has failed. Returns the telegrams that came, because each is complete in itself.
  mutating func giveUp(now: Instant) -> [[UInt8]] {
    let rest = telegrams
    hasFailed = true
    hasResult = true
    schedule(after: min(interval, Self.intervalWithoutAnswer), now: now)
    isReadWithoutReset = false
    acceptedSelection = nil
    forget()
    return rest
  }

  /// The line was lost. Returns the telegrams that came.
  mutating func interrupted() -> [[UInt8]] {
    defer { forget() }
    return telegrams
  }

  private var telegrams: [[UInt8]] { frames.isEmpty ? framesBeforeRestart : frames }

  private mutating func forget() {
    frames = []
    framesBeforeRestart = []
    tries = 0
    triesOfRequest = 0
    damagedTries = 0
    unanswered = 0
    isLastTry = false
    isSelected = false
    ignoredReset = isReadWithoutReset
  }

  // MARK: Answers

  /// The bytes that identify a repeated telegram: without access number, status and checksum.
  private static func content(_ frame: [UInt8]) -> ArraySlice<UInt8> {
    // 68 L L 68 C A CI, 8 bytes of identity, access number, status, signature.
    let isLongHeader = frame.count > 21 && (frame[6] == 0x72 || frame[6] == 0x76)
    return isLongHeader ? frame[19..<frame.count - 2] : frame[...]
  }

  /// Nil for an answer that cannot be decoded, which the pipeline reports.
  private static func telegram(_ frame: [UInt8]) -> Telegram? {
    var decoder = MBusDecoder()
    var telegrams: [Telegram] = []
    do throws(DecodeError) { try decoder.decode(frame.span, into: &telegrams) } catch { return nil }
    return telegrams.last
  }

  /// 15 s for electricity. Other meters may run on a battery, and each answer uses it up: 15 min.
  static func usualInterval(for medium: Medium) -> Milliseconds {
    medium == .electricity ? .seconds(15) : .minutes(15)
  }

  private static func interval(for telegram: Telegram) -> Milliseconds? {
    telegram.readings.first.map { usualInterval(for: $0.meter.medium) }
  }
}
