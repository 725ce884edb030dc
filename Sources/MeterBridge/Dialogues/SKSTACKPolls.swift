internal import Decoders

/// What the meter is asked, and when: first for what never changes, then again and again for power and energies. One
/// request at a time, at least two seconds between them.
///
/// A value: frames and time in, frames out.
struct SKSTACKPolls: Sendable {
  /// What becomes of a frame of the meter.
  enum Verdict: Equatable, Sendable {
    /// The answer to the request, with or without values.
    case answer(isEmpty: Bool)
    /// The meter speaks by itself.
    case notification
    /// An answer to nobody: too late, or to somebody else.
    case stray
  }

  /// Properties that are asked for together.
  private enum Group {
    static let map: [UInt8] = [0x9F]
    static let scaling: [UInt8] = [0xD3, 0xD7, 0xE1]
    static let particulars: [UInt8] = [0x82, 0x8A, 0x8D]
    /// Who the meter is, in one with what its registers count: after an exchange nothing of the old one may hold on.
    static let identity: [UInt8] = [0x8D, 0xD3, 0xD7, 0xE1]
    static let power: [UInt8] = [0xE7, 0xE8]
    /// With them how the meter fares: 80 and 88.
    static let energies: [UInt8] = [0xE0, 0xE3, 0x80, 0x88]
    static let life: [UInt8] = [0x80]
  }

  private struct Request {
    let codes: [UInt8]
    /// The transactions of all its tries: an answer may be late.
    var transactions: [UInt16] = []
    /// When the wait is over; nil before it is sent, and while another try is due.
    var until: Instant?
  }

  /// A property that the meter keeps refusing.
  private struct Refusal {
    var count = 0
    var retryAt: Instant?
  }

  /// Between the end of one request and the next.
  static let spacing = Milliseconds.seconds(2)
  /// For an answer, once the request has left.
  static let patience = Milliseconds.seconds(12)
  /// Tries without an answer after which the session is in doubt.
  static let tries = 3
  /// Refusals in a row after which a property is left out, and for how long.
  private static let refusals = 3
  private static let refusalHolds = Milliseconds.minutes(60)
  /// The meter is asked for a sign of life after so long without any frame.
  private static let silence = Milliseconds.minutes(35)
  /// What a meter must have: these are asked for whatever its map says, and never left out for good.
  private static let mandatory: Set<UInt8> = [0xE0, 0xE1, 0xE7, 0xE8, 0x9F]

  private let powerInterval: Milliseconds
  private let energyInterval: Milliseconds

  private var transaction: UInt16
  private var pending: [[UInt8]] = []
  private var current: Request?
  private var earliest: Instant
  private var powerDue: Instant
  private var energiesDue: Instant
  /// When unit and coefficient are asked for again, as long as they are unknown.
  private var scalingDue: Instant
  private var lastHeard: Instant
  private var scaling = ECHONETScaling()
  private var map: Set<UInt8>?
  private var refused: [UInt8: Refusal] = [:]
  private var hasParticulars = false
  /// Tries in a row that got no answer.
  private(set) var unanswered = 0

  init(powerInterval: Milliseconds, energyInterval: Milliseconds, transaction: UInt16) {
    self.powerInterval = powerInterval
    self.energyInterval = energyInterval
    self.transaction = transaction
    earliest = Instant(milliseconds: 0)
    powerDue = earliest
    energiesDue = earliest
    scalingDue = earliest
    lastHeard = earliest
  }

  // MARK: Events

  /// A session has begun. It may be with another meter than the last: what its registers count is asked anew.
  mutating func start(now: Instant) {
    let values = Group.power + Group.energies
    pending =
      hasParticulars
      ? [Group.identity, values, Group.particulars, Group.map]
      : [Group.map, Group.scaling, Group.particulars, values]
    scaling = ECHONETScaling()
    map = nil
    refused = [:]
    current = nil
    unanswered = 0
    earliest = now
    lastHeard = now
    powerDue = now + powerInterval
    energiesDue = now + energyInterval
    scalingDue = now
  }

  /// The session is over, and what was asked with it: the next begins anew.
  mutating func end() { current = nil }

  /// The user wants values now.
  mutating func pollSoon(now: Instant) {
    powerDue = now
    energiesDue = now
  }

  /// The next frame to send; nil while there is none.
  mutating func next(now: Instant) -> [UInt8]? {
    guard now >= earliest, current?.until == nil else { return nil }
    guard var request = current ?? due(now: now) else { return nil }
    transaction &+= 1
    request.transactions.append(transaction)
    request.until = now + Self.patience
    current = request
    return ECHONETFrame.toMeter(.get, transaction: transaction, properties: request.codes)
  }

  /// The request has left the module: its answer counts from now.
  mutating func sent(now: Instant) { if current?.until != nil { current?.until = now + Self.patience } }

  /// The request did not reach the meter, or nothing can be sent for a while: it is sent again. An answer that comes all
  /// the same counts.
  mutating func postpone(now: Instant) {
    guard current != nil else { return }
    current?.until = nil
    earliest = now + Self.spacing
  }

  /// Says whether the answer has been waited for in vain. It is then asked for again.
  mutating func timedOut(now: Instant) -> Bool {
    guard let until = current?.until, now >= until else { return false }
    unanswered += 1
    postpone(now: now)
    return true
  }

  /// When `next` or `timedOut` has something to do.
  var deadline: Instant {
    if let until = current?.until { return until }
    if current != nil || !pending.isEmpty { return earliest }
    return max(earliest, min(powerDue, energiesDue, lifeDue, scaling.isKnown ? lifeDue : scalingDue))
  }

  /// Whether energies can be said.
  var knowsScaling: Bool { scaling.isKnown }

  // MARK: Frames

  /// Takes a frame of the meter.
  mutating func received(_ frame: ECHONETFrame, _ bytes: [UInt8], now: Instant) -> Verdict {
    guard frame.source == .meter else { return .stray }
    switch frame.service {
    case .notification, .confirmedNotification:
      lastHeard = now
      scaling.observe(frame, bytes.span)
      return .notification
    case .getResponse, .getRefused:
      guard let request = current, request.transactions.contains(frame.transaction) else { return .stray }
      current = nil
      unanswered = 0
      earliest = now + Self.spacing
      lastHeard = now
      return answered(request, frame, bytes, now: now)
    default: return .stray
    }
  }

  private mutating func answered(
    _ request: Request, _ frame: ECHONETFrame, _ bytes: [UInt8], now: Instant
  ) -> Verdict {
    scaling.observe(frame, bytes.span)
    let given = Set(frame.properties.filter { !$0.data.isEmpty }.map(\.code))
    for code in given { refused[code] = nil }
    if let property = frame.properties.first(where: { $0.code == 0x9F && !$0.data.isEmpty }) {
      map = ECHONETPropertyMap.codes(bytes.span.extracting(property.data.indices)).map(Set.init)
    }
    if !given.isDisjoint(with: Group.particulars) { hasParticulars = true }
    if given.isEmpty, request.codes.count > 1 {
      // Too much at once, or too busy: one by one.
      pending.insert(contentsOf: request.codes.map { [$0] }, at: 0)
    } else {
      for code in request.codes where !given.contains(code) { refuse(code, now: now) }
    }
    return .answer(isEmpty: given.isEmpty)
  }

  private mutating func refuse(_ code: UInt8, now: Instant) {
    var refusal = refused[code] ?? Refusal()
    refusal.count += 1
    if refusal.count >= Self.refusals { refusal.retryAt = now + Self.refusalHolds }
    refused[code] = refusal
  }

  // MARK: What is due

  private mutating func due(now: Instant) -> Request? {
    if pending.isEmpty, !scaling.isKnown, now >= scalingDue {
      scalingDue = now + energyInterval
      pending = [[ECHONETScaling.coefficientCode], [ECHONETScaling.unitCode]]
    }
    while !pending.isEmpty {
      let codes = wanted(pending.removeFirst(), now: now)
      if !codes.isEmpty { return Request(codes: codes) }
    }
    var codes: [UInt8] = []
    if now >= powerDue {
      powerDue = now + powerInterval
      codes += Group.power
    }
    if now >= energiesDue {
      energiesDue = now + energyInterval
      codes += Group.energies
    }
    codes = wanted(codes, now: now)
    if codes.isEmpty, now >= lifeDue {
      lastHeard = now
      codes = Group.life
    }
    return codes.isEmpty ? nil : Request(codes: codes)
  }

  private var lifeDue: Instant { lastHeard + max(Self.silence, Milliseconds(powerInterval.count * 3)) }

  /// Without what the meter does not have.
  private func wanted(_ codes: [UInt8], now: Instant) -> [UInt8] {
    codes.filter { code in
      if let map, !map.contains(code), !Self.mandatory.contains(code) { return false }
      // Without its coefficient no energy can be said.
      let isNeeded = code == ECHONETScaling.coefficientCode && !scaling.isKnown
      if isNeeded || Self.mandatory.contains(code) { return true }
      guard let refusal = refused[code], refusal.count >= Self.refusals, let retryAt = refusal.retryAt else {
        return true
      }
      return now >= retryAt
    }
  }
}
