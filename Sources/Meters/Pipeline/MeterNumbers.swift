internal import Base
internal import Decoders

/// The numbers of one meter or sub-meter, and the number that claims to be the meter's new one.
///
/// A changed number is a claim: it may be damage, or another meter on the same line. It is believed after
/// `Limits.agreeingTelegrams` telegrams in a row. A number that came and went, or belonged to a meter that was exchanged,
/// must be alone on the line for `Limits.rivalAlone`: two numbers that alternate are two meters.
struct MeterNumbers: Sendable {
  /// Whose telegram it is.
  enum Standing: Equatable, Sendable {
    /// It has the meter's number, or does not name a meter.
    case own
    /// It has another number, in so many telegrams in a row.
    case claimed(telegrams: Int)
    /// Its number is believed from now on. 1: at once, because a tag proves it.
    case exchanged(telegrams: Int)

    /// Whether the number is new in this telegram.
    var isFirst: Bool { self == .claimed(telegrams: 1) || self == .exchanged(telegrams: 1) }
  }

  /// Another number, in telegrams that follow one another.
  private struct Claim: Sendable {
    /// The number of its first telegram.
    var number: MeterNumber
    /// Its numbers by their places.
    var texts: ShortTable<UInt8, String>
    var telegrams = 1
    /// Those among them whose readings were held back.
    var withheld = 0
    var since: Instant
    var isAccepted = false
  }

  /// The number that discovery shows; nil without one.
  private(set) var number: MeterNumber?
  /// The numbers of exchanged meters, oldest first.
  private(set) var former: [String]
  /// All numbers of the meter, by their places.
  private var texts: ShortTable<UInt8, String> = [:]
  /// A first number without a check value, until a second telegram agrees.
  private var candidate: MeterNumber?
  private var claim: Claim?
  /// Numbers whose readings were held back before the meter's own number came back, with the number of telegrams.
  private var rivals: [String: Int] = [:]
  private var isRivalTold = false

  init(_ memory: DeviceTotals) {
    number = memory.number
    former = memory.formerNumbers
    if let number { texts[number.rank] = number.text }
  }

  /// The number that is not believed yet; nil without one.
  var claimed: String? { claim?.number.text }

  /// Takes the number of a telegram.
  mutating func hear(_ heard: MeterNumber?, _ protection: Telegram.Protection, at now: Instant) -> Standing {
    guard let heard else { return .own }
    guard let known = texts[heard.rank] else {
      if claim == nil { learn(heard, isCertain: protection != .none) }
      return .own
    }
    if known == heard.text {
      noteRival()
      return .own
    }
    noteClaim(of: heard, at: now)
    guard let claim, protection == .authenticated || claim.isAccepted || isConfirmed(claim, at: now) else {
      return .claimed(telegrams: claim?.telegrams ?? 1)
    }
    believe(claim)
    return .exchanged(telegrams: claim.telegrams)
  }

  /// The reading of the last telegram was held back, because its number is not believed.
  mutating func withhold() { claim?.withheld += 1 }

  /// The second meter on the line, once; nil while there is only one.
  mutating func takeRival() -> String? {
    guard !isRivalTold else { return nil }
    let back = claim.flatMap { former.contains($0.number.text) ? $0.number.text : nil }
    guard let rival = back ?? rivals.first(where: { $0.value > 1 })?.key else { return nil }
    isRivalTold = true
    return rival
  }

  /// The user says that the claim is right. It counts from the next telegram with its number. Returns the number.
  mutating func accept() -> String? {
    claim?.isAccepted = true
    return claimed
  }

  // MARK: Steps

  /// Takes the first number of a place.
  private mutating func learn(_ heard: MeterNumber, isCertain: Bool) {
    guard isCertain || candidate == heard else {
      candidate = heard
      return
    }
    candidate = nil
    texts[heard.rank] = heard.text
    if number == nil { number = heard }
  }

  private mutating func noteClaim(of heard: MeterNumber, at now: Instant) {
    // A new meter too may have several numbers.
    if let before = claim, before.texts[heard.rank] ?? heard.text == heard.text {
      claim?.texts[heard.rank] = heard.text
      claim?.telegrams += 1
    } else {
      claim = Claim(number: heard, texts: [heard.rank: heard.text], since: now)
    }
  }

  private func isConfirmed(_ claim: Claim, at now: Instant) -> Bool {
    guard claim.telegrams >= Limits.agreeingTelegrams else { return false }
    let isRival = claim.texts.contains { former.contains($0.value) || rivals[$0.value, default: 0] > 1 }
    return !isRival || now - claim.since >= Limits.rivalAlone
  }

  /// The meter's own number is back, so the other one was damage, or is another meter's.
  private mutating func noteRival() {
    guard let ended = claim else { return }
    claim = nil
    guard ended.withheld > 0 else { return }
    let text = ended.number.text
    if rivals[text] == nil, rivals.count >= Limits.formerNumbers, let rarest = rivals.min(by: { $0.value < $1.value }) {
      rivals[rarest.key] = nil
    }
    rivals[text, default: 0] += ended.withheld
  }

  private mutating func believe(_ claim: Claim) {
    let old = texts.map(\.value).filter { $0 != number?.text } + (number.map { [$0.text] } ?? [])
    former = (former.filter { !old.contains($0) } + old).suffix(Limits.formerNumbers)
    former.removeAll { text in claim.texts.contains { $0.value == text } }
    number = claim.number
    texts = claim.texts
    self.claim = nil
    rivals = [:]
    isRivalTold = false
  }
}
