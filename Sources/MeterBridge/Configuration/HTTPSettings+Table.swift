internal import Base
internal import HTTP
internal import Meters

/// The settings of windows while they are read, with the places that checks between sections need.
struct WindowsDraft: Sendable {
  var http = HTTPSettings()
  var udp: [UDPSettings] = []
  /// Ids of meters, and where they stand.
  var meters: [(id: String, at: Mark)] = []
  /// Addresses, and where they stand.
  var listeners: [(address: ListenAddress, at: Mark)] = []
}

extension Configuration {
  fileprivate static let httpSection = Section<WindowsDraft>(
    path: "http", name: "`http`",
    settings: [
      .value(
        "listen", .listenAddress, \.http.listen, default: "`\(HTTPSettings.usualAddress)`",
        "Where the server listens. Any address but `127.0.0.1` and `[::1]` needs a `password` or `token`, or `allow_anonymous: true`.",
        alsoCalled: ["address", "bind", "port", "host"]),
      .value(
        "username", .username, \.http.username, default: "`meterbridge`", "The user name that belongs to `password`.",
        alsoCalled: ["user", "login"]),
      .value(
        "password", .secret, \.http.password, default: "none",
        "The password for people. Browsers ask for it. It is never shown or logged.", alsoCalled: ["pass", "passwd"]),
      .value(
        "token", .token, \.http.token, default: "none",
        "The token for programs: they send `Authorization: Bearer TOKEN`. It is never shown or logged.",
        alsoCalled: ["bearer", "bearer_token", "api_key", "apikey"]),
      .hosts,
      .value(
        "allow_anonymous", .flag, \.http.allowsAnonymous, default: "`false`",
        "Answer everyone who reaches `listen`, without a password.", alsoCalled: ["anonymous", "no_auth"]),
      .value(
        "only_ingress", .flag, \.http.isOnlyForIngress,
        default: "`false`; as a Home Assistant app without a section `http` `true`",
        "Answer nobody but Home Assistant, which signs people in before it shows them the page (ingress).",
        alsoCalled: ["ingress"]),
      .value(
        "compat", .flag, \.http.hasCompatiblePages, default: "`true`",
        "Serve the pages of the tools that this program replaces, under `/compat/`.", alsoCalled: ["compatibility"]),
      .value(
        "root", .identifier(), \.http.root, default: "none: `/` is the status page",
        "The meter whose MBusPico document is on `/`."),
      .emulations,
    ],
    check: { draft, given, reader in
      if !given.has("listen") || given.isGood("listen") {
        draft.listeners.insert((draft.http.listen, given.value("listen")), at: 0)
      }
      if let root = draft.http.root { draft.meters.append((root, given.value("root"))) }
      checkAccess(draft.http, given, &reader)
    })

  private static func checkAccess(_ settings: HTTPSettings, _ given: GivenSettings, _ reader: inout SettingReader) {
    let hasSecret = given.has("password") || given.has("token")
    if given.has("username"), !given.has("password") {
      reader.add("`username` needs `password` beside it", at: given.key("username"))
    }
    if settings.allowsAnonymous, hasSecret {
      reader.add(
        "`allow_anonymous` lets everyone in, and a password or token does not: keep one of them",
        at: given.key("allow_anonymous"))
    }
    if given.isGood("listen"), !settings.listen.isLoopback, !hasSecret, !settings.allowsAnonymous,
      !settings.isOnlyForIngress
    {
      reader.add(
        "everyone in the network could read the meters: add `password` or `token`, or `allow_anonymous: true`",
        at: given.value("listen"))
    }
  }

  fileprivate static let emulationSection = Section<EmulationSettings>(
    path: "http.emulate", name: "an emulated meter",
    settings: [
      .value(
        "kind", .emulation, \.kind, default: nil, "The meter that the program pretends to be.", alsoCalled: ["type"]),
      .value("meter", .identifier(), \.meter, default: nil, "The meter whose values it shows.", alsoCalled: ["id"]),
      .value(
        "listen", .listenAddress, \.listen, default: nil,
        "An address and port of its own. Many clients want port 80. Everyone who reaches it may read the values.",
        alsoCalled: ["address", "bind", "port"]),
    ])

  fileprivate static let udpSection = Section<UDPSettings>(
    path: "udp", name: "a UDP sender",
    settings: [
      .value("meter", .identifier(), \.meter, default: nil, "The meter whose values are sent.", alsoCalled: ["id"]),
      .value(
        "to", .destination, \.destination, default: nil, "Where they are sent.",
        alsoCalled: ["host", "address", "target", "destination"]),
      .value(
        "format", .choice(UDPSettings.Format.allCases.map { ($0.rawValue, $0) }), \.format, default: "`mbuspico`",
        "What is sent.", alsoCalled: ["type"]),
      .value(
        "interval", .duration(0 ... .minutes(24 * 60)), \.interval, default: "`30s`",
        "How often; `0` sends each reading. Nothing is sent while the meter is offline.", alsoCalled: ["period"]),
    ])

  /// Checks windows against the meters and against each other; fills the windows of the configuration.
  static func checkWindows(_ draft: inout Draft, _ given: GivenSettings, _ reader: inout SettingReader) {
    if given.has("http") { draft.configuration.http = draft.windows.http }
    draft.configuration.udp = draft.windows.udp
    if draft.meters.allSatisfy({ $0.given.isGood("id") && $0.given.isGood("protocol") }) {
      let ids = draft.meters.map(\.settings.id)
      let parents = Set(draft.meters.lazy.map(\.settings).filter(\.meterProtocol.hasSubmeters).map(\.id))
      for use in draft.windows.meters
      where !ids.contains(use.id) && SubmeterNames.owner(of: use.id, among: parents) == nil {
        let meant = Suggestion.question(Suggestion.nearest(to: use.id, of: ids))
        reader.add("\(SettingReader.quoted(use.id)) is not the id of a meter\(meant)", at: use.at)
      }
    }
    for (index, listener) in draft.windows.listeners.enumerated() {
      guard let other = draft.windows.listeners[..<index].first(where: { $0.address.collides(with: listener.address) })
      else { continue }
      reader.add(
        "the server in line \(other.at.line) listens on that port already (\(other.address)); choose another one",
        at: listener.at)
    }
    checkPorts(draft, &reader)
  }
}

extension Setting<Configuration.Draft> {
  /// The section that starts the web server, even if it is empty.
  static let http = Setting(
    row: SettingRow(
      key: "http", value: "a group; `{}` for its defaults", fallback: "no server",
      meaning: "Shows the values to browsers and programs: [HTTP.md](HTTP.md).",
      otherNames: ["web", "api", "server", "prometheus"]),
    group: { Configuration.httpSection.groups + Configuration.emulationSection.groups },
    read: { node, draft, reader in
      Configuration.httpSection.read(node, into: &draft.windows, &reader) != nil
    })

  /// The list of UDP senders.
  static let udp = Setting(
    row: SettingRow(
      key: "udp", value: "a list of UDP senders", fallback: "none",
      meaning: "Sends the values of meters to other programs. Each sender is a `- ` with the settings below.",
      otherNames: ["loxone"]),
    group: { Configuration.udpSection.groups },
    read: { node, draft, reader in
      let start = UDPSettings(meter: "", destination: UDPDestination(host: "", port: 0))
      return reader.list(node, of: "udp", Configuration.udpSection, start) { sender, given in
        if given.isGood("meter") { draft.windows.meters.append((sender.meter, given.value("meter"))) }
        draft.windows.udp.append(sender)
      }
    })
}

extension Setting<WindowsDraft> {
  fileprivate static let emulations = Setting(
    row: SettingRow(
      key: "emulate", value: "a list of emulated meters", fallback: "none",
      meaning: "Shows meters under the interfaces of other makers. Each one is a `- ` with the settings below.",
      otherNames: ["emulation", "emulations"]),
    read: { node, draft, reader in
      let start = EmulationSettings(kind: .homewizard, meter: "", listen: HTTPSettings.usualAddress)
      return reader.list(node, of: "emulate", Configuration.emulationSection, start) { emulation, given in
        if given.isGood("meter") { draft.meters.append((emulation.meter, given.value("meter"))) }
        if given.isGood("listen") { draft.listeners.append((emulation.listen, given.value("listen"))) }
        draft.http.emulations.append(emulation)
      }
    })

  fileprivate static let hosts = Setting(
    row: SettingRow(
      key: "hosts", value: "a list of names", fallback: "none",
      meaning:
        "Names that browsers may call the server by, beside addresses, `localhost`, the name of this machine, and names that end in `.local` or `.lan`.",
      otherNames: ["host", "names", "allowed_hosts"])
  ) { node, draft, reader in
    guard let elements = reader.elements(node, of: "`hosts`", each: "each name") else { return false }
    let before = reader.mistakes.count
    draft.http.hosts = elements.compactMap { reader.value($0, of: "hosts", .host)?.lowercased() }
    return reader.mistakes.count == before
  }
}

extension SettingReader {
  /// A list of groups.
  ///
  /// - Parameters:
  ///   - node: the list.
  ///   - key: its name.
  ///   - section: what each group takes.
  ///   - start: the values before a group is read.
  ///   - take: takes a group, and where its values stand.
  /// - Returns: false after a mistake.
  fileprivate mutating func list<Target>(
    _ node: YAMLNode, of key: String, _ section: Section<Target>, _ start: Target,
    _ take: (Target, GivenSettings) -> Void
  ) -> Bool {
    guard let elements = elements(node, of: "`\(key)`", each: "the first key of each entry") else { return false }
    let before = mistakes.count
    for element in elements {
      var target = start
      if let given = section.read(element, into: &target, &self) { take(target, given) }
    }
    return mistakes.count == before
  }
}
