internal import Base
internal import Decoders
internal import Glibc
internal import Meters

/// What `detect` says: from what was heard and answered, the words and the configuration.
struct DetectReport: Equatable {
  /// For standard output: the configuration, with comments; empty if nothing can be read.
  private(set) var configuration = ""
  /// For people: what was heard instead, and what to do.
  private(set) var messages: [String] = []

  /// The exit status.
  var status: Int32 { configuration.isEmpty ? EX_UNAVAILABLE : EX_OK }

  private let address: SourceAddress

  private init(_ address: SourceAddress) { self.address = address }

  /// What was heard without asking.
  ///
  /// - Parameters:
  ///   - result: of the trial; nil if it was interrupted.
  ///   - heard: what came with each of the line settings.
  ///   - address: the source.
  ///   - wasAsked: whether requests were sent, too, without an answer.
  init(_ result: PortTrial.Result?, heard: [HeardLine], on address: SourceAddress, wasAsked: Bool) {
    self.init(address)
    switch result {
    case .found(let finding, let line): take(finding, line)
    case .failed(let reason): messages = [reason]
    case .noise(let finding): messages = [note(of: heard), "\(finding)"]
    case .silence:
      messages = LineDiagnosis.Finding.silence(on: address, wasAsked: wasAsked)
      if !wasAsked { messages.append(Self.advice) }
    case nil:
      messages = ["stopped. \(note(of: heard))"]
      if let finding = LineDiagnosis.Finding(heard) { messages.append("\(finding)") }
    }
  }

  /// What answered a question.
  ///
  /// - Parameters:
  ///   - answer: what came.
  ///   - known: the protocol of the question.
  ///   - line: the line settings it was asked with.
  ///   - address: the source.
  init(_ answer: InquiryAnswer, of known: ProtocolDescription, with line: LineSettings, on address: SourceAddress) {
    self.init(address)
    let place = place(with: line)
    switch answer {
    case .meter(let frame, let asked): take(frame, asked, known, line)
    case .dongle(let name):
      var meter = entry(known, line, medium: .electricity)
      meter.heard = "\(place): \(name)"
      meter.secrets = known.required.map { key, _ in secret(key, meter.id) }
      meter.hints = known.required.map { key, meaning in
        "Put \(meaning), into \(FirstConfiguration.place(of: key, meter.id)) (chmod 600)"
      }
      finish(meter)
    case .receiver(let text, let frames): take(frames, of: text)
    case .optical(let name, let wake):
      // What has to be woken runs on a battery, as heat meters do.
      var meter = entry(known, line, medium: wake == .none ? .electricity : .heat)
      meter.heard = "\(place): \(name)"
      if wake != .none { meter.wake = wake }
      finish(meter)
    case .several:
      messages = ["\(place): \(LineDiagnosis.Finding.severalAnswers)"]
    case .unsupported(let reason): messages = ["\(place): \(reason)"]
    }
  }

  private static let advice: String = {
    let asked = ProtocolDescription.configurable.filter { $0.inquiry != nil }.map {
      $0 == .wmbus ? "receivers of wireless M-Bus" : $0.meters
    }
    return "\(asked.joined(separator: " and ")) only answer: with --ask they are asked"
  }()

  // MARK: Meters

  private mutating func take(_ finding: TelegramTrial.Finding, _ line: LineSettings) {
    let known = finding.meterProtocol
    var meter = entry(known, line, medium: finding.meter?.medium ?? .electricity)
    let version = finding.version.map { ", version \($0)" } ?? ""
    let who = finding.meter.map { ": \($0)" } ?? finding.trouble.map { ", \($0)" } ?? ""
    meter.heard = "\(place(with: line)): \(known.meter)\(version)\(who)"
    if finding.trouble != nil {
      meter.missing = ["key"]
      meter.hints = [
        "Put its key, 32 hexadecimal digits, into \(FirstConfiguration.place(of: "key", meter.id)) (chmod 600), and take "
          + "the # off"
      ]
    }
    finish(meter)
    // A D0 meter may speak by itself, although others have to be asked.
    guard known.inquiry != nil, known != .d0 else { return }
    messages = ["another program or device asks meters on this line; only one can, so end it"]
  }

  /// The meters around a receiver; without one, an entry for the first that will come.
  private mutating func take(_ frames: [[UInt8]], of receiver: String) {
    var survey = AirSurvey()
    for frame in frames { survey.heard(frame, strength: nil, now: Instant(milliseconds: 0)) }
    let scan = "`meterbridge scan --receiver auto \(address.written)`"
    let title = "\(address.name): \(receiver)"
    guard survey.meters.isEmpty else {
      var report = AirReport(survey.meters, source: address.written)
      report.hidesKeys = true
      configuration =
        "# \(title). \(counted(survey.meters.count, "meter")) heard in a few seconds; \(scan) listens longer\n"
        + report.configuration
      return
    }
    var meter = entry(.wmbus, ProtocolDescription.wmbus.line, medium: nil)
    meter.heard = "\(title). No telegram came in a few seconds"
    meter.hints = [FirstConfiguration.hintOfReceiver(address)]
    finish(meter)
  }

  private mutating func take(
    _ frame: [UInt8], _ asked: MBusAddress, _ known: ProtocolDescription, _ line: LineSettings
  ) {
    let heard = HeardMeter(frame, of: known)
    var meter = entry(known, line, medium: heard?.medium)
    if case .primary(let primary) = asked, primary != MBusAddress.test { meter.address = Int(primary) }
    meter.heard = "\(place(with: line)): \(known.meter): \(heard.map { "\($0)" } ?? "no value that can be read")"
    finish(meter)
  }

  private func entry(
    _ known: ProtocolDescription, _ line: LineSettings, medium: Medium?
  ) -> FirstConfiguration.Meter {
    var meter = FirstConfiguration.Meter(
      id: FirstConfiguration().freeID(for: medium), meterProtocol: known, source: address.written)
    meter.line = address.hasLine && line != known.line ? line : nil
    return meter
  }

  private mutating func finish(_ meter: FirstConfiguration.Meter) { configuration = FirstConfiguration.block(meter) }

  private func secret(_ key: String, _ id: String) -> FirstConfiguration.Secret {
    FirstConfiguration.Secret(key: key, file: FirstConfiguration.fileName(of: key, id))
  }

  // MARK: Words

  private func place(with line: LineSettings) -> String {
    address.hasLine ? "\(address.name) at \(line)" : address.name
  }

  /// `96 bytes at 115200 8N1, 4 of them damaged; 30 bytes at 9600 7E1`.
  private func note(of heard: [HeardLine]) -> String {
    let parts = heard.filter { $0.count > 0 }.map { one in
      let damaged = one.damaged == 0 ? "" : ", \(one.damaged) of them damaged"
      return "\(counted(one.count, "byte"))\(address.hasLine ? " at \(one.line)" : "")\(damaged)"
    }
    return parts.isEmpty ? "\(address.name): nothing was heard" : "\(address.name): \(parts.joined(separator: "; "))"
  }
}
