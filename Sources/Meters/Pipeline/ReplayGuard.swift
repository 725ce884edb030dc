package import Base
package import Decoders

/// Tells repeated telegrams from new ones, for every protocol with a cipher: a meter's frame counter only rises.
///
/// A counter that does not rise is believed with a later time of the meter in the telegram: the meter was reset, or its
/// counter never moves. A meter without a clock needs the user, or an hour of rising telegrams without one at the old
/// count. While a new count is below the former one, recorded telegrams of that time are above it. So they need a later
/// time too.
package struct ReplayGuard: Sendable {
  /// What becomes of a telegram.
  package enum Verdict: Equatable {
    /// It is new. The notice is for the user.
    case new(notice: String?)
    case replayed(DecodeError)
  }

  /// The number of remembered senders of a meter; the longest silent one goes.
  static let limit = 16

  fileprivate struct Sender {
    var counter: FrameCounter
    /// The last refused telegram, without its sender.
    var refused: FrameCounter?
    /// When the refused telegrams began to rise.
    var risingSince = Instant.past
    var isToldToStand = false
  }

  private var senders: [Sender] = []

  /// - Parameter counters: of an earlier run.
  package init(_ counters: [FrameCounter] = []) {
    senders = counters.suffix(Self.limit).map { Sender(counter: $0) }
  }

  /// The counters for `init` after a restart, the longest silent sender first.
  package var counters: [FrameCounter] { senders.map(\.counter) }

  /// Judges a telegram, and remembers its counter if it is new.
  ///
  /// A telegram without any value, whose text no tag protects, moves no counter: chance may have made it.
  package mutating func check(_ seal: TelegramSeal, of telegram: Telegram, now: Instant) -> Verdict {
    let first = telegram.readings.first
    let told = FrameCounter(sender: seal.sender, value: seal.counter, clock: first?.time.flatMap(Self.seconds))
    let isProof = seal.isVerified || first?.hasValues == true
    guard let index = senders.lastIndex(where: { $0.counter.sender == seal.sender }) else {
      guard isProof else { return .new(notice: nil) }
      if senders.count == Self.limit { senders.removeFirst() }
      senders.append(Sender(counter: told))
      return .new(notice: nil)
    }
    guard let notice = senders[index].judge(told, now: now) else {
      return .replayed(
        DecodeError(.replayed, at: 0, expected: Int(senders[index].counter.value), found: Int(told.value)))
    }
    guard isProof else { return .new(notice: nil) }
    var sender = senders.remove(at: index)
    sender.believe(told)
    sender.isToldToStand = sender.isToldToStand || notice.isOfStandingCounter
    senders.append(sender)
    return .new(notice: notice.text)
  }

  /// The user accepts the last refused telegrams.
  ///
  /// - Returns: what they are, in words.
  mutating func accept() -> [String] {
    senders.indices.compactMap { index -> String? in
      guard let refused = senders[index].refused else { return nil }
      senders[index].believe(refused)
      return "frame counter \(refused.value)\(refused.senderName)"
    }
  }

  /// Seconds from 1970 to a time of a clock that was set.
  private static func seconds(_ time: MeterTime) -> Int64? {
    guard time.isOfSetClock, time.precision != .day else { return nil }
    let day = CalendarDate(year: Int(time.year), month: Int(time.month), day: Int(time.day)).daysSince1970
    let minutes = (day * 24 + Int(time.hour)) * 60 + Int(time.minute) - Int(time.offset ?? 0)
    return Int64(minutes) * 60 + Int64(time.second)
  }
}

extension ReplayGuard.Sender {
  /// Why a telegram is new, and the words for the user.
  fileprivate struct Notice {
    var text: String?
    var isOfStandingCounter = false
  }

  /// Nil for an old telegram.
  fileprivate mutating func judge(_ told: FrameCounter, now: Instant) -> Notice? {
    let hasClocks = told.clock != nil && counter.clock != nil
    let isLater = hasClocks && told.clock ?? 0 > counter.clock ?? 0
    if told.value > counter.value, told.value > counter.former || !hasClocks || isLater { return Notice() }
    let name = "the frame counter\(counter.senderName)"
    if isLater, told.value == counter.value {
      let text = "\(name) stays at \(told.value); its telegrams are told apart by their time"
      return Notice(text: isToldToStand ? nil : text, isOfStandingCounter: true)
    }
    let text = "\(name) began again at \(told.value) after \(counter.value)"
    if isLater { return Notice(text: "\(text); the time in the telegram is later") }
    if refused.map({ told.value <= $0.value }) ?? true { risingSince = now }
    refused = told
    guard !hasClocks, now - risingSince >= Limits.counterTrial else { return nil }
    return Notice(text: "\(text); it has been rising for an hour")
  }

  /// The telegram is new.
  fileprivate mutating func believe(_ told: FrameCounter) {
    if told.value < counter.value { counter.former = max(counter.former, counter.value) }
    counter.value = told.value
    counter.clock = told.clock ?? counter.clock
    refused = nil
  }
}
