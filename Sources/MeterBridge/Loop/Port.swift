internal import Base
internal import Decoders
internal import Meters
internal import Platform

/// One source with the meters behind it: the connection that reads, and a pipeline for each meter.
struct Port {
  let connection: SourceConnection
  private(set) var pipelines: Pipelines
  /// Whether a telegram tells which meter it is from. Every slave answers to the address of an M-Bus meter without one, and
  /// every telegram in the air fits a wireless meter without one.
  let tellsMetersApart: Bool

  private var answers: AnswerNotices
  private var life: LifeNotices
  /// For their log lines.
  private var limiter = LogLimiter()
  /// It has been logged that an HTTP source stays the same.
  private var isStale = false

  /// A source that is opened by the first call of `service`.
  ///
  /// - Parameters:
  ///   - meters: The meters behind the source, at least one; all of them name the same one.
  ///   - devices: The devices of earlier runs, for the names of sub-meters.
  ///   - frameCounters: Those of an earlier run.
  ///   - totals: The registers of an earlier run.
  ///   - network: The saved network of a meter behind a dongle; ignored if it belongs to other credentials.
  ///   - seed: For jitter and random numbers.
  ///   - lookup: Looks names up for `tcp` sources.
  ///   - fetcher: Fetches HTTP sources.
  init?(
    _ meters: [MeterSettings], devices: [Device], frameCounters: FrameCounters, totals: GuardedTotals,
    network: KnownNetwork?, seed: UInt64, lookup: LookupThread?, fetcher: FetchThread?
  ) {
    let isSame = network?.fingerprint == meters.first?.credentials?.fingerprint
    // They are large, and each has one place in memory.
    let settings = meters.map { Box($0) }
    guard
      let connection = SourceConnection(
        for: meters, sharing: settings.first, network: isSame ? network?.network : nil, seed: seed, lookup: lookup,
        fetcher: fetcher)
    else { return nil }
    self.connection = connection
    let hasAttribution = meters[0].meterProtocol.attribution != nil
    tellsMetersApart = meters.count == 1 || hasAttribution && !meters.contains { $0.address == .primary(254) }
    answers = AnswerNotices(meters)
    life = LifeNotices(meters)
    pipelines = Pipelines(
      settings.map {
        MeterPipeline(
          $0, zone: .system, devices: devices, frameCounters: frameCounters.meters[$0.value.id] ?? [],
          totals: totals.meters[$0.value.id] ?? [:])
      })
  }

  /// Its meters take the formats that others have shown.
  mutating func learn(_ formats: LearntFormats) {
    let learnt = Array(formats.formats)
    guard !learnt.isEmpty else { return }
    for meter in pipelines.indices { pipelines[meter].learn(learnt) }
  }

  /// The settings it was made from: a reload leaves a port alone while they stay the same.
  var settings: [MeterSettings] { pipelines.indices.map { pipelines[$0].settings } }

  /// The ids of its meters.
  var meters: [String] { pipelines.indices.map { pipelines[$0].settings.id } }

  /// The totals of a meter of this port and its sub-meters, by id; nil for another meter.
  func totals(of meter: String) -> [String: DeviceTotals]? { pipelines.place(of: meter).map { pipelines[$0].totals } }

  /// Whether no meter answers, because the line of the bus is dead.
  var isBusDead: Bool { answers.isDead }

  /// What has happened on its M-Bus, by the source; nil for another line.
  var bus: (source: String, statistics: MBusStatistics)? {
    connection.bus.map { (pipelines[0].settings.sourceText, $0) }
  }

  /// When anything of this port is due.
  var deadline: Instant? {
    var due = connection.deadline
    for other in [life.deadline, pipelines.deadline] { if let other { due = min(due ?? other, other) } }
    return due
  }

  /// What to wait for; nil for nothing.
  var interest: PollInterest? { connection.interest }

  /// Does what is possible and what is due.
  mutating func service(_ ready: Readiness, now: Instant, wall: WallTime) -> [MeterOutput] {
    connection.service(ready, now: now)
    return take(connection.takeEvents(), now: now, wall: wall)
  }

  /// Takes events of the connection, and does what is due.
  mutating func take(_ events: [SourceEvent], now: Instant, wall: WallTime) -> [MeterOutput] {
    var outputs = events.flatMap { handle($0, now: now, wall: wall) }
    outputs += pipelines.tick(now: now)
    outputs += life.due(now: now)
    life.note(outputs)
    return outputs
  }

  /// Reads a meter now. False where its kind pushes; nil where none of the port has this id.
  mutating func poll(_ id: String, now: Instant) -> Bool? {
    pipelines.place(of: id).map { connection.poll(meter: $0, now: now) }
  }

  /// Ends it: its meters are offline. Its connection is closed too, unless its dialogue has to end in order first.
  mutating func leave(now: Instant, wall: WallTime) -> [MeterOutput] {
    connection.leave(now: now)
    guard connection.hasLeft else { return lost() }
    connection.close(now: now)
    // A telegram that we cut short ourselves is not a mistake of the meter.
    let events = connection.takeEvents().filter { event in
      if case .dialogue(.rejected(_, _, let error)) = event { error.code != .truncated } else { true }
    }
    return events.flatMap { handle($0, now: now, wall: wall) } + lost()
  }

  private var source: String { pipelines[0].settings.sourceText }

  private mutating func handle(_ event: SourceEvent, now: Instant, wall: WallTime) -> [MeterOutput] {
    switch event {
    case .opened: return [.log(.notice, "\(source): open")]
    case .lost(let reason):
      life.isMissed()
      return [.log(.error, reason)] + lost()
    case .ended: return [.log(.notice, "\(source): read to its end")] + lost()
    case .silent(let reason, let incoming):
      guard !answers.isDead else { return [] }
      life.isMissed()
      return [.log(.warning, "\(source): \(reason)\(advice(on: incoming))")]
    case .finding(let finding): return [.log(.warning, "\(source): \(finding)")]
    case .warning(let text): return [.log(.warning, text)]
    case .unchanged: return unchanged(now: now)
    case .dialogue(let output): return handle(output, now: now, wall: wall)
    }
  }

  private mutating func handle(_ output: DialogueOutput, now: Instant, wall: WallTime) -> [MeterOutput] {
    switch output {
    case .send, .tune, .reopen: return []  // Carried out by the connection.
    case .readout(let meter, let frames):
      isStale = false
      let before = pipelines.telegrams(of: meter)
      var outputs = pipelines[meter].forwarded(frames, wall: wall)
      outputs += pipelines[meter].received(frames, now: now, wall: wall)
      let telegrams = pipelines.telegrams(of: meter) - before
      if telegrams > 0 { connection.decoded() } else { connection.undecoded(frames, now: now) }
      outputs += life.heard(meter, telegrams, outputs, now: now)
      if Log.writes(.info) { outputs += values(of: outputs) }
      return answers.answered(meter) + outputs
    case .rejected(let meter, let bytes, let error):
      // On a bus the sender of damaged bytes is unknown.
      if let meter = meter ?? (pipelines.count == 1 ? 0 : nil) { life.rejected(meter, bytes, error, now: now) }
      return [pipelines[meter ?? 0].rejected(bytes, error, wall: wall)]
    case .noAnswer(let meter, let tries, let failure):
      if failure != .strangers { pipelines[meter].noAnswer() }
      let told = answers.failed(meter, tries: tries, failure, now: now)
      guard told.isEmpty else {
        life.isMissed(meter)
        return told
      }
      guard Log.writes(.info), failure != .strangers, !answers.isDead else { return [] }
      let what = failure == .silence ? "no answer" : "only damaged answers"
      return [.log(.info, "\(pipelines[meter].settings.id): \(what), tries: \(tries)")]
    case .news(let news): return handle(news, now: now, wall: wall)
    }
  }

  private mutating func handle(_ news: DialogueNews, now: Instant, wall: WallTime) -> [MeterOutput] {
    switch news {
    case .readoutRefused(let meter):
      pipelines[meter].refusedReadout()
      return answers.refused(meter, now: now)
    case .keepsSpeed(let meter):
      let settings = pipelines[meter].settings
      guard limiter.isNew("\(meter) speed", now: now), let baud = settings.polling.readoutBaud else { return [] }
      let advice = "it is read at the speed of the bus until the port is opened again"
      return [.log(.warning, "\(settings.id): no answer at \(baud) baud (`readout_baud`); \(advice)")]
    case .round(let summary): return answers.summed(summary)
    case .line(let condition):
      // A meter alone is offline when its telegrams stay away, as any other that is missing.
      let isOffline = condition != .good && pipelines.count > 1
      return answers.changed(to: condition, now: now) + (isOffline ? lost() : [])
    case .interval(let meter, let interval):
      pipelines[meter].polled(every: interval)
      return []
    case .speedFixed(let meter, let line, let offered, let isReadable):
      return [speedFixed(meter, at: line.baud, offered: offered, isReadable: isReadable)]
    case .batteryInterval(let meter, let interval):
      return [
        .log(
          .warning,
          "\(pipelines[meter].settings.id): it is read every \(interval), which empties the battery of a heat meter in "
            + "months; 15m is usual")
      ]
    case .receiver(let text): return [.log(.notice, "\(pipelines[0].settings.sourceText): \(text)")]
    case .receiverTrouble(let trouble):
      let source = pipelines[0].settings.sourceText
      return limiter.isNew("\(trouble)", now: now) ? [.log(.error, "\(source): \(trouble)")] : []
    case .progress(let text): return [.log(.info, "\(pipelines[0].settings.sourceText): \(text)")]
    case .trouble(let meter, let trouble):
      pipelines[meter].troubled(by: trouble)
      guard limiter.isNew("\(meter) \(trouble.code)", now: now) else { return [] }
      life.isMissed(meter)
      return [.log(trouble.level, "\(pipelines[meter].settings.id): \(trouble)")]
    case .signalStrength(let meter, let strength):
      pipelines[meter].measured(strength)
      return []
    case .copy(let meter): return pipelines[meter].doubled(wall: wall)
    case .signalWeakness(let meter, let strength, let isWeak): return weakness(of: meter, strength, isWeak)
    case .rateLimited(let meter, let isLimited):
      let outputs = pipelines[meter].limited(isLimited, wall: wall)
      let text =
        "\(pipelines[meter].settings.id): the radio's limit of air time is reached; it is read again after that"
      return isLimited ? [.log(.warning, text)] + outputs : outputs
    case .network(let meter, let network):
      let settings = pipelines[meter].settings
      guard let fingerprint = settings.credentials?.fingerprint else { return [] }
      return [.network(meter: settings.id, network.map { KnownNetwork(network: $0, fingerprint: fingerprint) })]
    }
  }

  private func speedFixed(_ meter: Int, at baud: Int, offered: Int, isReadable: Bool) -> MeterOutput {
    let advice = "a gateway with RFC 2217 (rfc2217://) changes it"
    let what =
      isReadable
      ? "the meter offers \(offered) baud, but this source keeps its speed: it is read at \(baud), which takes longer"
      : "the meter sends its values at \(offered) baud, but this source keeps its speed: they cannot be read"
    return .log(.warning, "\(pipelines[meter].settings.id): \(what); \(advice)")
  }

  /// Behind the notice that a source is silent: what to look at.
  private func advice(on incoming: Incoming) -> String {
    let settings = pipelines[0].settings
    guard let advice = settings.meterProtocol.silenceAdvice else { return "" }
    let line = settings.line ?? settings.meterProtocol.line
    switch incoming {
    case .nothing where settings.source.isListening:
      return ": do gateways send to this address and port? And \(advice)"
    case .noise where settings.source.isListening:
      return ", although bytes come: do the gateways send \(settings.meterProtocol.title)?"
    case .nothing where settings.source.hasLine: return ": \(advice)"
    case .nothing: return ": \(advice) Is the serial port of the gateway set to \(line)?"
    case .noise: return ", although bytes come: are the cable and the line settings (\(line)) right?"
    case .damagedTelegrams: return " that is not damaged; a shorter cable or another adapter may help"
    }
  }

  /// How many values each telegram has.
  private func values(of outputs: [MeterOutput]) -> [MeterOutput] {
    outputs.compactMap { output in
      guard case .publication(let publication) = output, publication.isFromTelegram else { return nil }
      return .log(.info, "\(publication.device.id): a telegram with \(counted(publication.fields.count, "value"))")
    }
  }

  private mutating func weakness(of meter: Int, _ strength: FixedDecimal, _ isWeak: Bool) -> [MeterOutput] {
    pipelines[meter].weak(isWeak)
    let id = pipelines[meter].settings.id
    guard isWeak else { return [.log(.notice, "\(id): the signal is good again, \(strength) dBm")] }
    let advice = "move the dongle nearer to the meter, away from metal and computers; a USB extension cable helps"
    return [.log(.warning, "\(id): weak signal, \(strength) dBm: below -88 dBm readings get lost; \(advice)")]
  }

  /// The user accepts the held-back totals of a meter or sub-meter; nil where none of the port has this id.
  mutating func accept(_ id: String, wall: WallTime) -> [MeterOutput]? {
    for index in pipelines.indices {
      if let outputs = pipelines[index].accept(id, wall: wall) { return outputs }
    }
    return nil
  }

  private mutating func unchanged(now: Instant) -> [MeterOutput] {
    var outputs = pipelines.indices.flatMap { pipelines[$0].unchanged(now: now) }
    if !isStale, pipelines.indices.allSatisfy({ !pipelines[$0].isOnline }) {
      isStale = true
      let reason = "has returned the same telegram for a while; is the meter still connected to it?"
      outputs.append(.log(.warning, "\(pipelines[0].settings.sourceText): \(reason)"))
    }
    return outputs
  }

  private mutating func lost() -> [MeterOutput] {
    pipelines.indices.flatMap { pipelines[$0].lost() }
  }
}
