internal import Base
internal import Meters
internal import Platform

extension Setting<Configuration.Draft> {
  /// The list of meters.
  static let meters = Setting(
    row: SettingRow(
      key: "meters", value: "a list of meters", fallback: nil,
      meaning: "Each meter is a `- ` with the settings below, or a group of meters with `defaults` and `meters`.",
      otherNames: ["meter", "devices", "sensors"]),
    group: { MeterSettings.section.groups },
    read: { node, draft, reader in
      guard let elements = reader.elements(node, of: "`meters`", each: MeterSettings.eachMeter) else { return false }
      for element in elements {
        var meter = Configuration.Draft.Meter(settings: .unnamed, given: GivenSettings(at: element.at))
        guard let given = MeterSettings.section.read(element, into: &meter.settings, &reader) else { continue }
        meter.given = given
        draft.meters.append(meter)
      }
      if elements.isEmpty { reader.add("`meters` is empty: name at least one meter", at: node.at) }
      return true
    })
}

extension MeterSettings {
  /// What `- ` stands before in a list of meters.
  static let eachMeter = "the first key of each meter"

  /// The start value for reading a meter.
  static let unnamed = MeterSettings(
    id: "", meterProtocol: .p1, source: .standardInput, sourceText: "-")

  /// One meter: the same table for the file and for `decode --set`.
  static let section = Section<MeterSettings>(
    path: "meters", name: "a meter",
    settings: [
      .value(
        "id", .identifier(butNot: "bridge"), \.id, default: nil,
        "The second level of its topics, and part of its entity ids.",
        alsoCalled: ["identifier"]),
      .value(
        "name", .text("a text"), \.name, default: "maker and model, else the id", "The name in Home Assistant.",
        alsoCalled: ["label", "title", "friendly_name"]),
      .subMeters,
      .value(
        "protocol", .meterProtocol, \.meterProtocol, default: nil, "The protocol of the meter.",
        alsoCalled: ["type", "driver", "kind", "platform"]),
      .source,
      .value(
        "forward", .topic, \.forward, default: "not at all",
        "A topic that its telegrams are sent on to, as they came. Another program reads them there with the source `mqtt:TOPIC`; see BROKERS.md.",
        alsoCalled: ["forward_topic", "raw_topic", "telegram_topic"]),
      .value(
        "line", .line, \.line, default: "from the protocol and the meter's version",
        "Settings of a serial port, here or in a gateway (`rfc2217://`).",
        alsoCalled: ["baud", "baudrate", "baud_rate", "serial", "parity", "line_settings"]),
      .address,
      .receiver,
      .mode,
      .maximumBaud,
      .wake,
      .value(
        "interval", .duration(0 ... .minutes(31 * 24 * 60)), \.interval,
        default:
          "M-Bus electricity `15s`, D0 electricity `60s`, other M-Bus and D0 `15m`; B-route `30s`, its energies `5m`; pages `5s`; others as they send",
        "How often a meter is polled or a page is fetched, at least `1s`. For a meter that pushes: how often it should send. After three intervals without a telegram it is offline.",
        alsoCalled: ["scan_interval", "update_interval", "poll_interval", "polling_interval", "poll", "period"]),
      .nke,
      .value(
        "retries", .whole(0...9, of: "retries"), \.polling.retries, default: "`2`",
        "M-Bus: how often a request without a good answer is repeated, before SND_NKE and a last try.",
        alsoCalled: ["retry", "tries", "repeats"]),
      .value(
        "pause", .duration(0 ... .seconds(10)), \.polling.pause, default: "33 bit times",
        "M-Bus: the silence before each further request to this meter, for a meter that needs longer.",
        alsoCalled: ["delay", "wait", "quiet"]),
      .value(
        "backoff", .flag, \.polling.backsOff, default: "`true` without `interval`, else `false`",
        "M-Bus, not electricity: poll a meter half as often after four readouts with the same totals, and a quarter as often after four more, until a total moves.",
        alsoCalled: ["back_off", "save_battery"]),
      .readout,
      .readoutBaud,
      .profile,
      .value(
        "key", .meterKey, \.key, default: "none: telegrams in plain",
        "DLMS and enciphered P1: the key that the operator gives out.",
        alsoCalled: ["encryption_key", "decryption_key", "guek", "enc_key", "aes_key"]),
      .value(
        "auth_key", .meterKey, \.authenticationKey, default: "none: tags are not checked",
        "DLMS and enciphered P1: the second key, where the operator gives one.",
        alsoCalled: ["authentication_key", "gak", "authkey"]),
      .value(
        "system_title", .systemTitle, \.systemTitle, default: "from the telegram",
        "DLMS and enciphered P1: for meters that do not send it."),
      .value(
        "allow_plain", .flag, \.allowsPlain, default: "`false`",
        "DLMS and enciphered P1: believe telegrams in plain although the meter has a `key`, for meters that mix."),
      .value(
        "ignore_crc", .flag, \.ignoresChecksums, default: "`false`",
        "DLMS: accept frames with a wrong checksum, for adapters that damage it."),
      .scalers,
      .value(
        "route_b_id", .bRouteIdentifier, \.bRouteIdentifier, default: "B-route meters must have it",
        "ECHONET Lite: the id in the letter about the B-route, with or without its blanks. It is never shown or logged.",
        alsoCalled: ["rbid", "route_b_identifier", "b_route_id", "broute_id", "authentication_id", "auth_id"]),
      .value(
        "password", .bRoutePassword, \.password, default: "B-route meters must have it",
        "ECHONET Lite: the password of the B-route. It is never shown or logged.",
        alsoCalled: ["pwd", "route_b_password", "b_route_password", "broute_password", "pass"]),
      .time(
        "heartbeat", .seconds(1) ... .minutes(24 * 60), \.heartbeat, \.heartbeat, default: "`5m`",
        "Publish an unchanged value again after this time."),
      .time(
        "min_interval", 0 ... .minutes(24 * 60), \.minimumInterval, \.minimumInterval, default: "`10s`",
        "Publish a value at most this often; `0` means every telegram. The newest value follows when the time is over.",
        alsoCalled: ["throttle", "minimum_interval"]),
      .deadBand,
      .rounding,
      .units,
      .enable,
      .value(
        "state", .flag, \.publishesState, default: "`false`",
        "Publish the newest values as one flat JSON object on `…/state` too, for databases and flows.",
        alsoCalled: ["flat", "json", "state_topic", "flat_json"]),
      .value(
        "utc_offset", .utcOffset, \.utcOffset, default: "from the telegram, else this machine's standard time",
        "The offset of the meter's clock.", alsoCalled: ["timezone", "time_zone", "tz", "offset"]),
      .value(
        "factor", .factor, \.factor, default: "`1`",
        "The ratio of the transformers, or the worth of a pulse. It multiplies energies, volumes, powers and flows.",
        alsoCalled: ["ratio", "multiplier", "scale"]),
      .value(
        "max_power", .power, \.maximumPower, default: "`100kW` for electricity, else none",
        "The most that the connection can carry. An energy that rises faster is held back.",
        alsoCalled: ["maximum_power", "peak_power", "power_max"]),
    ],
    check: { meter, given, reader in meter.check(given, &reader) })

  /// Checks the settings of one meter against each other.
  private func check(_ given: GivenSettings, _ reader: inout SettingReader) {
    if given.isGood("protocol") { checkProtocol(given, &reader) }
    checkReadout(given, &reader)
    checkAddress(given, &reader)
    checkMode(given, &reader)
    guard given.isGood("source") else { return }
    if !source.hasLine, given.has("line") {
      reader.add("`line` is for serial ports and rfc2217://; this source is not one", at: given.key("line"))
    }
    if given.isGood("protocol"), let mistake = sourceMistake { reader.add(mistake, at: given.value("source")) }
    if let interval { check(interval, given, &reader) }
  }

  /// Why the protocol cannot be had from this source; nil if it can.
  private var sourceMistake: String? {
    switch source {
    case .udp where meterProtocol.receiver != nil:
      guard source.listening == nil else { return nil }
      return "must be an address of this machine that gateways send to: udp-listen://0.0.0.0:PORT"
    case .udp where meterProtocol.dialogue == nil || !meterProtocol.sharesLine:
      let remedy = meterProtocol.dialogue == nil ? "; gateways send to udp-listen://" : ""
      return "udp:// is for M-Bus meters, which are polled; this one speaks \(meterProtocol.name)\(remedy)"
    case .udp("", _): return "has no name or address of a machine in it: udp://HOST:PORT"
    case .listen where meterProtocol.dialogue != nil && (meterProtocol != .d0 || opticalPort.mode != .push):
      let remedy = meterProtocol == .d0 ? "; one that pushes has `mode: push`" : ""
      return "\(meterProtocol.meter) is asked, and cannot be behind a port that gateways connect to: "
        + "tcp://HOST:PORT\(remedy)"
    default: return nil
    }
  }

  /// A polled meter needs time to answer.
  private func check(_ interval: Milliseconds, _ given: GivenSettings, _ reader: inout SettingReader) {
    let mark = given.value("interval")
    if given.isGood("protocol"), isAsked {
      if interval < .seconds(1) {
        reader.add("\(meterProtocol.meter) is asked once a second at most: at least 1s", at: mark)
      }
    } else if case .http = source {
      if interval < .seconds(1) { reader.add("a page is fetched once a second at most: at least 1s", at: mark) }
    } else if interval == 0 {
      reader.add("no meter sends without a pause: at least 1ms", at: mark)
    }
  }

  /// Takes `NAME=VALUE`, where NAME is any key that a meter may have, `units.energy` for one of a group.
  ///
  /// - Parameters:
  ///   - assignments: as on the command line.
  ///   - environment: the process's.
  /// - Returns: what is wrong with them, nothing where all are right.
  mutating func apply(_ assignments: [String], environment: Environment = .process) -> [String] {
    var wrong: [String] = []
    for assignment in assignments {
      guard let sign = assignment.firstIndex(of: "="), sign > assignment.startIndex else {
        wrong.append("--set \(SettingReader.quoted(assignment)): write NAME=VALUE")
        continue
      }
      let name = assignment[..<sign]
      let start = Mark(line: 1, column: 1)
      let value = String(assignment[assignment.index(after: sign)...])
      var node = YAMLNode(content: .scalar(value, isPlain: false), at: start)
      for key in name.split(separator: ".", omittingEmptySubsequences: false).reversed() {
        let key = YAMLNode(content: .scalar(String(key), isPlain: false), at: start)
        node = YAMLNode(content: .mapping([.init(key: key, value: node)]), at: start)
      }
      var reader = SettingReader(environment: environment)
      Self.loose.read(node, into: &self, &reader)
      wrong += reader.mistakes.map { "--set \(name): \($0.message)" }
    }
    return wrong
  }

  /// The table for one setting at a time.
  private static let loose: Section<MeterSettings> = {
    var loose = section
    loose.isWhole = false
    return loose
  }()
}

extension Setting<MeterSettings> {
  /// The source, with its text for logs.
  fileprivate static let source = Setting(
    row: SettingRow(
      key: "source", value: ValueFormat<SourceAddress>.source.described, fallback: nil,
      meaning:
        "Where its telegrams come from. Use the `by-id` path of a serial adapter: it stays the same. `tcp://` is a gateway, with or without Telnet; `rfc2217://` also sets its serial port. `udp://` is an M-Bus gateway that takes datagrams. `tcp-listen://` and `udp-listen://` are ports of this machine that gateways connect or send to; without an address, only programs on this machine can. `mqtt:TOPIC` takes the telegrams that others publish at the broker; `+` in it stands for the ids of meters.",
      otherNames: ["port", "device", "path", "url", "uri", "host", "serial_port", "tty"])
  ) { node, meter, reader in
    guard let written = reader.text(node, of: "`source`"), let source = reader.value(node, of: "source", .source)
    else { return false }
    meter.sourceText = written.text
    meter.source = source
    switch source {
    case .file(let path): meter.source = .file(path: reader.resolve(path))
    case .http(let page):
      meter.sourceText = page.shown
      if page.isSecret { return reader.keepsSecret(node, of: "`source`") }
    case .listen: meter.sourceText = source.name
    case .serial, .tcp, .rfc2217, .udp, .mqtt, .standardInput: break
    }
    return true
  }
}
