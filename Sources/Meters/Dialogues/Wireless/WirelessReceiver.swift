internal import Base
internal import Decoders

/// A receiver of wireless M-Bus and the meters that it hears.
///
/// Each frame goes to the meter that it is from. Copies of a telegram, which receivers and repeaters send, are dropped by
/// their content and counted. Frames of other meters are counted, and the log lists them once a day.
struct WirelessReceiver: Dialogue {
  let addresses: WirelessAddresses
  private let gap: Milliseconds
  private var session: ReceiverSession
  private var copies: [WirelessCopies]
  var strangers = WirelessStrangers()
  /// The lines of gateways that connect to the program, and the fragments of messages.
  var clients = WirelessClients()
  var fragments = WirelessFragments()
  /// When fragments count as lost; nil without one.
  var fragmentsDue: Instant?
  var outputs: [DialogueOutput] = []
  private var isOpen = false
  /// When the last bytes came; nil if nothing waits for its rest.
  private var pendingSince: Instant?
  /// When the last frame came, or the line was opened.
  private var silentSince = Instant(milliseconds: 0)

  /// - Parameters:
  ///   - addresses: those of the meters; nil, or a primary one, fits every meter.
  ///   - gap: the silence that ends a line or half a frame.
  ///   - receiver: how the receiver is found and set up.
  init(addresses: [MBusAddress?], gap: Milliseconds, receiver: ReceiverSession.Settings = .init()) {
    self.addresses = WirelessAddresses(addresses)
    self.gap = gap
    session = ReceiverSession(receiver)
    copies = addresses.map { _ in WirelessCopies() }
  }

  mutating func opened(now: Instant) {
    isOpen = true
    silentSince = now
    strangers.begin(at: now)
    session.opened(now: now)
    takeFromSession(now: now)
  }

  mutating func received(_ bytes: LineInput, now: Instant) {
    if bytes.client != 0 { return hear(bytes, now: now) }
    pendingSince = now
    session.received(bytes.bytes, now: now)
    takeFromSession(now: now)
    // The dialogue is closed between the messages of a broker.
    tickClients(gap: gap, now: now)
    tellStrangers(now: now)
  }

  mutating func closed(now: Instant) {
    isOpen = false
    pendingSince = nil
    session.closed(now: now)
    takeFromSession(now: now)
    hear(clients.finish(), now: now)
  }

  mutating func tuned(_ isDone: Bool, now: Instant) {
    session.tuned(isDone, now: now)
    takeFromSession(now: now)
  }

  mutating func poll(meter: Int, now: Instant) -> Bool { false }

  mutating func tick(now: Instant) {
    if let since = pendingSince, now >= since + gap {
      pendingSince = nil
      session.quiet(now: now)
    }
    session.tick(now: now)
    takeFromSession(now: now)
    tickClients(gap: gap, now: now)
    tellStrangers(now: now)
    guard isOpen, now >= silentSince + Limits.wirelessSilence else { return }
    outputs.append(.reopen(reason: "no telegram for \((now - silentSince).count / 60_000) min"))
    silentSince = now
  }

  var deadline: Instant? {
    let silence = isOpen ? silentSince + Limits.wirelessSilence : nil
    let strangers = isOpen ? strangers.deadline : nil
    let clients = [clients.silentSince.map { $0 + gap }, fragmentsDue]
    return (clients + [pendingSince.map { $0 + gap }, silence, strangers, session.until]).compactMap(\.self).min()
  }

  /// Meters send every few seconds to minutes, and receivers hear hundreds of them. Answers of a receiver are awaited.
  var canWait: Bool { session.phase == .working }

  mutating func takeOutputs() -> [DialogueOutput] {
    defer { outputs.removeAll(keepingCapacity: true) }
    return outputs
  }

  private mutating func tellStrangers(now: Instant) {
    if let text = strangers.report(at: now) { outputs.append(.news(.progress(text))) }
  }

  private mutating func takeFromSession(now: Instant) {
    outputs += session.takeOutputs()
    hear(session.takePieces(), now: now)
  }

  mutating func take(_ frame: [UInt8], _ strength: Int?, now: Instant) {
    silentSince = now
    let sender: WirelessSender
    do throws(DecodeError) { sender = try WirelessSender(frame.span) } catch {
      // A collector, or the answer to one: no meter.
      if error.code == .notAnAnswer, WirelessFrame.isOfOthers(frame[1]) { return strangers.countMessage() }
      return outputs.append(.rejected(meter: nil, bytes: frame, error: error))
    }
    if sender.isFragment { return join(frame, strength, now: now) }
    let places = addresses.places(of: sender)
    for index in places {
      if let strength {
        outputs.append(.news(.signalStrength(meter: index, FixedDecimal(Int64(strength)))))
      }
      let isNew = copies[index].isNew(sender.content, now: now)
      outputs.append(isNew ? .readout(meter: index, frames: [frame]) : .news(.copy(meter: index)))
    }
    if places.isEmpty { strangers.count(sender) }
  }
}

/// The last telegrams of a meter, to know copies of them.
private struct WirelessCopies: Sendable {
  private var last: [(digest: Int, at: Instant)] = []

  /// Whether no copy came shortly before.
  mutating func isNew(_ content: [UInt8], now: Instant) -> Bool {
    let digest = content.hashValue
    last.removeAll { now >= $0.at + Limits.wirelessCopies }
    if last.contains(where: { $0.digest == digest }) { return false }
    if last.count == Limits.wirelessCopiesKept { last.removeFirst() }
    last.append((digest, now))
    return true
  }
}

/// The meters in the air that nobody has configured.
struct WirelessStrangers: Sendable {
  private var frames: [WirelessAddress: (count: Int, mode: UInt8?)] = [:]
  /// Frames of meters beyond those that are remembered.
  private var others = 0
  /// Messages that are not from a meter.
  private var messages = 0
  private(set) var deadline: Instant?

  mutating func begin(at now: Instant) { deadline = deadline ?? now + Limits.firstStrangers }

  mutating func count(_ sender: WirelessSender) {
    if frames[sender.meter] == nil, frames.count >= Limits.wirelessStrangers {
      others += 1
    } else {
      frames[sender.meter, default: (0, sender.mode)].count += 1
    }
  }

  mutating func countMessage() { messages += 1 }

  /// A line for the log once a day; nil before, and without such a meter.
  mutating func report(at now: Instant) -> String? {
    guard let due = deadline, now >= due else { return nil }
    deadline = now + .minutes(24 * 60)
    defer { (frames, others, messages) = ([:], 0, 0) }
    guard !frames.isEmpty || messages > 0 else { return nil }
    let most = frames.sorted { ($0.value.count, $1.key.identification) > ($1.value.count, $0.key.identification) }
    let shown = most.prefix(Limits.strangersShown).map { address, heard in
      let mode = heard.mode.map { $0 == 0 ? ", plain" : ", mode \($0)" } ?? ""
      return "\(address.summary)\(mode): \(heard.count)"
    }
    let rest = frames.count - shown.count
    let more = [
      rest > 0 ? "and \(rest) more meters" : nil, others > 0 ? "\(others) telegrams of others" : nil,
      messages > 0 ? "\(messages) messages of collectors" : nil,
    ]
    let parts = shown + more.compactMap(\.self)
    return (frames.isEmpty ? "" : "telegrams of meters that are not configured: ") + parts.joined(separator: "; ")
  }
}
