package import Base
package import Decoders

/// The way of one meter from frames to publications: decode, adjust, name the sub-meters, note who is online.
///
/// A value: frames and time in, outputs out.
package struct MeterPipeline: Sendable {
  /// What `bridge/health` tells of a meter.
  package struct Counters: Sendable {
    package var telegrams = 0
    package var errors: [String: Int] = [:]
    package var last: WallTime?
    /// Frames come in, whether or not they can be decoded: a wrong key is not a dead cable.
    package var isReceiving = false
    /// The code of what keeps us from a meter on the air, until it is read again.
    package var trouble: String?
    /// Its signal is too weak for reliable readings.
    package var isWeak = false
  }

  package let settings: MeterSettings
  package private(set) var counters = Counters()
  private var decoder: any MeterDecoder
  private var adjustment: Adjustment
  private var names: SubmeterNames
  private var staleness: Staleness
  private var online: Set<String> = []
  /// Who was in the last telegram, if that had no time of its own.
  private var timeless: [String] = []
  private var lastSubReadings: [String: Reading] = [:]
  private var guards: MeterGuards
  /// What each of them was when it last spoke.
  private var devices: [String: Device] = [:]
  private var lastIssues: Set<DecodeError> = []
  private var link = RadioLink()
  private let zone: HostZone

  /// `devices` is what is known from earlier runs, for the names of sub-meters; `frameCounters` are those of an earlier
  /// run, and `totals` what it knew of the meter's and its sub-meters' registers; `zone` resolves times without an offset.
  package init(
    _ settings: MeterSettings, zone: HostZone, devices: [Device], frameCounters: [DLMSFrameCounter] = [],
    totals: [String: DeviceTotals] = [:]
  ) {
    self.settings = settings
    self.zone = zone
    decoder = settings.meterProtocol.decoder(settings, frameCounters)
    adjustment = Adjustment(settings)
    names = SubmeterNames(parent: settings.id, devices: devices)
    guards = MeterGuards(settings, totals)
    staleness = Staleness(settings)
  }

  /// When `tick` has something to say.
  package var deadline: Instant? { online.isEmpty ? nil : staleness.deadline }

  // MARK: Events

  /// The frames of one readout; of a meter that pushes, one frame.
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

  /// Bytes of the line that are no frame.
  package mutating func rejected(_ bytes: [UInt8], _ error: DecodeError, wall: WallTime) -> MeterOutput {
    letter(.framing, error, bytes, wall: wall)
  }

  /// A page holds the telegram that was used already. Where it has a time of its own, that stands still; a telegram without
  /// one does not tell, and that it can be read is a sign of life.
  package mutating func unchanged(now: Instant) -> [MeterOutput] {
    if !timeless.isEmpty { staleness.heard(at: now) }
    return timeless.filter { online.insert($0).inserted }.map { .availability(device: $0, online: true) }
  }

  /// Whether its last telegram is young enough.
  package var isOnline: Bool { !online.isEmpty }

  /// A polled meter that did not answer: counted, there are no bytes to keep.
  package mutating func noAnswer() { counters.errors["no_answer", default: 0] += 1 }

  /// Something keeps us from a meter on the air.
  package mutating func troubled(by trouble: SKSTACKTrouble) {
    counters.errors[trouble.code, default: 0] += 1
    counters.trouble = trouble.code
  }

  /// How well a meter on the air is received.
  package mutating func measured(_ strength: FixedDecimal) { link.strength = strength }

  /// Its signal is too weak, or good again.
  package mutating func weak(_ isWeak: Bool) {
    if isWeak { counters.errors["weak_signal", default: 0] += 1 }
    counters.isWeak = isWeak
  }

  /// The limit of air time is reached, or over.
  package mutating func limited(_ isLimited: Bool, wall: WallTime) -> [MeterOutput] {
    link.isLimited = isLimited
    return link.publication(received: wall).map { [.publication($0)] } ?? []
  }

  /// The port is gone.
  package mutating func lost() -> [MeterOutput] {
    staleness.forget()
    counters.isReceiving = false
    return goOffline()
  }

  /// Time has passed.
  package mutating func tick(now: Instant) -> [MeterOutput] {
    guard let deadline = staleness.deadline, now >= deadline else { return [] }
    return goOffline()
  }

  /// The frame counters of the meter's ciphers, to be handed to `init` after a restart.
  package var frameCounters: [DLMSFrameCounter] { (decoder as? any FrameCounting)?.counters ?? [] }

  /// What the guards remember, by id, to be handed to `init` after a restart.
  package var totals: [String: DeviceTotals] { guards.memory }

  /// The user believes what is held back of the meter or of a sub-meter; nil where the id is of neither.
  package mutating func accept(_ id: String, wall: WallTime) -> [MeterOutput]? {
    guard let accepted = guards.accept(id) else { return id == settings.id ? [] : nil }
    let told =
      accepted.values.map { "\($0.field.level) \($0.value)" } + accepted.awaited.map { "\($0.level) \($0.value)" }
    guard !told.isEmpty else { return [] }
    // Without a telegram since the start nobody knows what else to say of the meter.
    let later = accepted.awaited.isEmpty ? "" : "; what is not on its topic yet comes with the next telegram"
    var outputs = [
      MeterOutput.log(.notice, "\(id): \(told.joined(separator: ", ")) believed, as it was asked for\(later)")
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

  private mutating func use(_ telegram: Telegram, now: Instant, wall: WallTime) -> [MeterOutput] {
    counters.telegrams += 1
    counters.last = wall
    if settings.interval == nil, let medium = telegram.readings.first?.meter.medium,
      let usual = settings.meterProtocol.usualInterval(medium)
    {
      staleness.expect(every: usual)
    }
    counters.trouble = nil
    staleness.heard(at: now)
    var outputs = newIssues(of: telegram, wall: wall)
    var telegram = telegram
    // Property maps, units, identities help to understand what follows, and are not a reading.
    if settings.meterProtocol.tellsParticulars, !telegram.readings[0].hasValues { return outputs }
    link.note(on: &telegram.readings[0])
    adjustment.apply(to: &telegram)
    for index in telegram.readings.indices where telegram.readings[index].time.map({ !$0.isOfSetClock }) ?? false {
      telegram.readings[index].time = nil
    }
    let ids = [settings.id] + names.ids(for: telegram.readings.dropFirst())
    timeless = telegram.readings.first?.time == nil ? ids : []
    let isEmpty = TotalsGuard.isEmpty(telegram.readings)
    for (id, reading) in zip(ids, telegram.readings) {
      // A sub-meter's value stands in every telegram of its port: told again only when it is a new one.
      let isNew = id == settings.id || lastSubReadings[id] != reading
      if id != settings.id { lastSubReadings[id] = reading }
      var reading = reading
      let result = guards.check(
        &reading, of: id,
        .init(
          bytes: telegram.bytes, isEmpty: isEmpty, isRepeated: !isNew && reading.time != nil, sums: adjustment.sums,
          time: GuardedTotal.Moment(wall: wall, instant: now)))
      if result.count > 0 { counters.errors[TotalsGuard.code, default: 0] += result.count }
      outputs += result.notices.map { .log(.notice, $0) } + result.letters.map(MeterOutput.deadLetter)
      if result.isExchanged { devices[id] = nil }
      var publication = publication(of: resolved(reading), id: id, isNew: isNew, wall: wall)
      publication.held += result.held
      // First, so that availability precedes discovery and values on the broker.
      if online.insert(id).inserted { outputs.append(.availability(device: id, online: true)) }
      outputs.append(.publication(publication))
    }
    if let news = link.publication(received: wall) { outputs.append(.publication(news)) }
    for id in online.subtracting(ids).sorted() {
      online.remove(id)
      outputs.append(.availability(device: id, online: false))
    }
    return outputs
  }

  /// A broken line that comes again in every telegram is counted each time, and kept once.
  private mutating func newIssues(of telegram: Telegram, wall: WallTime) -> [MeterOutput] {
    defer { lastIssues = Set(telegram.issues) }
    return telegram.issues.compactMap { issue in
      guard lastIssues.contains(issue) else { return letter(.decode, issue, telegram.bytes, wall: wall) }
      counters.errors[issue.code.name, default: 0] += 1
      return nil
    }
  }

  private func resolved(_ reading: Reading) -> Reading {
    var reading = reading
    func resolve(_ time: MeterTime) -> MeterTime {
      var time = time
      if time.offset == nil, time.precision != .day { time.offset = settings.utcOffset }
      return zone.resolve(time, settings.meterProtocol.convention)
    }
    reading.time = reading.time.map(resolve)
    for index in reading.fields.indices {
      if case .time(let time) = reading.fields[index].value { reading.fields[index].value = .time(resolve(time)) }
    }
    return reading
  }

  private mutating func publication(of reading: Reading, id: String, isNew: Bool, wall: WallTime) -> Publication {
    let isSubmeter = id != settings.id
    let before = devices[id]
    // Not every telegram says who the meter is, nor with the same of its numbers.
    let device = Device(
      id: id, parent: isSubmeter ? settings.id : nil, name: isSubmeter ? nil : settings.name,
      manufacturer: reading.manufacturerName ?? before?.manufacturer, model: reading.modelName ?? before?.model,
      serial: before?.serial ?? reading.meterNumber, medium: reading.meter.medium,
      protocolName: settings.meterProtocol.name)
    if !isSubmeter { link.device = device }
    devices[id] = device
    var document: [UInt8]?
    if isNew {
      var json = JSONText()
      json.reading(reading, received: wall, publishing: true)
      document = json.bytes
    }
    return Publication(
      device: device, fields: PublishedField.all(of: reading, rounding: settings.rounding), reading: document,
      received: wall, held: reading.absentLevels)
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
