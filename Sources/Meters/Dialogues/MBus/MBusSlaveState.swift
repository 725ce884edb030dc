internal import Base
internal import Decoders

/// The state of one slave on an M-Bus: when it is read, and the readout under way.
struct MBusSlaveState: Sendable {
  let address: MBusAddress
  let polling: MBusPolling
  private(set) var schedule: MBusSchedule
  /// Whether the last readout failed.
  private(set) var hasFailed = false
  /// Whether a readout has ended, well or not.
  private(set) var hasResult = false
  /// Whether the next readout begins without SND_NKE: the slave has only one telegram, or must not be reset.
  private var isReadWithoutReset = false
  /// The select frames of this try, in order.
  private(set) var selections: [MBusSelection] = []
  /// The one that the slave acknowledged; nil before, and after a readout that failed.
  private var acceptedSelection: MBusSelection?
  /// The sender of the last answer that was taken.
  private var known: MBusSender?
  /// Whether the last request for data was not answered, so that the answer may come late.
  private(set) var owesAnswer = false
  /// Whether its readouts have the speed of the bus: no other is wanted, or it does not answer there.
  private var keepsSpeed: Bool
  /// Whether it was looked for at the speed of its readouts, before this readout.
  private var isSought = false
  /// Whether a speed of its own is wanted, and the line can change.
  private let wantsSpeed: Bool
  /// The same as long as the port has not refused.
  private var mayChangeSpeed: Bool
  /// Whether the log is to say that it is read at the speed of the bus, and whether it has.
  private var speedNews = (isDue: false, isTold: false)

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
  /// Tries of this readout in which bytes came.
  private var damagedTries = 0
  /// Requests for data of this readout without an answer. Each may still be answered, in addition to its repeat.
  private var unanswered = 0

  /// Telegrams of this readout that came twice.
  private var doubles = 0
  /// The data set of `polling` that is read now.
  private(set) var dataSet = 0

  /// A slave at this place in the list of the bus.
  /// - Parameters:
  ///   - slave: as configured.
  ///   - place: in the list of the bus.
  ///   - takesSpeeds: whether the line can change its speed.
  init(_ slave: MBusMaster.Slave, place: Int, takesSpeeds: Bool) {
    wantsSpeed = takesSpeeds && slave.polling.readoutBaud != nil
    mayChangeSpeed = wantsSpeed
    keepsSpeed = !wantsSpeed
    address = slave.address
    polling = slave.polling
    schedule = MBusSchedule(interval: slave.interval, backsOff: slave.polling.backsOff, place: place)
  }

  /// Whether others go first. A slave that failed may fail again and use its whole timeout.
  var isDoubtful: Bool { hasFailed || tries > 0 }

  // MARK: When

  mutating func opened(now: Instant) {
    isReadWithoutReset = polling.reset == .never
    mayChangeSpeed = wantsSpeed
    keepsSpeed = !wantsSpeed
    speedNews = (false, false)
    forget()
    schedule.opened(now: now)
  }

  /// Whether the last readout succeeded; nil before the first.
  var lastResult: Bool? { hasResult ? !hasFailed : nil }

  /// The slave is to show whether the bus works.
  mutating func readSoon(now: Instant) { if schedule.due > now { schedule.readNow(now: now) } }

  /// The bus works again: the slave is read like one that never failed.
  mutating func busReturned(now: Instant) {
    hasFailed = false
    schedule.readNow(now: now)
  }

  /// A readout is asked for. False if too many were.
  mutating func pollSoon(now: Instant) -> Bool { schedule.pollSoon(now: now) }

  // MARK: The readout

  /// The readout gets the bus, for the first time or again. Returns the first step.
  mutating func start(now: Instant) -> MBusMaster.Step {
    if tries == 0 { schedule.started(now: now) }
    if address.isSecondary {
      selections = MBusSelection.forms(of: address, accepted: acceptedSelection, isFirstTry: tries == 0)
      return isLastTry && isSelected && polling.reset != .never ? .reset : .select(0)
    }
    if isLastTry, polling.reset != .never { return .reset }
    return tries == 0 && !isReadWithoutReset ? .reset : firstRequest
  }

  /// The first step at the speed of the readouts, to find a slave there that was silent the last time; nil for none.
  mutating func seek() -> MBusMaster.Step? {
    guard mayChangeSpeed, hasFailed, tries == 0, !isSought else { return nil }
    isSought = true
    guard address.isSecondary else { return .speedDown }
    selections = MBusSelection.forms(of: address, accepted: acceptedSelection, isFirstTry: true)
    return .select(0)
  }

  /// The slave does not answer at the speed of its readouts, which counts if it answers at that of the bus. The readout begins
  /// anew.
  mutating func keepSpeed() {
    keepsSpeed = true
    speedNews.isDue = true
    forget()
    isSought = true
  }

  /// The port does not change its speed.
  mutating func portKeepsSpeed() {
    mayChangeSpeed = false
    keepsSpeed = true
  }

  /// Whether the log is to say that a readout was at the speed of the bus instead of its own.
  mutating func takeSpeedNews() -> Bool {
    defer { speedNews = (false, speedNews.isTold || speedNews.isDue) }
    return speedNews.isDue && !speedNews.isTold
  }

  /// Whether a request of this step repeats one that failed.
  func isRepeating(_ step: MBusMaster.Step) -> Bool {
    switch step {
    case .data, .command, .select(0): triesOfRequest > 0
    case .reset, .select, .speedUp, .speedDown, .deselect: false
    }
  }

  /// What begins to read the current data set.
  private var firstRequest: MBusMaster.Step { keepsSpeed ? dataRequest : .speedUp }

  /// The same at the speed of the readout.
  var dataRequest: MBusMaster.Step { polling.dataSets.isEmpty ? .data : .command }

  /// What chooses the current data set.
  var command: MBusCommand { MBusCommand(polling.dataSets[dataSet]) }

  /// The slave may acknowledge SND_NKE or ignore it. Returns the next step.
  mutating func wasReset() -> MBusMaster.Step {
    frameCountBit = true
    isSelected = false
    return address.isSecondary ? .select(0) : firstRequest
  }

  /// Returns the next step.
  mutating func wasSelected(by selection: MBusSelection) -> MBusMaster.Step {
    acceptedSelection = selection
    isSelected = true
    frameCountBit = true
    frames = []
    dataSet = 0
    return firstRequest
  }

  /// The slave has acknowledged the choice of a data set. Returns the next step.
  mutating func wasTold() -> MBusMaster.Step {
    triesOfRequest = 0
    return .data
  }

  /// Whether this is certainly the meter that is meant.
  func knows(_ sender: MBusSender) -> Bool { known == sender || address.names(sender) }

  /// The sender of the telegrams before, in the middle of a readout.
  var senderOfReadout: MBusSender? { frames.isEmpty ? nil : known }

  /// What follows a good answer.
  enum Progress { case moreFollow, nextDataSet, complete, lateCopy }

  /// - Parameters:
  ///   - frame: a good answer.
  ///   - sender: of it.
  ///   - mayBeDouble: whether the line may deliver a frame twice.
  /// - Returns: what follows.
  mutating func accept(_ frame: [UInt8], from sender: MBusSender, mayBeDouble: Bool) -> Progress {
    let isRepeat = frames.contains { Self.content($0) == Self.content(frame) }
    if isRepeat, unanswered > 0 {
      unanswered -= 1
      return .lateCopy
    }
    if mayBeDouble, doubles < frames.count, frames.contains(frame) {
      doubles += 1
      return .lateCopy
    }
    known = sender
    owesAnswer = false
    frameCountBit.toggle()
    triesOfRequest = 0
    let telegram = Self.telegram(frame)
    if let telegram { schedule.heard(telegram) }
    // A slave that ignores the frame count bit sends the same telegram again and again.
    if !isRepeat { frames.append(frame) }
    let mayGoOn = frames.count < Limits.telegramsOfReadout
    if !isRepeat, mayGoOn, telegram?.moreRecordsFollow == true { return .moreFollow }
    guard mayGoOn, dataSet + 1 < polling.dataSets.count else { return .complete }
    dataSet += 1
    return .nextDataSet
  }

  mutating func answeredLate() { owesAnswer = false }

  /// The next action after a failed try.
  enum Consequence { case repeatNow, repeatLater, giveUp }

  /// A try has failed. On a bus that is dead nothing is repeated.
  ///
  /// - Parameters:
  ///   - step: what has failed.
  ///   - failure: how.
  ///   - isDead: whether the line is dead.
  ///   - isFast: whether the line has the speed of this slave's readouts.
  /// - Returns: what follows.
  mutating func fail(
    at step: MBusMaster.Step, _ failure: MBusFailure, onDeadBus isDead: Bool, isFast: Bool
  ) -> Consequence {
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
    // At its own speed nothing is given up: it may have kept that of the bus.
    if isLastTry || isDead { return isFast ? .repeatLater : .giveUp }
    guard triesOfRequest <= polling.retries else {
      isLastTry = true
      triesOfRequest = 0
      framesBeforeRestart = frames
      frames = []
      dataSet = 0
      return .repeatLater
    }
    // The bus must not go to another slave in the middle of a selection or of several telegrams.
    switch step {
    case .command: return .repeatNow
    case .data where isFast || address.isSecondary || !frames.isEmpty || !polling.dataSets.isEmpty: return .repeatNow
    case .data, .reset, .select, .speedUp, .speedDown, .deselect: return .repeatLater
    }
  }

  /// Why the readout failed, if its last try failed so.
  func failure(last: MBusFailure) -> MBusFailure {
    if case .strangers = last { return last }
    return damagedTries == tries ? .damage : .silence
  }

  mutating func yield(now: Instant) { schedule.yield(now: now) }

  /// The readout is complete. Returns its frames.
  mutating func succeed(now: Instant) -> [[UInt8]] {
    let complete = frames
    // A slave with one telegram has no page to go back to.
    let isSimple = frames.count == 1 && polling.dataSets.isEmpty
    hasFailed = false
    hasResult = true
    schedule.succeeded(now: now)
    isReadWithoutReset = polling.reset == .never || polling.reset == .auto && isSimple
    forget()
    return complete
  }

  /// The readout has failed; `pause` is the time to the next try, nil for the usual one. Returns the telegrams that came,
  /// because each is complete in itself.
  mutating func giveUp(pause: Milliseconds?, now: Instant) -> [[UInt8]] {
    let rest = telegrams
    hasFailed = true
    hasResult = true
    schedule.failed(pause: pause, now: now)
    isReadWithoutReset = polling.reset == .never
    acceptedSelection = nil
    keepsSpeed = !mayChangeSpeed
    speedNews.isDue = false
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
    doubles = 0
    isLastTry = false
    isSelected = false
    isSought = false
    dataSet = 0
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
}
