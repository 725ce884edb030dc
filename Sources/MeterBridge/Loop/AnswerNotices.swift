internal import Base
internal import Meters
internal import Platform

/// What the log says about meters that do not answer. Those that answer for others are named by their dead letters.
///
/// A bus of several meters has a line for each missing one in its first round, then a summary, and another one when that
/// changes. While no meter has answered, the lines wait: if the bus is dead, one line says so instead.
struct AnswerNotices {
  private let ids: [String]
  private let source: String
  private let line: LineSettings?
  /// What to look at; nil for an M-Bus.
  private let advice: String?
  /// Lines that wait for the first answer; nil after it.
  private var waiting: [MeterOutput]?
  /// Since when the bus is dead; nil while it works.
  private var deadSince: Instant?
  /// Meters that did not answer the last time they were asked, and why.
  private var mute: [Int: MBusFailure] = [:]
  /// Requests that were left out since the last line about them.
  private var refusals: [Int: Int] = [:]
  private var limiter = LogLimiter()
  private var isSummed = false

  /// The most names in one line.
  private static let namesTold = 10

  init(_ meters: [MeterSettings]) {
    ids = meters.map(\.id)
    source = meters.first?.sourceText ?? ""
    advice = meters.first.flatMap { $0.meterProtocol.sharesLine ? nil : $0.meterProtocol.silenceAdvice }
    line = meters.first.map { $0.line ?? $0.meterProtocol.line }
    waiting = meters.count > 1 ? [] : nil
  }

  /// Whether no meter is answering because the line of the bus is dead.
  var isDead: Bool { deadSince != nil }

  mutating func answered(_ meter: Int) -> [MeterOutput] {
    mute[meter] = nil
    defer { waiting = nil }
    return waiting ?? []
  }

  /// The line is dead, or works again.
  mutating func changed(to condition: MBusCondition, now: Instant) -> [MeterOutput] {
    let who =
      ids.count == 1
      ? "the only meter on this bus does not answer" : "none of the \(ids.count) meters on this bus answers"
    let dead = "\(source): \(who)"
    if waiting != nil { waiting = [] }
    switch condition {
    case .good:
      guard let deadSince else { return [] }
      self.deadSince = nil
      return [.log(.notice, "\(source): the bus answers again after \(now - deadSince)")]
    case .silent:
      deadSince = now
      let advice = "is the level converter plugged in and powered, and are both wires of the bus connected?"
      return [.log(.error, "\(dead); \(advice)")]
    case .disturbed:
      deadSince = now
      let settings = line.map { " (\($0))" } ?? ""
      let advice = "look for a short between the two wires, and check the line settings\(settings)"
      return [.log(.error, "\(dead), only damaged bytes come; \(advice)")]
    }
  }

  mutating func failed(_ meter: Int, tries: Int, _ failure: MBusFailure, now: Instant) -> [MeterOutput] {
    let before = mute.updateValue(failure, forKey: meter)
    guard !isDead, before != failure, !isSummed || failure == .damage,
      let text = failure.text(tries: tries, advice: advice)
    else { return [] }
    guard before == nil && !isSummed || limiter.isNew("\(meter) \(failure)", now: now) else { return [] }
    let notice = MeterOutput.log(.warning, "\(ids[meter]): \(text)")
    guard waiting == nil else {
      waiting?.append(notice)
      return []
    }
    return [notice]
  }

  /// A readout that was asked for is left out.
  mutating func refused(_ meter: Int, now: Instant) -> [MeterOutput] {
    refusals[meter, default: 0] += 1
    guard limiter.isNew("\(meter) refused", now: now) else { return [] }
    let count = refusals.removeValue(forKey: meter) ?? 0
    let requests = count == 1 ? "a request to read it is" : "\(count) requests to read it are"
    let rule = "after five at once, …/read reads it once in 10 s or a tenth of its interval"
    return [.log(.warning, "\(ids[meter]): \(requests) left out; \(rule)")]
  }

  mutating func summed(_ summary: MBusRound.Summary) -> [MeterOutput] {
    guard !isDead, summary.missing.count < summary.meters else { return [] }
    isSummed = true
    let answered = "\(summary.meters - summary.missing.count) of \(summary.meters) meters answered"
    let round = "a round takes \(Self.seconds(summary.time))"
    guard !summary.missing.isEmpty else { return [.log(.notice, "\(source): \(answered); \(round)")] }
    let names = summary.missing.prefix(Self.namesTold).map { ids[$0] }.joined(separator: ", ")
    let others = summary.missing.count - Self.namesTold
    let missing = others > 0 ? "\(names) and \(others) more" : names
    return [.log(.warning, "\(source): \(answered); \(round); missing: \(missing)")]
  }

  private static func seconds(_ time: Milliseconds) -> String {
    let tenths = (time.count + 50) / 100
    return tenths < 100 ? "\(tenths / 10).\(tenths % 10) s" : "\((tenths + 5) / 10) s"
  }
}
