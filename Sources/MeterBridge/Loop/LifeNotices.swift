internal import Base
internal import Decoders
internal import Meters
internal import Platform

/// What the log says about the life of the meters of one source: the first telegram of each, its return after an
/// outage, and the share of damaged telegrams.
///
/// On a bus of several meters `AnswerNotices` sums up which of them answer. Only the return of the whole bus is told
/// here.
struct LifeNotices {
  private struct Meter {
    let id: String
    /// When its last telegram came; nil before the first.
    var heardAt: Instant?
    /// Whether the log has told that it is missed.
    var isOutageTold = false
    var isOffline = false
    /// Nil while no telegram is damaged.
    var hour: Hour?
  }

  /// The telegrams of an hour that began with a damaged one.
  private struct Hour {
    let until: Instant
    var sound = 0
    var damaged = 0
    /// Bytes between telegrams.
    var noise = 0
  }

  private let source: String
  /// All meters of a source speak one protocol.
  private let damageAdvice: String
  private let usualDamage: Int
  private var meters: [Meter]
  private var heardAt: Instant?
  private var isSourceLost = false
  private var limiter = LogLimiter()

  init(_ meters: [MeterSettings]) {
    source = meters.first?.sourceText ?? ""
    damageAdvice = meters.first?.meterProtocol.damageAdvice ?? ""
    usualDamage = meters.first?.meterProtocol.usualDamage ?? 0
    self.meters = meters.map { Meter(id: $0.id) }
  }

  /// When `due` has something to return; nil for never.
  private(set) var deadline: Instant?

  // MARK: Telegrams

  /// A meter's frames came, with what the pipeline made of them.
  ///
  /// - Parameters:
  ///   - meter: its place on the source.
  ///   - telegrams: the telegrams in them.
  ///   - outputs: of the pipeline.
  ///   - now: the time.
  /// - Returns: what to log.
  mutating func heard(_ meter: Int, _ telegrams: Int, _ outputs: [MeterOutput], now: Instant) -> [MeterOutput] {
    meters[meter].hour?.sound += telegrams
    let publications = outputs.compactMap { output -> Publication? in
      if case .publication(let publication) = output, publication.isFromTelegram { publication } else { nil }
    }
    guard let main = publications.first(where: { $0.device.id == meters[meter].id }) else { return [] }
    defer {
      heardAt = now
      isSourceLost = false
      meters[meter].heardAt = now
      meters[meter].isOutageTold = false
      meters[meter].isOffline = false
    }
    guard let before = meters[meter].heardAt else { return [.log(.notice, first(main, publications))] }
    return again(meter, after: now - before, now: now)
  }

  private func first(_ main: Publication, _ publications: [Publication]) -> String {
    let device = main.device
    let maker = [device.manufacturer, device.model].compactMap(\.self).joined(separator: " ")
    let parts = [maker, device.serial.map { "number \($0)" } ?? "", counted(main.fields.count, "value")]
    let text = "\(device.id): first telegram: \(parts.filter { !$0.isEmpty }.joined(separator: ", "))"
    let behind = publications.map(\.device).filter { $0.parent == device.id }.map(\.id)
    return behind.isEmpty ? text : "\(text); behind it \(behind.joined(separator: ", "))"
  }

  private mutating func again(_ meter: Int, after time: Milliseconds, now: Instant) -> [MeterOutput] {
    guard meters.count == 1 else {
      guard isSourceLost, let heardAt else { return [] }
      return [.log(.notice, "\(source): telegrams again after \(now - heardAt)")]
    }
    // What the log has not missed comes and goes perhaps every minute.
    let (id, isOffline) = (meters[meter].id, meters[meter].isOffline)
    guard meters[meter].isOutageTold || isOffline && limiter.isNew(id, now: now) else { return [] }
    return [.log(.notice, "\(id): again after \(time)")]
  }

  // MARK: Outages

  /// The log tells that a meter is missed; nil for all of them.
  mutating func isMissed(_ meter: Int? = nil) {
    if meter == nil { isSourceLost = true }
    for index in meters.indices where meter ?? index == index { meters[index].isOutageTold = true }
  }

  /// Notes which meters go offline.
  mutating func note(_ outputs: [MeterOutput]) {
    for case .availability(let id, false) in outputs {
      if let meter = meters.firstIndex(where: { $0.id == id }) { meters[meter].isOffline = true }
    }
  }

  // MARK: Damage

  /// Bytes of a meter are not a telegram.
  mutating func rejected(_ meter: Int, _ bytes: [UInt8], _ error: DecodeError, now: Instant) {
    switch error.code {
    // Whole telegrams that are not the meter's, or not for us.
    case .otherProtocol, .notAnAnswer, .otherMeter, .severalMeters, .lateAnswer: return
    case .noise: meters[meter].hour?.noise += bytes.count
    default:
      var hour = meters[meter].hour ?? Hour(until: now + .minutes(60))
      hour.damaged += 1
      meters[meter].hour = hour
      deadline = min(deadline ?? hour.until, hour.until)
    }
  }

  /// The lines about hours that are over by now. The log has named a single damaged telegram already.
  mutating func due(now: Instant) -> [MeterOutput] {
    guard let deadline, deadline <= now else { return [] }
    defer { self.deadline = meters.lazy.compactMap(\.hour?.until).min() }
    var outputs: [MeterOutput] = []
    for index in meters.indices {
      guard let hour = meters[index].hour, now >= hour.until else { continue }
      meters[index].hour = nil
      guard hour.damaged > 1 else { continue }
      let all = hour.damaged + hour.sound
      let noise = hour.noise > 0 ? ", and \(counted(hour.noise, "byte")) came between telegrams" : ""
      let (id, share) = (meters[index].id, "\(hour.damaged) of \(all)")
      outputs.append(
        hour.damaged * 100 > all * usualDamage
          ? .log(.warning, "\(id): \(share) telegrams were damaged in the last hour\(noise); \(damageAdvice)")
          : .log(.info, "\(id): \(share) telegrams were damaged in the last hour\(noise), which is usual"))
    }
    return outputs
  }
}
