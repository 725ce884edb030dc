internal import Base
internal import Decoders
internal import Documents
internal import Glibc
internal import Meters
internal import Platform
internal import Publishing

/// `meterbridge topics`: every topic and discovery message of a configuration, without a broker and without a meter.
///
/// The fields of a meter are known only after a reading, so they come from the state file.
enum TopicsCommand {
  /// A topic whose last levels are always the same.
  struct FixedTopic: Equatable, Sendable {
    enum Direction: Sendable { case publishedAndKept, published, subscribed }

    /// Below the root, or below the root and the meter's id.
    var levels: String
    var direction: Direction
    var qos: Int
    var payload: String
  }

  /// Below `<root>/`.
  static let bridge = [
    FixedTopic(
      levels: "bridge/state", direction: .publishedAndKept, qos: 1, payload: "`online` or `offline`; also the will"),
    FixedTopic(
      levels: "bridge/info", direction: .publishedAndKept, qos: 1,
      payload: "JSON: version, time of start, meters, protocols"),
    FixedTopic(
      levels: "bridge/health", direction: .publishedAndKept, qos: 0,
      payload: "JSON each minute: uptime, counters of each meter, queue, reconnects, dead letters"),
    FixedTopic(
      levels: "bridge/dead_letter", direction: .published, qos: 0,
      payload: "JSON for each telegram or value that could not be used, without its bytes"),
  ]

  /// Below `<root>/<id>/`, for every meter and sub-meter.
  static let everyMeter = [
    FixedTopic(
      levels: "availability", direction: .publishedAndKept, qos: 1,
      payload: "`online` or `offline`: the port is lost, or no valid telegram for three intervals"),
    FixedTopic(
      levels: "reading", direction: .published, qos: 1, payload: "JSON of a whole reading: meter, time, fields"),
    FixedTopic(
      levels: "accept", direction: .subscribed, qos: 0, payload: "any payload: accept the totals that are held back"),
  ]

  /// Below `<root>/<id>/`, for the polled meters of the configuration.
  static let polledMeter = [
    FixedTopic(
      levels: "read", direction: .subscribed, qos: 0, payload: "any payload: read this meter now (polled meters only)")
  ]

  /// - Parameters:
  ///   - configuration: what is to run.
  ///   - retained: from the state file; nil without one.
  /// - Returns: lines for standard output. A line depends on nothing but its own topic.
  static func run(configuration: Configuration, retained: RetainedState?) -> String {
    var page = TopicsPage(configuration: configuration, devices: retained?.devices ?? [])
    page.writeTopics()
    page.writeDiscovery()
    return page.lines.joined(separator: "\n") + "\n"
  }
}

private struct TopicsPage {
  private(set) var lines: [String] = []
  private let configuration: Configuration
  private let entries: [RetainedState.Entry]
  private let orphans: [RetainedState.Entry]

  init(configuration: Configuration, devices: [RetainedState.Entry]) {
    self.configuration = configuration
    let ids = Set(configuration.meters.map(\.id))
    entries = devices.filter { ids.contains($0.device.parent ?? $0.device.id) }
    orphans = devices.filter { !ids.contains($0.device.parent ?? $0.device.id) }
  }

  private var root: String { configuration.mqtt.baseTopic }

  // MARK: Topics

  mutating func writeTopics() {
    write("TOPIC", "RETAINED", "QOS", "PAYLOAD")
    heading("The bridge")
    for topic in TopicsCommand.bridge { write(topic, below: root) }
    for meter in configuration.meters {
      let own = entries.first { $0.device.id == meter.id }
      heading("Meter \(meter.id) (\(meter.meterProtocol.name))")
      write(meter: meter.id, fields: own?.fields ?? [], isPolled: meter.isPolled)
      if own == nil {
        lines.append(
          "Not read yet: its fields, its sub-meters and its discovery message are known after the first telegram.")
      }
      for entry in entries where entry.device.parent == meter.id {
        heading("Meter \(entry.device.id) (\(entry.device.medium.name), behind \(meter.id))")
        write(meter: entry.device.id, fields: entry.fields, isPolled: false)
      }
    }
    for entry in orphans {
      heading("Meter \(entry.device.id)")
      lines.append("No longer in the configuration: its retained topics are taken away at the next start.")
    }
    if configuration.homeAssistant.discovery {
      heading("Home Assistant")
      write(configuration.homeAssistant.birthTopic, "subscribed", "0", "`online`: everything is published again")
    }
  }

  private mutating func write(meter id: String, fields: [FieldDescription], isPolled: Bool) {
    for topic in TopicsCommand.everyMeter { write(topic, below: "\(root)/\(id)") }
    if isPolled { for topic in TopicsCommand.polledMeter { write(topic, below: "\(root)/\(id)") } }
    let isListed = fields.contains { $0.level == FieldDescription.lastTelegram.level }
    for field in isListed ? fields : fields + [.lastTelegram] {
      let unit = field.unit == .none ? "" : ", \(field.unitSymbol)"
      write("\(root)/\(id)/\(field.level)", "yes", "1", field.label + unit)
    }
  }

  private mutating func write(_ topic: TopicsCommand.FixedTopic, below parent: String) {
    let retained =
      switch topic.direction {
      case .publishedAndKept: "yes"
      case .published: "no"
      case .subscribed: "subscribed"
      }
    write("\(parent)/\(topic.levels)", retained, String(topic.qos), topic.payload)
  }

  private mutating func heading(_ text: String) { lines += ["", text] }

  private mutating func write(_ topic: String, _ retained: String, _ qos: String, _ payload: String) {
    lines.append("\(topic.padded(to: 51)) \(retained.padded(to: 11)) \(qos.padded(to: 4)) \(payload)")
  }

  // MARK: Discovery

  mutating func writeDiscovery() {
    guard configuration.homeAssistant.discovery else {
      heading("No discovery messages: `home_assistant: {discovery: false}`.")
      return
    }
    let discovery = Discovery(configuration.homeAssistant, baseTopic: root)
    heading("Discovery messages (retained, QoS 1)")
    lines.append("\(discovery.bridgeTopic) \(text(discovery.bridgeDocument()))")
    let order = configuration.meters.flatMap { meter in
      entries.filter { $0.device.id == meter.id } + entries.filter { $0.device.parent == meter.id }
    }
    for entry in order {
      var device = entry.device
      // The state file has the name of the last run; the configuration may have another by now.
      if device.parent == nil { device.name = configuration.meters.first { $0.id == device.id }?.name }
      let document = discovery.document(for: device, fields: entry.fields, removing: [])
      lines.append("\(discovery.topic(device: device.id)) \(text(document))")
    }
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

extension Command {
  /// Prints every topic.
  static let topics = Command(
    name: "topics", options: [.config, .program],
    summary: "print every topic and discovery message",
    details: """
      What `run` publishes with this configuration: the topics of the bridge and of every
      meter, and the discovery documents of those meters that have been read before.

      With --for it prints a ready-made configuration of another program for your own
      meters, once they have been read. What to know about it is on standard error.
      """
  ) { arguments, console throws(UsageError) in
    let program = try TopicsCommand.program(arguments)
    do throws(ConfigurationError) {
      let configuration = try Configuration.read(path: arguments.configuration)
      let retained = RetainedState.kept(configuration, console.complain)
      if let program {
        TopicsCommand.snippet(
          program, configuration.snippetHouse((retained?.devices ?? []).map { ($0.device, $0.fields) }), console)
        return EX_OK
      }
      console.write(TopicsCommand.run(configuration: configuration, retained: retained))
      return EX_OK
    } catch {
      error.lines.forEach(console.complain)
      return error.exitStatus
    }
  }
}

extension RetainedState {
  /// Reads the state file; nil if it is missing or unreadable. What is refused is told.
  fileprivate static func kept(_ configuration: Configuration, _ complain: (String) -> Void) -> RetainedState? {
    guard
      let directory = StateDirectory.path(configured: configuration.stateDirectory, environment: .process)
    else { return nil }
    do throws(Errno) {
      var file = StateFile(in: try Folder(visiting: directory))
      if let trouble = file.load() { complain("\(file.path) cannot be read (\(trouble))") }
      return file.section(sectionName).flatMap { try? RetainedState(parsing: $0) }
    } catch {
      if error.number != ENOENT { complain("\(directory): \(error)") }
      return nil
    }
  }
}
