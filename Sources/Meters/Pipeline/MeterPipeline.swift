package import Base
package import Decoders

/// The way of one meter from frames to publications: decode, adjust, name the sub-meters, and note which are online.
///
/// It is a value. Frames and times go in, outputs come out.
package struct MeterPipeline: Sendable {
  /// The counters of a meter in `bridge/health`.
  package struct Counters: Sendable {
    package var telegrams = 0
    package var errors: [String: Int] = [:]
    /// Copies of telegrams, which are dropped.
    package var doubled = 0
    package var last: WallTime?
    /// Whether frames come in. They count even if they cannot be decoded: a wrong key is not a dead cable.
    package var isReceiving = false
    /// The code of the trouble with a meter on the air, until the meter is read again.
    package var trouble: String?
    /// Whether the signal is too weak for reliable readings.
    package var isWeak = false

    package init() {}
  }

  package var settings: MeterSettings { _read { yield shared.value } }
  /// For the guards too: they are large.
  private let shared: Box<MeterSettings>
  package private(set) var counters = Counters()
  private var decoder: any MeterDecoder
  private var replays: ReplayGuard
  private var adjustment: Adjustment
  /// That of the number that is not believed yet.
  private var claimed: Adjustment
  private var names: SubmeterNames
  private var staleness: Staleness
  /// As the dialogue has told; nil before.
  private var polledInterval: Milliseconds?
  private var online: Set<String> = []
  /// The ids of the last telegram if it did not have a time.
  private var timeless: [String] = []
  private var lastSubReadings: ShortTable<String, Reading> = [:]
  private var guards: MeterGuards
  /// The meter and its sub-meters as their last readings describe them.
  private var devices: ShortTable<String, Device> = [:]
  private var lastIssues: Set<DecodeError> = []
  /// Those that the log has told.
  private var remarks: Set<TelegramRemark> = []
  private var link = RadioLink()
  private let zone: HostZone

  /// - Parameters:
  ///   - settings: the meter in the configuration.
  ///   - zone: resolves times without an offset.
  ///   - devices: devices of earlier runs, for the names of sub-meters.
  ///   - frameCounters: the frame counters of an earlier run.
  ///   - totals: the registers of the meter and its sub-meters in an earlier run, by id.
  package init(
    _ settings: MeterSettings, zone: HostZone, devices: [Device], frameCounters: [FrameCounter] = [],
    totals: [String: DeviceTotals] = [:]
  ) {
    self.init(Box(settings), zone: zone, devices: devices, frameCounters: frameCounters, totals: totals)
  }

  /// The same for settings that have a place in memory already.
  package init(
    _ shared: Box<MeterSettings>, zone: HostZone, devices: [Device], frameCounters: [FrameCounter] = [],
    totals: [String: DeviceTotals] = [:]
  ) {
    let settings = shared.value
    self.shared = shared
    self.zone = zone
    decoder = settings.meterProtocol.decoder(settings)
    replays = ReplayGuard(frameCounters)
    adjustment = Adjustment(settings)
    claimed = adjustment
    names = SubmeterNames(parent: settings.id, devices: devices)
    guards = MeterGuards(shared, totals)
    staleness = Staleness(settings)
  }

  /// When `tick` is due; nil for never.
  package var deadline: Instant? { online.isEmpty ? nil : staleness.deadline }

  // MARK: Events

  /// Takes the frames of one readout. A meter that pushes sends one frame.
  package mutating func received(_ frames: [[UInt8]], now: Instant, wall: WallTime) -> [MeterOutput] {
    var outputs: [MeterOutput] = []
    var telegrams: [Telegram] = []
    counters.isReceiving = true
    for frame in frames {
      do throws(DecodeError) { try decoder.decode(frame.span, into: &telegrams) } catch {
        outputs.append(letter(error.code.isOfCipher ? .decipher : .decode, error, frame, wall: wall))
      }
    }
    if frames.count > 1, let whole = MBusDecoder.join(telegrams) { telegrams = [whole] }
    for telegram in telegrams { outputs += use(telegram, now: now, wall: wall) }
    return outputs
  }

  /// Sends the frames of one readout on, if the meter is to do so.
  package func forwarded(_ frames: [[UInt8]], wall: WallTime) -> [MeterOutput] {
    guard let topic = settings.forward else { return [] }
    return [
      .forward(
        ForwardedTelegram(
          meter: settings.id, topic: topic, received: wall, source: settings.sourceText,
          protocolName: settings.meterProtocol.name, bytes: frames.flatMap(\.self)))
    ]
  }

  /// Takes bytes of the line that are not a frame.
  package mutating func rejected(_ bytes: [UInt8], _ error: DecodeError, wall: WallTime) -> MeterOutput {
    letter(.framing, error, bytes, wall: wall)
  }

  /// A page still has the same telegram.
  ///
  /// The time in a telegram shows whether the meter is alive. For a telegram without a time, the page itself is the
  /// sign of life.
  package mutating func unchanged(now: Instant) -> [MeterOutput] {
    if !timeless.isEmpty { staleness.heard(at: now) }
    return timeless.filter { online.insert($0).inserted }.map { .availability(device: $0, online: true) }
  }

  /// The time between two telegrams, configured or learnt; nil while it is unknown.
  package var interval: Milliseconds? { staleness.interval }

  /// The meter is polled at this interval from now on.
  package mutating func polled(every interval: Milliseconds) {
    polledInterval = interval
    staleness.expect(every: interval)
  }

  /// Whether its last telegram is young enough.
  package var isOnline: Bool { !online.isEmpty }

  /// Counts a polled meter that did not answer.
  package mutating func noAnswer() { counters.errors["no_answer", default: 0] += 1 }

  /// Counts a readout that was asked for and left out.
  package mutating func refusedReadout() { counters.errors["read_refused", default: 0] += 1 }

  /// Notes the trouble with a meter on the air.
  package mutating func troubled(by trouble: SKSTACKTrouble) {
    counters.errors[trouble.code, default: 0] += 1
    counters.trouble = trouble.code
  }

  /// Notes the signal strength of a meter on the air.
  package mutating func measured(_ strength: FixedDecimal) { link.strength = strength }

  /// A copy of its last telegram came, which is dropped: only its signal strength is new.
  package mutating func doubled(wall: WallTime) -> [MeterOutput] {
    counters.doubled += 1
    let news = link.strengthAlone(of: devices[settings.id], settings.rounding, received: wall)
    return news.map { [.publication($0)] } ?? []
  }

  /// The signal has become too weak, or good again.
  package mutating func weak(_ isWeak: Bool) {
    if isWeak { counters.errors["weak_signal", default: 0] += 1 }
    counters.isWeak = isWeak
  }

  /// The limit of air time begins or ends.
  package mutating func limited(_ isLimited: Bool, wall: WallTime) -> [MeterOutput] {
    link.isLimited = isLimited
    return link.publication(of: devices[settings.id], received: wall).map { [.publication($0)] } ?? []
  }

  /// The port is gone, so the meter and its sub-meters are offline.
  package mutating func lost() -> [MeterOutput] {
    staleness.forget()
    counters.isReceiving = false
    return goOffline()
  }

  /// Sets a stale meter offline.
  package mutating func tick(now: Instant) -> [MeterOutput] {
    guard let deadline = staleness.deadline, now >= deadline else { return [] }
    return goOffline()
  }

  /// The frame counters of the meter's ciphers, for `init` after a restart.
  package var frameCounters: [FrameCounter] { replays.counters }

  /// What the decoder has learnt and other meters of its protocol can use, for `learn` after a restart.
  package var learnt: [[UInt8]] { decoder.learnt }
  package mutating func learn(_ learnt: [[UInt8]]) { decoder.learn(learnt) }

  /// The totals of the guards by id, for `init` after a restart.
  package var totals: [String: DeviceTotals] { guards.memory }

  /// The user accepts the held values of the meter or a sub-meter. Nil if the id belongs to another meter.
  package mutating func accept(_ id: String, wall: WallTime) -> [MeterOutput]? {
    let counts = id == settings.id ? replays.accept() : []
    guard let accepted = guards.accept(id) else {
      guard id == settings.id else { return nil }
      return counts.map { .log(.notice, "\(id): accepted \($0)") }
    }
    if let number = accepted.number {
      let told = counts + ["number \(number); its values are published from its next telegram on"]
      return [.log(.notice, "\(id): accepted \(told.joined(separator: ", "))")]
    }
    let values = accepted.values.map { "\($0.field.level) \($0.value)" }
    let told = counts + values + accepted.awaited.map { "\($0.level) \($0.value)" }
    guard !told.isEmpty else { return [] }
    // Before the first telegram the field is unknown, so its value cannot be published yet.
    let later = accepted.awaited.isEmpty ? "" : "; missing topics follow with the next telegram"
    var outputs = [
      MeterOutput.log(.notice, "\(id): accepted \(told.joined(separator: ", "))\(later)")
    ]
    if let device = devices[id], !accepted.values.isEmpty {
      let fields = accepted.values.map { field, value in
        PublishedField(field: field, payload: value.published(as: field.key, settings.rounding))
      }
      outputs.append(
        .publication(
          Publication(device: device, fields: fields, reading: nil, received: wall, isFromTelegram: false)))
    }
    return outputs
  }

  // MARK: Steps

  private mutating func use(_ heard: Telegram, now: Instant, wall: WallTime) -> [MeterOutput] {
    var telegram = heard
    telegram.signalStrength = link.strength
    var outputs = shown(telegram, wall: wall)
    if let seal = telegram.seal {
      switch replays.check(seal, of: telegram, now: now) {
      case .replayed(let error): return outputs + [letter(.decipher, error, seal.frame, wall: wall)]
      case .new(let notice): if let notice { outputs.append(.log(.notice, "\(settings.id): \(notice)")) }
      }
    }
    counters.telegrams += 1
    counters.last = wall
    if settings.interval == nil, polledInterval == nil, let medium = telegram.readings.first?.meter.medium,
      let usual = settings.meterProtocol.usualInterval(medium)
    {
      staleness.expect(every: usual)
    }
    counters.trouble = nil
    staleness.heard(at: now)
    outputs += newIssues(of: telegram, wall: wall)
    outputs += newRemarks(on: telegram)
    // A telegram with only property maps, units or identities is not a reading.
    if settings.meterProtocol.tellsParticulars, !telegram.readings[0].hasValues { return outputs }
    link.note(on: &telegram.readings[0])
    let standing = adjust(&telegram, now: now)
    for index in telegram.readings.indices where telegram.readings[index].time.map({ !$0.isOfSetClock }) ?? false {
      telegram.readings[index].time = nil
    }
    // The meters behind another meter are not ours either.
    let main = telegram.readings[0]
    guard use(main, of: settings.id, telegram, standing, now: now, wall: wall, &outputs) else { return outputs }
    let subMeters = telegram.readings.dropFirst()
    let ids = [settings.id] + names.ids(for: subMeters)
    timeless = main.time == nil ? ids : []
    for (id, reading) in zip(ids.dropFirst(), subMeters) {
      _ = use(reading, of: id, telegram, standing, now: now, wall: wall, &outputs)
    }
    if let news = link.publication(of: devices[settings.id], received: wall) { outputs.append(.publication(news)) }
    for id in online.subtracting(ids).sorted() {
      online.remove(id)
      outputs.append(.availability(device: id, online: false))
    }
    return outputs
  }

  /// The telegram as it may be shown; nothing if it may not.
  private func shown(_ telegram: Telegram, wall: WallTime) -> [MeterOutput] {
    let bytes = settings.shown(telegram.wire)
    guard !bytes.isEmpty else { return [] }
    return [.telegram(ReceivedTelegram(meter: settings.id, received: wall, bytes: bytes, content: telegram))]
  }

  /// Adds derived fields and converts units. The meter of another number has its own set of tariffs.
  private mutating func adjust(_ telegram: inout Telegram, now: Instant) -> MeterNumbers.Standing {
    if settings.ignoresChecksums, telegram.protection == .checkValue { telegram.protection = .none }
    let standing = guards.hear(telegram.readings[0], of: settings.id, telegram.protection, at: now)
    guard standing != .own else {
      adjustment.apply(to: &telegram)
      return standing
    }
    if standing.isFirst { claimed = Adjustment(settings) }
    claimed.apply(to: &telegram)
    if case .exchanged = standing { adjustment = claimed }
    return standing
  }

  /// Publishes a reading of a telegram, `standing` for that of the meter itself. Returns false for a reading of another
  /// meter.
  private mutating func use(
    _ reading: Reading, of id: String, _ telegram: Telegram, _ standing: MeterNumbers.Standing, now: Instant,
    wall: WallTime, _ outputs: inout [MeterOutput]
  ) -> Bool {
    let isMain = id == settings.id
    // Every telegram of a port repeats the values of sub-meters. Only a new one is a new reading.
    let isNew = isMain || lastSubReadings[id] != reading
    if !isMain { lastSubReadings[id] = reading }
    var reading = reading
    let arrival = MeterGuards.Arrival(
      bytes: telegram.wire,
      standing: isMain ? standing : guards.hear(reading, of: id, telegram.protection, at: now),
      isChecked: telegram.protection != .none, isEmpty: TotalsGuard.isEmpty(telegram.readings),
      isRepeated: !isNew && reading.time != nil, sums: standing == .own ? adjustment.sums : claimed.sums,
      time: GuardedTotal.Moment(wall: wall, instant: now))
    let result = guards.check(&reading, of: id, arrival)
    if result.count > 0 { counters.errors[TotalsGuard.code, default: 0] += result.count }
    if result.isOfStranger { counters.errors[TotalsGuard.strangerCode, default: 0] += 1 }
    outputs += result.notices.map { .log(.notice, $0) }
    outputs += result.warnings.map { .log(.warning, $0) }
    outputs += result.letters.map(MeterOutput.deadLetter)
    if result.isExchanged { devices[id] = nil }
    guard !result.isOfStranger else { return false }
    var publication = publication(of: zone.resolve(reading, settings), id: id, isNew: isNew, wall: wall)
    publication.held += result.held
    // Availability comes first, so that the broker has it before discovery and values.
    if online.insert(id).inserted { outputs.append(.availability(device: id, online: true)) }
    outputs.append(.publication(publication))
    return true
  }

  /// A broken line may come again in every telegram. It is counted each time, but makes only one dead letter.
  private mutating func newIssues(of telegram: Telegram, wall: WallTime) -> [MeterOutput] {
    // A wrong checksum differs each time.
    func place(of issue: DecodeError) -> DecodeError {
      issue.code == .checksumMismatch ? DecodeError(issue.code, at: issue.offset) : issue
    }
    defer { lastIssues = Set(telegram.issues.map(place)) }
    return telegram.issues.compactMap { issue in
      guard lastIssues.contains(place(of: issue)) else { return letter(.decode, issue, telegram.wire, wall: wall) }
      counters.errors[issue.code.name, default: 0] += 1
      return nil
    }
  }

  /// Each is told once, and once more if it has ended and comes back.
  private mutating func newRemarks(on telegram: Telegram) -> [MeterOutput] {
    let told = remarks
    let current = settings.meterProtocol.remarks(telegram)
    guard !current.isEmpty || !told.isEmpty else { return [] }
    remarks = told.filter { !$0.lasts }.union(current)
    return current.filter { !told.contains($0) }.map { .log(.notice, "\(settings.id): \($0.text)") }
  }

  private mutating func publication(of reading: Reading, id: String, isNew: Bool, wall: WallTime) -> Publication {
    let isSubmeter = id != settings.id
    let before = devices[id]
    // A telegram may lack the meter's identity, or have another one of its numbers.
    let device = Device(
      id: id, parent: isSubmeter ? settings.id : nil, name: settings.name(of: id),
      manufacturer: reading.manufacturerName ?? before?.manufacturer, model: reading.modelName ?? before?.model,
      serial: guards.number(of: id), medium: reading.meter.medium, protocolName: settings.meterProtocol.name)
    devices[id] = device
    var document: [UInt8]?
    if isNew {
      var json = JSONText()
      json.reading(reading, received: wall, publishing: true)
      document = json.exactBytes
    }
    return Publication(
      device: device, fields: PublishedField.all(of: reading, rounding: settings.rounding), reading: document,
      time: reading.time, received: wall, held: reading.absentLevels,
      note: isSubmeter ? nil : remarks.first { $0.lasts }?.text)
  }

  private mutating func goOffline() -> [MeterOutput] {
    let ids = online.sorted()
    online = []
    return ids.map { .availability(device: $0, online: false) }
  }

  private mutating func letter(
    _ stage: DeadLetter.Stage, _ error: DecodeError, _ bytes: [UInt8], wall: WallTime
  ) -> MeterOutput {
    counters.errors[error.code.name, default: 0] += 1
    return .deadLetter(
      DeadLetter(
        time: wall, meter: settings.id, source: settings.sourceText, kind: .undecodable, stage: stage,
        code: error.code.name, message: error.description, offset: error.offset,
        protocolName: settings.meterProtocol.name, bytes: settings.shown(bytes)))
  }
}
