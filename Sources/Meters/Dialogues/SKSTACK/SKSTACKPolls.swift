internal import Base
internal import Decoders

/// The requests to the meter and their times: first for constant properties, then again and again for power and
/// energies.
///
/// One request is in flight at a time, with at least two seconds between two requests.
struct SKSTACKPolls: Sendable {
  /// The verdict on a frame of the meter.
  enum Verdict: Equatable, Sendable {
    /// A response to the pending request, with or without values.
    case answer(isEmpty: Bool)
    /// The meter has sent it by itself.
    case notification
    /// A response that matches no pending request.
    case stray
  }

  /// Properties of one request.
  private enum Group {
    static let map: [UInt8] = [0x9F]
    static let scaling: [UInt8] = [0xD3, 0xD7, 0xE1]
    static let particulars: [UInt8] = [0x82, 0x8A, 0x8D]
    /// The serial number together with unit and coefficient: an exchanged meter must not keep those of the old one.
    static let identity: [UInt8] = [0x8D, 0xD3, 0xD7, 0xE1]
    static let power: [UInt8] = [0xE7, 0xE8]
    /// The energies, and the meter's status (80 and 88).
    static let energies: [UInt8] = [0xE0, 0xE3, 0x80, 0x88]
    static let life: [UInt8] = [0x80]
  }

  private struct Request {
    let codes: [UInt8]
    /// The transactions of all tries, because an answer may be late.
    var transactions: [UInt16] = []
    /// The end of the wait; nil before the first try, and while another try is due.
    var until: Instant?
  }

  /// How often in a row the meter has refused a property.
  private struct Refusal {
    var count = 0
    var retryAt: Instant?
  }

  /// The pause between the end of one request and the next.
  static let spacing = Milliseconds.seconds(2)
  /// The wait for an answer, once the module has sent the request.
  static let patience = Milliseconds.seconds(12)
  /// After this many tries without an answer the session counts as lost.
  static let tries = 3
  /// After this many refusals in a row a property is left out for `refusalHolds`.
  private static let refusals = 3
  private static let refusalHolds = Milliseconds.minutes(60)
  /// After this time without a frame the meter is asked for a sign of life.
  private static let silence = Milliseconds.minutes(35)
  /// The standard requires these of every meter, so the map does not matter for them.
  private static let mandatory: Set<UInt8> = [0xE0, 0xE1, 0xE7, 0xE8, 0x9F]

  private let powerInterval: Milliseconds
  private let energyInterval: Milliseconds

  private var transaction: UInt16
  private var pending: [[UInt8]] = []
  private var current: Request?
  private var earliest: Instant
  private var powerDue: Instant
  private var energiesDue: Instant
  /// The next request for unit and coefficient, as long as they are unknown.
  private var scalingDue: Instant
  private var lastHeard: Instant
  private var asked = AskedReadouts()
  private var scaling = ECHONETScaling()
  private var map: Set<UInt8>?
  private var refused: [UInt8: Refusal] = [:]
  private var hasParticulars = false
  /// Tries in a row without an answer.
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

  /// A session has begun. The meter may be another one, so unit and coefficient are asked for again.
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

  /// The session is over, and so is its request.
  mutating func end() { current = nil }

  /// A readout of all values is asked for. False if too many were.
  mutating func pollSoon(now: Instant) -> Bool {
    guard max(powerDue, energiesDue) > now else { return true }
    guard asked.take(interval: powerInterval, now: now) else { return false }
    powerDue = now
    energiesDue = now
    return true
  }

  /// The next frame to send; nil while no request is due.
  mutating func next(now: Instant) -> [UInt8]? {
    guard now >= earliest, current?.until == nil else { return nil }
    guard var request = current ?? due(now: now) else { return nil }
    transaction &+= 1
    request.transactions.append(transaction)
    request.until = now + Self.patience
    current = request
    return ECHONETFrame.toMeter(.get, transaction: transaction, properties: request.codes)
  }

  /// The module has sent a frame. If it is the request, the wait for the answer begins, or the pause before another try.
  mutating func sent(_ frame: [UInt8], now: Instant) {
    guard let request = current, let frame = try? ECHONETFrame(frame.span), frame.service == .get,
      request.transactions.contains(frame.transaction)
    else { return }
    if request.until != nil { current?.until = now + Self.patience } else { earliest = now + Self.spacing }
  }

  /// The request did not reach the meter, or nothing can be sent for a while. It is sent again later.
  ///
  /// An answer that comes all the same still counts.
  mutating func postpone(now: Instant) {
    guard current != nil else { return }
    current?.until = nil
    earliest = now + Self.spacing
  }

  /// Whether the answer is overdue. If so, the request is sent again later.
  mutating func timedOut(now: Instant) -> Bool {
    guard let until = current?.until, now >= until else { return false }
    unanswered += 1
    postpone(now: now)
    return true
  }

  /// The time of the next work for `next` or `timedOut`.
  var deadline: Instant {
    if let until = current?.until { return until }
    if current != nil || !pending.isEmpty { return earliest }
    return max(earliest, min(powerDue, energiesDue, lifeDue, scaling.isKnown ? lifeDue : scalingDue))
  }

  /// Without unit and coefficient energies have no value.
  var knowsScaling: Bool { scaling.isKnown }

  // MARK: Frames

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
      // The request was too long or the meter too busy, so its properties follow one by one.
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

  // MARK: Due requests

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

  /// Leaves out the properties that the meter does not have.
  private func wanted(_ codes: [UInt8], now: Instant) -> [UInt8] {
    codes.filter { code in
      if let map, !map.contains(code), !Self.mandatory.contains(code) { return false }
      // Energies have no value without the coefficient.
      let isNeeded = code == ECHONETScaling.coefficientCode && !scaling.isKnown
      if isNeeded || Self.mandatory.contains(code) { return true }
      guard let refusal = refused[code], refusal.count >= Self.refusals, let retryAt = refusal.retryAt else {
        return true
      }
      return now >= retryAt
    }
  }
}
