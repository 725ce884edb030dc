import Decoders
import Foundation
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import Simulator

/// Dialogues of real and simulated dongles, from a folder beside the repository if there is one.
private struct Dialogue: Sendable, CustomTestStringConvertible {
  var name: String
  var content: Data
  var testDescription: String { name }

  static let all: [Dialogue] = {
    let folder = repository.appending(path: "../shared/corpus/echonet-dialogs").standardizedFileURL
    let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    return files.filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }.compactMap { file in
      (try? Data(contentsOf: file)).map { Dialogue(name: file.lastPathComponent, content: $0) }
    }
  }()

  var json: [String: Any] { (try? JSONSerialization.jsonObject(with: content)) as? [String: Any] ?? [:] }
}

/// A dongle that plays a recorded dialogue, in whatever order the commands come.
///
/// It answers a command with the next recorded answer to a command of the same name. Answers of the meter fit the actual
/// request, with the recorded values and the recorded mistakes. Commands without a record are answered by the simulation.
private final class RecordedDongle: SimulatedDongle {
  private struct Step {
    var line: String?
    var request: [UInt8]
    var answer: [Any]
    var injection: String?
  }

  private var steps: [Step] = []
  private var injections: [(after: Int, step: Step)] = []
  private var used: Set<Int> = []
  private var lastInjection = Instant(milliseconds: 0)
  private var hasSession = false
  private var input: SKSTACKInput
  private var received: [String] = []

  init(_ json: [String: Any]) {
    let credentials = json["credentials"] as? [String: String] ?? [:]
    let options = json["options"] as? [String: Any] ?? [:]
    let text = String(decoding: (try? JSONSerialization.data(withJSONObject: json)) ?? Data(), as: UTF8.self)
    let pairing = text.range(of: "PairID:").map { String(text[$0.upperBound...].prefix(8)) } ?? "CCDDEEFF"
    var settings = DongleSettings.still
    settings.model = ["bp35a1": .bp35a1, "rl7023dss": .rl7023][json["dialect"] as? String ?? ""] ?? .bp35c2
    settings.writesBinary = options["ropt"] as? Int == 0
    input = SKSTACKInput(isSided: settings.model.isSided)
    super.init(settings)
    simulation.credentials = SKSTACKCredentials(
      identifier: Secret(credentials["rbid"] ?? "00112233445566778899AABB" + pairing),
      password: Secret(credentials["pwd"] ?? "0123456789AB"))
    simulation.network = SKSTACKNetwork(channel: 0x31, pan: 0xB5FB, address: 0xC0F9_4500_4058_B5FB)
    read(json["steps"] as? [[String: Any]] ?? [])
  }

  private func read(_ recorded: [[String: Any]]) {
    for json in recorded where json["note"] as? String != "driver should not have sent this" {
      let step = Step(
        line: json["tx"] as? String, request: Hexadecimal.bytes((json["tx_payload_hex"] as? String ?? "").utf8) ?? [],
        answer: json["rx"] as? [Any] ?? [], injection: json["inject"] as? String)
      if step.line == nil { injections.append((steps.count, step)) } else { steps.append(step) }
      for frame in frames(of: step) {
        guard let parsed = try? ECHONETFrame(frame.span), parsed.source.isMeter else { continue }
        for property in parsed.properties where !property.data.isEmpty {
          simulation.meter.properties[property.code] = Array(frame[property.data.indices])
        }
      }
    }
    // The same register, with a time.
    if let minute = simulation.meter.properties[0xD0] { simulation.meter.properties[0xE0] = Array(minute[7..<11]) }
  }

  /// The ECHONET Lite frames of a step.
  private func frames(of step: Step) -> [[UInt8]] {
    step.answer.compactMap { entry in
      if let line = entry as? String, line.contains(" 0E1A 0E1A ") {
        return line.split(separator: " ").last.flatMap { Hexadecimal.bytes($0.utf8) }
      }
      guard let object = entry as? [String: String], object["line_head"]?.contains(" 0E1A 0E1A ") == true else {
        return nil
      }
      return Hexadecimal.bytes((object["payload_hex"] ?? "").utf8)
    }
  }

  // MARK: Time

  /// Plays the next injection, some time after the last and once the commands before it have come.
  func inject(now: Instant) {
    guard let (after, step) = injections.first, now >= lastInjection + .seconds(12) else { return }
    let before = steps.indices.prefix(after).filter { steps[$0].line?.hasPrefix("SKJOIN") == true }
    guard before.allSatisfy(used.contains) else { return }
    injections.removeFirst()
    lastInjection = now
    if step.injection == "reset_power" { hasSession = false }
    replay(step, answering: nil)
  }

  // MARK: Commands

  override func intercepts(_ bytes: [UInt8]) -> Bool {
    simulate([])
    input.append(bytes)
    while let item = input.next(losesBytes: { false }) {
      switch item {
      case .command(let line): execute(line, [])
      case .send(let head, let data): execute(head, data)
      case .malformedSend(let head): simulate(Array("\(head)\r".utf8))
      }
    }
    return true
  }

  private func execute(_ line: String, _ data: [UInt8]) {
    received.append(line)
    if (try? ECHONETFrame(data.span))?.service == .confirmation { return acknowledge(line) }
    guard let index = next(line) else { return invent(line, data) }
    used.insert(index)
    lastInjection = max(lastInjection, now)
    if line.hasPrefix("SKRESET") || line.hasPrefix("SKTERM") { hasSession = false }
    replay(steps[index], answering: data)
  }

  /// The recorded command that is exactly this one, else the next of its name.
  private func next(_ line: String) -> Int? {
    let open = steps.indices.filter { !used.contains($0) }
    func key(_ text: String) -> Substring { text.hasPrefix("SKSREG") ? text.prefix(9) : text.prefix { $0 != " " } }
    if line.hasPrefix("SKSENDTO"), !hasSession { return nil }
    return open.first { steps[$0].line == line } ?? open.first { steps[$0].line.map(key) == key(line) }
  }

  private func acknowledge(_ line: String) {
    write(line + " ")
    simulation.event("21", of: simulation.meterAddress, hasSession ? "00" : "01", at: moment)
    simulation.acknowledge(at: moment)
  }

  private func replay(_ step: Step, answering request: [UInt8]?) {
    var frames = frames(of: step)
    for entry in step.answer {
      if text(of: entry).contains(" 0E1A 0E1A "), !frames.isEmpty {
        let recorded = frames.removeFirst()
        let isNotification = recorded.count > 10 && (recorded[10] == 0x73 || recorded[10] == 0x74)
        let isAnswer = !isNotification && !step.request.isEmpty && recorded.prefix(4) == step.request.prefix(4)
        let frame = isAnswer ? request.flatMap { remake(recorded, for: $0) } ?? recorded : recorded
        recite(text(of: entry), frame)
      } else {
        recite(entry)
      }
      note(text(of: entry))
    }
  }

  private func text(of entry: Any) -> String {
    if let line = entry as? String { return line }
    let object = entry as? [String: String] ?? [:]
    return object["line"] ?? object["line_head"] ?? ""
  }

  private func note(_ line: String) {
    if line.hasPrefix("EVENT 25") { hasSession = true }
    if ["EVENT 24", "EVENT 27", "EVENT 28", "EVENT 29"].contains(where: line.hasPrefix) { hasSession = false }
  }

  private func recite(_ entry: Any) {
    if let line = entry as? String {
      return emit(line.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } + [13, 10])
    }
    guard let object = entry as? [String: String] else { return }
    let data = Hexadecimal.bytes((object["payload_hex"] ?? "").utf8) ?? []
    emit(Array(text(of: entry).utf8) + data + Array((object["eol"] ?? "\r\n").utf8))
  }

  /// A datagram with the recorded head and other data.
  private func recite(_ recorded: String, _ frame: [UInt8]) {
    let isBinary = simulation.settings.writesBinary
    let fields = recorded.split(separator: " ").dropLast(isBinary ? 1 : 2)
    let head = "\(fields.joined(separator: " ")) \(BRouteSimulation.hexadecimal(UInt16(frame.count))) "
    emit(Array(head.utf8) + (isBinary ? frame : Array(Hexadecimal.text(frame).utf8)) + [13, 10], after: 1200)
  }

  private func emit(_ bytes: [UInt8], after delay: Int64 = 10) {
    simulation.schedule(.output(bytes), after: delay, moment)
  }

  /// The answer to this request, with the mistakes of the recorded answer.
  private func remake(_ recorded: [UInt8], for request: [UInt8]) -> [UInt8]? {
    let parsed = try? ECHONETFrame(recorded.span)
    let isEmpty = parsed.map { $0.properties.count > 1 && $0.properties.allSatisfy(\.data.isEmpty) } ?? false
    let frame = simulation.meter.answer(request, refusing: isEmpty ? .everything : nil)
    return parsed == nil ? frame?.dropLast(2) : frame
  }

  /// Answers a command that was not recorded.
  private func invent(_ line: String, _ data: [UInt8]) {
    switch line.prefix(while: { $0 != " " }) {
    case "SKSENDTO":
      acknowledge(line)
      guard hasSession, let answer = simulation.meter.answer(data) else { return }
      simulation.datagram(answer, after: 1200, at: moment)
    case "SKJOIN":
      simulation.acknowledge(at: moment)
      simulation.event("25", of: simulation.meterAddress, after: 3000, at: moment)
      hasSession = true
    case "SKSREG", "SKRESET", "SKSETPWD", "SKSETRBID": simulation.acknowledge(at: moment)
    default: simulate(Array("\(line)\r".utf8))
    }
  }

  override func count(_ command: String) -> Int { received.count { $0.hasPrefix(command) } }
}

@Suite struct SKSTACKSessionReplayTests {
  @Test(
    "recorded dialogues end with the expected readings or error", .enabled(if: !Dialogue.all.isEmpty),
    arguments: Dialogue.all)
  private func recordedDialogues(_ dialogue: Dialogue) throws {
    let json = dialogue.json
    let expected = try #require(json["expected"] as? [String: Any])
    let dongle = RecordedDongle(json)
    var harness = dialogue.name.contains("warm_start") ? SKSTACKHarness.warm(dongle) : SKSTACKHarness(dongle)
    for _ in 0..<150 {
      dongle.inject(now: harness.now)
      harness.run(.seconds(2))
    }
    if let error = expected["error"] as? String {
      #expect(harness.troubles.contains(error))
    } else {
      verify(expected["readings"] as? [String: Any] ?? [:], harness)
      #expect(harness.session.running != nil)
      #expect(harness.values["power"] != nil)
    }
    if let count = expected["rejoin"] as? Int { #expect(dongle.count("SKJOIN") == 1 + count) }
    if let count = expected["scans"] as? Int { #expect(dongle.count("SKSCAN") == count) }
    if let count = expected["dead_letters"] as? Int { #expect(harness.rejected.count == count) }
    if expected["publications"] != nil { #expect(Set(harness.frames).count == harness.frames.count) }
    #expect(dongle.count("WOPT") == 0)
    #expect(!harness.told.tells(dongle.simulation.credentials))
    harness.session.leave(now: harness.now)
    harness.carryOut()
    harness.run(.seconds(10))
    #expect(harness.session.hasLeft)
  }
}

private func verify(_ readings: [String: Any], _ harness: SKSTACKHarness) {
  if let power = readings["E7"] as? Int { #expect(harness.values["power"] == "\(power)") }
  if let currents = readings["E8"] as? [String: String] {
    #expect(harness.values["current_r"] == currents["r"] && harness.values["current_t"] == currents["t"])
  }
  if let energy = readings["E0_kWh"] as? String { #expect(harness.values["energy_import"] == energy) }
  if let energy = readings["E3_kWh"] as? String { #expect(harness.values["energy_export"] == energy) }
  if let energy = readings["D0_normal_kWh"] as? String { #expect(harness.values["energy_import"] == energy) }
  if let energy = readings["EA_kWh"] as? String { #expect(harness.values["energy_import_scheduled"] == energy) }
}
