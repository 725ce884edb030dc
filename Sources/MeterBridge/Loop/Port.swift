internal import Decoders

/// One source with the meters behind it: the connection that reads, and a pipeline for each meter.
struct Port {
  let connection: SourceConnection
  var pipelines: [MeterPipeline]

  /// Meters that did not answer the last time they were asked.
  private var mute: Set<Int> = []
  /// It has been said that a page stays the same.
  private var isStale = false

  /// What a port has to say to the rest of the program.
  enum Output {
    case pipeline(MeterPipeline.Output)
    case log(Log.Level, String)
  }

  /// A source that is opened by the first call of `service`.
  ///
  /// - Parameters:
  ///   - meters: The meters behind the source, at least one; all of them name the same one.
  ///   - devices: What is known from earlier runs, for the names of sub-meters.
  ///   - frameCounters: Those of an earlier run.
  ///   - totals: What an earlier run knew of their registers.
  ///   - lookup: Looks names up for `tcp` sources.
  ///   - fetcher: Fetches pages.
  init?(
    _ meters: [MeterSettings], devices: [Device], frameCounters: FrameCounters, totals: GuardedTotals,
    lookup: LookupThread?,
    fetcher: FetchThread?
  ) {
    guard let connection = SourceConnection(for: meters, lookup: lookup, fetcher: fetcher) else { return nil }
    self.connection = connection
    pipelines = meters.map {
      MeterPipeline(
        $0, devices: devices, frameCounters: frameCounters.meters[$0.id] ?? [], totals: totals.meters[$0.id] ?? [:])
    }
  }

  /// The settings it was made from: a reload leaves a port alone while they stay the same.
  var settings: [MeterSettings] { pipelines.map(\.settings) }

  /// When anything of this port is due.
  var deadline: Instant? { ([connection.deadline] + pipelines.map(\.deadline)).compactMap(\.self).min() }

  /// Does what `poll` has reported and what is due.
  mutating func service(_ reported: Int16, now: Instant, wall: WallTime) -> [Output] {
    connection.service(reported, now: now)
    var outputs = connection.takeEvents().flatMap { handle($0, now: now, wall: wall) }
    for index in pipelines.indices { outputs += pipelines[index].tick(now: now).map(Output.pipeline) }
    return outputs
  }

  /// Ends it for good: its meters are offline.
  mutating func close(now: Instant, wall: WallTime) -> [Output] {
    connection.close(now: now)
    // A telegram that we cut short ourselves is nobody's mistake.
    let events = connection.takeEvents().filter { event in
      if case .rejected(_, _, let error) = event { error.code != .truncated } else { true }
    }
    return events.flatMap { handle($0, now: now, wall: wall) } + lost()
  }

  private mutating func handle(_ event: SourceEvent, now: Instant, wall: WallTime) -> [Output] {
    let source = pipelines[0].settings.sourceText
    switch event {
    case .opened: return [.log(.notice, "\(source): open")]
    case .lost(let reason): return [.log(.error, reason)] + lost()
    case .ended: return [.log(.notice, "\(source): read to its end")] + lost()
    case .silent(let reason): return [.log(.warning, "\(source): \(reason)")]
    case .unchanged: return unchanged(now: now)
    case .readout(let meter, let frames):
      isStale = false
      var outputs = pipelines[meter].received(frames, now: now, wall: wall).map(Output.pipeline)
      if mute.remove(meter) != nil { outputs.append(.log(.notice, "\(pipelines[meter].settings.id): answers again")) }
      return outputs
    case .rejected(let meter, let bytes, let error):
      return [.pipeline(pipelines[meter ?? 0].rejected(bytes, error, wall: wall))]
    case .noAnswer(let meter, let tries):
      pipelines[meter].noAnswer()
      guard mute.insert(meter).inserted else { return [] }
      let id = pipelines[meter].settings.id
      let advice = "check its address, the wiring and the line settings"
      return [.log(.warning, "\(id): no answer after \(tries) tries; \(advice)")]
    case .news(.progress(let text)): return [.log(.info, "\(source): \(text)")]
    case .news(.trouble(let meter, let trouble)):
      return [.log(trouble.level, "\(pipelines[meter].settings.id): \(trouble)")]
    case .news: return []
    }
  }

  /// The user believes what is held back of a meter or sub-meter; nil where none of the port has this id.
  mutating func accept(_ id: String, wall: WallTime) -> [Output]? {
    for index in pipelines.indices {
      if let outputs = pipelines[index].accept(id, wall: wall) { return outputs.map(Output.pipeline) }
    }
    return nil
  }

  private mutating func unchanged(now: Instant) -> [Output] {
    var outputs = pipelines.indices.flatMap { pipelines[$0].unchanged(now: now).map(Output.pipeline) }
    if !isStale, !pipelines.contains(where: \.isOnline) {
      isStale = true
      let reason = "holds the same old telegram again and again; is the meter still connected to it?"
      outputs.append(.log(.warning, "\(pipelines[0].settings.sourceText): \(reason)"))
    }
    return outputs
  }

  private mutating func lost() -> [Output] {
    pipelines.indices.flatMap { pipelines[$0].lost().map(Output.pipeline) }
  }
}
