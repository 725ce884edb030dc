internal import Base
internal import Meters
internal import MQTT
internal import Publishing

extension Configuration {
  /// A configuration while it is read, with the places for checks between meters.
  struct Draft: Sendable {
    struct Meter: Sendable {
      var settings: MeterSettings
      var given: GivenSettings
    }

    var configuration = Configuration()
    var meters: [Meter] = []
    var windows = WindowsDraft()
  }

  /// Every group of settings, for suggestions and for the documentation.
  static let groups = root.groups

  /// Valid for the whole file, at any place in it.
  static let allowReadableSecrets = "allow_readable_secrets"

  /// The top of the file.
  static let root = Section<Draft>(
    path: "", name: "the top of the file",
    settings: [
      .group(
        "mqtt", mqttSection, \.configuration.mqtt, default: "a broker on this machine",
        "The broker and the connection to it."),
      .group(
        "home_assistant", homeAssistantSection, \.configuration.homeAssistant, default: "discovery is on",
        "How Home Assistant finds the meters."),
      .meters,
      .readBefore(
        "defaults", "a group: the settings of a meter but `id`, `name` and `address`", default: "none",
        "Settings of all meters that do not have their own. A group in `meters` can have such defaults, too."),
      .readBefore(
        "include", "a path, or a list of paths", default: "none",
        "Files with more meters, or folders of them: each file in it that ends in `.yaml` or `.yml`.",
        alsoCalled: ["includes", "import", "conf_d"]),
      .http,
      .udp,
      .path(
        "state_directory", \.configuration.stateDirectory, isFile: false,
        default: "`$STATE_DIRECTORY`, else `$XDG_STATE_HOME/meterbridge`, else `~/.local/state/meterbridge`",
        "The folder for dead letters, the journal and all other state."),
      .value(
        allowReadableSecrets, .flag, \.configuration.allowsReadableSecrets, default: "`false`",
        "Accept keys and passwords from files that other users of the machine can read."),
      .value(
        "log_level", .choice(LogLevel.named, alsoCalled: ["warn": "warning", "err": "error", "trace": "debug"]),
        \.configuration.logLevel, default: "`notice`",
        "The least important messages that are still logged. `info` adds a line for each telegram and poll, `debug` all "
          + "bytes in both directions in hexadecimal, without keys and passwords.",
        alsoCalled: ["loglevel", "log", "verbosity", "logging"]),
      .group(
        "limits", limitsSection, \.configuration, default: "see below", "Limits that a large installation may raise."),
    ],
    check: { draft, given, reader in
      checkMeters(&draft, given, &reader)
      checkWindows(&draft, given, &reader)
    })

  private static let limitsSection = Section<Configuration>(
    path: "limits", name: "`limits`",
    settings: [
      .value(
        "meters", .whole(1...Limits.mostMeters, of: "meters"), \.meterLimit, default: "\(Limits.meters)",
        "How many meters the file may name."),
      .value(
        "journal_megabytes", .whole(1...Limits.mostJournalMegabytes, of: "megabytes"), \.journal.megabytes,
        default: "\(JournalSettings().megabytes)",
        "The largest size of the journal of undelivered readings. Beyond it the oldest are dropped.",
        alsoCalled: ["journal", "journal_size"]),
      .value(
        "replay_per_second", .whole(1...1000, of: "readings a second"), \.journal.replayPerSecond,
        default: "\(JournalSettings().replayPerSecond)",
        "How fast each meter's undelivered readings go out when the broker is back.", alsoCalled: ["replay", "pace"]),
    ])

  private static let mqttSection = Section<MQTTSettings>(
    path: "mqtt", name: "`mqtt`",
    settings: [
      .value(
        "host", .host, \.host, default: "`localhost`", "The broker.",
        alsoCalled: ["broker", "server", "address", "hostname", "url", "ip"]),
      .value("port", .port, \.port, default: "`1883`, with `tls` `8883`", "Its port."),
      .hosts,
      .value(
        "username", .text("a text"), \.username, default: "none", "The user name at the broker.",
        alsoCalled: ["user", "login"]),
      .value(
        "password", .secret, \.password, default: "none", "The password of `username`. It is never shown or logged.",
        alsoCalled: ["pass", "passwd"]),
      .value(
        "client_id", .clientID, \.clientID, default: "`meterbridge-` and 8 digits that tell machines apart",
        "Each program at the broker needs its own.", alsoCalled: ["clientid", "client"]),
      .tls,
      .value(
        "keepalive", .duration(.seconds(5) ... .seconds(65_535)), \.keepAlive, default: "`30s`",
        "How long the connection may be silent. A lost broker is noticed after 1.5 times this.",
        alsoCalled: ["keep_alive"]),
      .value(
        "base_topic", .topic, \.baseTopic, default: "`meterbridge`", "The first level of every topic.",
        alsoCalled: ["topic", "topic_prefix", "prefix", "root", "base"]),
      .value(
        "protocol_version", .choice([("auto", .detect), ("5", .five), ("3.1.1", .threeOneOne)]), \.protocolVersion,
        default: "`auto`", "MQTT 5 or 3.1.1; `auto` tries 5 first.", alsoCalled: ["version", "protocol"]),
      .value(
        "max_packet_size", .whole(1024...268_435_455, of: "bytes"), \.maximumPacketSize,
        default: "what the broker announces",
        "The largest packet to send, if the broker has a limit and does not announce it."),
      .value(
        "replay_after", .duration(0...Limits.longestReplayAfter), \.replayAfter, default: "`15s`",
        "How long the readings of an outage wait after a connect, so that subscribers are back. With `0s` they go out at once and do not wait for a subscriber at all.",
        alsoCalled: ["replay_delay", "replay"]),
    ],
    check: { settings, given, reader in
      if given.has("password"), !given.has("username") {
        reader.add("`password` needs `username` beside it", at: given.key("password"))
      }
      if given.has("host"), given.has("hosts") {
        reader.add(
          "`host` and `hosts` exclude each other: put the broker of `host` into the list", at: given.key("hosts"))
      }
      if given.isGood("password"), settings.tls == nil, !settings.isOnThisMachine {
        reader.warn(
          "the password goes to \(settings.hosts.isEmpty ? settings.host : "these brokers") unencrypted, for everyone on the way to read; `tls` protects it",
          at: given.key("password"))
      }
    })

  fileprivate static let tlsSection = Section<TLSSettings>(
    path: "mqtt.tls", name: "`tls`",
    settings: [
      .path(
        "ca_file", \.authorityFile, isFile: true, default: "the system's certificates",
        "The certificate (PEM) of the authority that signed the broker's.", alsoCalled: ["ca", "cafile", "ca_cert"]),
      .path(
        "cert_file", \.certificateFile, isFile: true, default: "none",
        "A certificate (PEM) to log in with.", alsoCalled: ["cert", "certfile", "certificate"]),
      .path(
        "key_file", \.keyFile, isFile: true, isSecret: true, default: "none", "The private key (PEM) of `cert_file`.",
        alsoCalled: ["key", "keyfile"]),
      .value(
        "insecure", .flag, \.isInsecure, default: "`false`",
        "Accept any certificate. Others on the way can then read and change everything."),
    ],
    check: { _, given, reader in
      for (one, other) in [("cert_file", "key_file"), ("key_file", "cert_file")]
      where given.has(one) && !given.has(other) {
        reader.add("`\(one)` needs `\(other)` beside it", at: given.key(one))
      }
    })

  private static let homeAssistantSection = Section<HomeAssistantSettings>(
    path: "home_assistant", name: "`home_assistant`",
    settings: [
      .value(
        "discovery", .discoveryForms, \.discovery, default: "`device`",
        "Announce every meter and field: `device` in one message for each device (Home Assistant), `classic` in one for "
          + "each field (Domoticz, openHAB before 2026), or `both`. `false` announces nothing; `true` means `device`.",
        alsoCalled: ["enabled", "enable"]),
      .value(
        "prefix", .topic, \.prefix, default: "`homeassistant`", "The discovery prefix set in Home Assistant.",
        alsoCalled: ["discovery_prefix", "discovery_topic"]),
      .value(
        "birth_topic", .topic, \.birthTopic, default: "`homeassistant/status`",
        "The topic on which Home Assistant announces its start.", alsoCalled: ["status_topic"]),
      .value(
        "node_id", .identifier(), \.nodeID, default: "`meterbridge`",
        "The start of all device ids. A new value makes new devices, without the history of the old ones."),
      .value(
        "qos", .choice([("0", 0), ("1", 1)]), \.qos, default: "`0`",
        "The QoS with which Home Assistant subscribes to the entities. Their topics are retained and sent again, so `0` loses nothing, and every broker allows many of them."
      ),
      .value(
        "compatibility", .homeAssistantVersion, \.compatibility, default: "the newest",
        "The oldest Home Assistant to support. Discovery leaves out what that version refuses.",
        alsoCalled: ["version"]),
      .value(
        "repair",
        .choice(
          HomeAssistantSettings.Repair.allCases.map { ($0.rawValue, $0) },
          alsoCalled: ["true": "on", "false": "off", "dry": "dry_run"]),
        \.repair, default: "`off`",
        "Put the hours of an outage back into the statistics: [STATISTICS.md](STATISTICS.md). `dry_run` only logs what would be written.",
        alsoCalled: ["repair_statistics", "statistics"]),
      .value(
        "url", .homeAssistantURL, \.url, default: "as a Home Assistant app its own, else none",
        "Where Home Assistant is, for `repair`.", alsoCalled: ["address", "host"]),
      .value(
        "token", .homeAssistantToken, \.token, default: "as a Home Assistant app its own, else none",
        "A long-lived access token of an administrator, for `repair`. It is never shown or logged.",
        alsoCalled: ["access_token", "password"]),
      .path(
        "ca_file", \.authorityFile, isFile: true, default: "the system's certificates",
        "The certificate (PEM) of the authority that signed Home Assistant's, for `https`.",
        alsoCalled: ["ca", "cafile"]),
    ],
    check: { settings, given, reader in checkRepair(settings, given, &reader) })

  private static func checkRepair(
    _ settings: HomeAssistantSettings, _ given: GivenSettings, _ reader: inout SettingReader
  ) {
    if given.isGood("repair"), settings.repair != .off {
      for key in ["url", "token"] where !given.has(key) {
        reader.add("`repair` needs `\(key)` beside it", at: given.key("repair"))
      }
      if settings.discovery.isEmpty {
        reader.add("`repair` needs `discovery`, for it finds the entities by their ids", at: given.key("repair"))
      }
    }
    if given.isGood("token"), let address = settings.url.flatMap({ HomeAssistantAddress($0) }), !address.hasTLS,
      !address.isOnThisMachine
    {
      reader.warn(
        "the token goes to \(address.authority) unencrypted, for everyone on the way to read; `https` protects it",
        at: given.key("token"))
    }
  }
}

extension Setting<MQTTSettings> {
  /// A group that switches TLS on, even if it is empty.
  fileprivate static let tls = Setting(
    row: SettingRow(
      key: "tls", value: "a group; `{}` for its defaults", fallback: "no TLS",
      meaning: "Encrypts the connection and checks who the broker is.", otherNames: ["ssl"]),
    group: { Configuration.tlsSection.groups },
    read: { node, target, reader in
      if case .scalar(let word, isPlain: true) = node.content, ["false", "no", "off"].contains(word.lowercased()) {
        reader.add("leave `tls` out for a connection without TLS", at: node.at)
        return false
      }
      var settings = TLSSettings()
      defer { target.tls = settings }
      return Configuration.tlsSection.read(node, into: &settings, &reader) != nil
    })
}

extension LogLevel {
  static let named: [(name: String, value: LogLevel)] = allCases.map { ($0.name, $0) }
}
