internal import Base
internal import Decoders
internal import Glibc
internal import Meters
internal import Platform

/// `meterbridge scan` on a receiver of wireless M-Bus: listens for some minutes to what is in the air.
struct AirScan {
  let source: SourceAddress
  /// As on the command line.
  let sourceText: String
  var receiver = WirelessReception.Receiver.auto
  /// As configured; nil for what the receiver can hear.
  var mode: WirelessReception.Mode?
  /// As configured; nil for that of each receiver.
  var line: LineSettings?
  var duration = Milliseconds.minutes(usualMinutes)
  var isCSV = false
  let console: Console
  private var progressLine: ProgressLine
  /// That of the telegram which follows.
  private var strength: FixedDecimal?

  static let usualMinutes: Int64 = 5
  /// Between two pictures of the progress.
  private static let pause = Milliseconds(500)

  init(_ source: SourceAddress, _ text: String, console: Console) {
    (self.source, sourceText, self.console) = (source, text, console)
    progressLine = ProgressLine(console)
  }

  /// - Returns: 0 if a meter is heard. 69 if none is, or the source cannot be used.
  mutating func run() -> Int32 {
    var settings = MeterSettings(id: "scan", meterProtocol: .wmbus, source: source, sourceText: sourceText)
    (settings.reception.receiver, settings.reception.mode, settings.line) = (receiver, mode, line)
    guard let signals = Signals(), let connection = SourceConnection(for: [settings], lookup: LookupThread()) else {
      console.complain("no file descriptors or threads left")
      return EX_UNAVAILABLE
    }
    var survey = AirSurvey()
    listen(connection, signals, &survey)
    let report = AirReport(survey.meters, source: sourceText, receiver: receiver)
    if isCSV {
      console.write(report.csv)
    } else if !survey.meters.isEmpty {
      console.write(report.table + "\n" + report.configuration)
    }
    if survey.meters.isEmpty {
      console.complain(
        "no telegram of a meter came: has the receiver an antenna for 868 MHz? Some meters send only in working hours, "
          + "others once an hour; --minutes waits longer"
          + (survey.damaged > 0 ? "; \(counted(survey.damaged, "piece")) of noise came: is it this receiver?" : ""))
    } else {
      console.complain("\(counted(survey.meters.count, "meter")) heard")
    }
    return survey.meters.isEmpty ? EX_UNAVAILABLE : EX_OK
  }

  private mutating func listen(_ connection: SourceConnection, _ signals: Signals, _ survey: inout AirSurvey) {
    let started = Clock.now()
    let end = started + duration
    var hasOpened = false
    defer {
      connection.close(now: Clock.now())
      for event in connection.takeEvents() { take(event, &survey) }
      progressLine.clear()
    }
    while Clock.now() < end {
      progressLine.show(progress(of: survey, left: end - Clock.now()))
      var polled = PollSet()
      let signal = polled.add(PollInterest(descriptor: signals.descriptor, readiness: .readable))
      let token = connection.interest.map { polled.add($0) }
      let next = min(end, connection.deadline ?? end, Clock.now() + Self.pause)
      polled.wait(atMost: next - Clock.now())
      connection.service(polled.readiness(of: token), now: Clock.now())
      for event in connection.takeEvents() {
        switch event {
        case .opened: hasOpened = true
        case .ended: return
        case .lost(let reason):
          say(reason)
          if !hasOpened { return }
        default: take(event, &survey)
        }
      }
      if !polled.readiness(of: signal).isEmpty, signals.take().contains(.end) { return }
    }
  }

  private mutating func take(_ event: SourceEvent, _ survey: inout AirSurvey) {
    switch event {
    case .dialogue(.readout(_, let frames)):
      for frame in frames { survey.heard(frame, strength: strength, now: Clock.now()) }
      strength = nil
    case .dialogue(.news(.copy)): strength = nil
    case .dialogue(.rejected): survey.rejected()
    case .dialogue(.news(.signalStrength(_, let level))): strength = level
    case .dialogue(.news(.receiver(let text))): say("\(sourceText): \(text)")
    case .dialogue(.news(.receiverTrouble(let trouble))): say("\(sourceText): \(trouble)")
    case .silent(let text, _), .warning(let text): say(text)
    default: break
    }
  }

  private mutating func say(_ text: String) {
    progressLine.clear()
    console.complain(text)
  }

  /// `12 meters heard, 40 telegrams, 3 min left`.
  private func progress(of survey: AirSurvey, left: Milliseconds) -> String {
    let meters = survey.meters
    let telegrams = meters.reduce(survey.others) { $0 + $1.telegrams }
    let rest = left.count >= 60_000 ? "\((left.count + 59_999) / 60_000) min" : "\(max(0, left.count) / 1000) s"
    return "\(counted(meters.count, "meter")) heard, \(counted(telegrams, "telegram")), \(rest) left"
  }
}
