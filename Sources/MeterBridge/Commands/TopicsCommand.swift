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
      levels: "bridge/state", direction: .publishedAndKept, qos: 1,
      payload: "`online` or `offline`; also the will, which a connected bridge contradicts"),
    FixedTopic(
      levels: "bridge/info", direction: .publishedAndKept, qos: 1,
      payload: "JSON: version, time of start, meters, protocols"),
    FixedTopic(
      levels: "bridge/health", direction: .publishedAndKept, qos: 0,
      payload: "JSON each minute: uptime, counters of each meter and M-Bus, queue, reconnects, dead letters"),
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
    FixedTopic(
      levels: "accepted", direction: .published, qos: 0, payload: "a sentence: what came of `accept`"),
  ]

  /// Below `<root>/<id>/`, for meters with `state: true` and their sub-meters.
  static let flatState = [
    FixedTopic(
      levels: "state", direction: .publishedAndKept, qos: 1,
      payload: "JSON of the newest values as one flat object (only with `state: true`)")
  ]

  /// Below `<root>/<id>/`, for the polled meters of the configuration.
  static let polledMeter = [
    FixedTopic(
      levels: "read", direction: .subscribed, qos: 0, payload: "any payload: read this meter now (polled meters only)")
  ]

  /// - Parameters:
  ///   - configuration: what is to run.
  ///   - retained: from the state file; nil without one.
  /// - Returns: lines for standard output, the columns of the topics aligned.
  static func run(configuration: Configuration, retained: RetainedState?) -> String {
    var page = TopicsPage(configuration: configuration, devices: retained?.devices ?? [])
    page.writeTopics()
    page.writeDiscovery()
    return page.text
  }
}

private struct TopicsPage {
  /// Lines: one cell for a sentence or a message, four for a topic.
  private var rows: [[String]] = []
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
      write(meter.id, of: meter, fields: own?.fields ?? [])
      if own == nil {
        rows.append([
          "Not read yet: its fields, its sub-meters and its discovery message are known after the first telegram."
        ])
      }
      for entry in entries where entry.device.parent == meter.id {
        heading("Meter \(entry.device.id) (\(entry.device.medium.name), behind \(meter.id))")
        write(entry.device.id, of: meter, fields: entry.fields)
      }
    }
    for entry in orphans {
      heading("Meter \(entry.device.id)")
      rows.append(["No longer in the configuration: its retained topics are taken away at the next start."])
    }
    if !configuration.homeAssistant.discovery.isEmpty {
      heading("Home Assistant")
      write(configuration.homeAssistant.birthTopic, "subscribed", "0", "`online`: everything is published again")
    }
  }

  /// The topics of a meter, or of a sub-meter behind it.
  private mutating func write(_ id: String, of meter: MeterSettings, fields: [FieldDescription]) {
    var topics = TopicsCommand.everyMeter
    if meter.publishesState { topics += TopicsCommand.flatState }
    if meter.isPolled, id == meter.id { topics += TopicsCommand.polledMeter }
    for topic in topics { write(topic, below: "\(root)/\(id)") }
    let isListed = fields.contains { $0.level == FieldDescription.lastTelegram.level }
    for field in isListed ? fields : fields + [.lastTelegram] where !field.isState {
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

  private mutating func heading(_ text: String) { rows += [[""], [text]] }

  private mutating func write(_ topic: String, _ retained: String, _ qos: String, _ payload: String) {
    rows.append([topic, retained, qos, payload])
  }

  /// The columns of topics are as wide as what is in them.
  var text: String {
    let tables = rows.filter { $0.count > 1 }
    let widths = (0..<3).map { column in tables.map { $0[column].count }.max() ?? 0 }
    let lines = rows.map { row in
      (zip(row, widths).map { row.count > 1 ? $0.padded(to: $1) : $0 } + row.dropFirst(3)).joined(separator: "  ")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  // MARK: Discovery

  mutating func writeDiscovery() {
    guard !configuration.homeAssistant.discovery.isEmpty else {
      heading("No discovery messages: `home_assistant: {discovery: false}`.")
      return
    }
    let discovery = Discovery(configuration.homeAssistant, baseTopic: root)
    heading("Discovery messages (retained, QoS 1)")
    if discovery.forms.contains(.device) { write(discovery.bridgeTopic, discovery.bridgeDocument()) }
    if discovery.forms.contains(.classic) { discovery.bridgeDocuments.forEach { write($0.topic, $0.document) } }
    var order: [(entry: RetainedState.Entry, meter: MeterSettings)] = []
    for meter in configuration.meters {
      let own = entries.filter { $0.device.id == meter.id } + entries.filter { $0.device.parent == meter.id }
      for var entry in own {
        // The state file has the name of the last run; the configuration may have another by now.
        entry.device.name = meter.name(of: entry.device.id)
        order.append((entry, meter))
      }
    }
    let names = DeviceNames(order.map(\.entry.device))
    for (entry, meter) in order {
      writeDocuments(of: names.named(entry.device), fields: entry.fields, meter, discovery)
    }
  }

  private mutating func writeDocuments(
    of device: Device, fields: [FieldDescription], _ meter: MeterSettings, _ discovery: Discovery
  ) {
    let button = Discovery.ReadButton(of: device, isPolled: meter.isPolled)
    let enabling = meter.enabled
    if discovery.forms.contains(.device) {
      let document = discovery.document(
        for: device, fields: fields, removing: [], enabling: enabling, button: button)
      write(discovery.topic(device: device.id), document)
    }
    guard discovery.forms.contains(.classic) else { return }
    let entities = Discovery.entities(of: fields)
    for field in entities {
      let document = discovery.document(of: field, for: device, among: entities, enabling: enabling)
      write(discovery.topic(device: device.id, field: field), document)
    }
    if button == .shown { write(discovery.buttonTopic(device: device.id), discovery.buttonDocument(for: device)) }
  }

  private mutating func write(_ topic: String, _ document: [UInt8]) {
    rows.append(["\(topic) \(String(decoding: document, as: UTF8.self))"])
  }
}

extension Command {
  /// Prints every topic.
  static let topics = Command(
    name: "topics", options: [.config, .program],
    summary: "print every topic and discovery message",
    details: """
      What `run` publishes with this configuration: the topics of the bridge and of every
      meter, and the discovery documents of those meters that have been read before. What
      has been read is in the daemon's state directory; root beside the service gets the
      service's.

      With --for it prints a ready-made configuration of another program for your own
      meters, once they have been read. What to know about it is on standard error.
      """
  ) { arguments, console in
    let program = arguments[.program].flatMap(SnippetProgram.init(rawValue:))
    do throws(ConfigurationError) {
      let configuration = try Configuration.ofDaemon(arguments.configuration)
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
  static func kept(_ configuration: Configuration, _ complain: (String) -> Void) -> RetainedState? {
    guard
      let directory = StateDirectory.path(configured: configuration.stateDirectory, environment: .process)
    else { return nil }
    do throws(Errno) {
      let folder = try Folder(visiting: directory)
      guard StateDirectory.isUsed(folder) else {
        complain(StateDirectory.unused(directory))
        return nil
      }
      var file = StateFile(in: folder)
      if let trouble = file.load() { complain("\(file.path) cannot be read (\(trouble))") }
      return file.section(sectionName).flatMap { try? RetainedState(parsing: $0) }
    } catch {
      complain(error.number == ENOENT ? StateDirectory.unused(directory) : "\(directory): \(error)")
      return nil
    }
  }
}
