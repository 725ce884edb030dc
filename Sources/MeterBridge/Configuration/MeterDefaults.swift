internal import Base
internal import Decoders
internal import Meters

/// Settings of the meters of a group that do not have their own.
///
/// The top of a file and each group in `meters` have `defaults` and `meters`: a group is a bus, or meters that are alike.
/// The defaults of an inner group come before those around it.
struct MeterDefaults {
  private var entries: [YAMLNode.Entry] = []

  /// Writes the defaults into each meter, and the groups out.
  ///
  /// - Parameters:
  ///   - root: the tree of the whole configuration.
  ///   - reader: takes the mistakes in defaults, once and not with each meter.
  /// - Returns: a tree in which `meters` is a plain list.
  static func spread(in root: YAMLNode, _ reader: inout SettingReader) -> YAMLNode {
    guard case .mapping(var entries) = root.content else { return root }
    var defaults = MeterDefaults()
    if let given = entries.first(where: { $0.key.isWord("defaults") }) { defaults.take(given.value, &reader) }
    if let place = entries.firstIndex(where: { $0.key.isWord("meters") }) {
      entries[place].value = defaults.spread(over: entries[place].value, &reader)
    }
    var spread = root
    spread.content = .mapping(entries)
    return spread
  }

  /// A list of meters and groups as a list of meters. What is not a list stays, and is told when the meters are read.
  private func spread(over list: YAMLNode, _ reader: inout SettingReader) -> YAMLNode {
    guard case .sequence(let elements) = list.content else { return list }
    var meters: [YAMLNode] = []
    for element in elements {
      if element.isGroup {
        meters += members(of: element, &reader)
      } else {
        meters.append(applied(to: element))
      }
    }
    var spread = list
    spread.content = .sequence(meters)
    return spread
  }

  private func members(of group: YAMLNode, _ reader: inout SettingReader) -> [YAMLNode] {
    let name = "a group of meters"
    guard let entries = reader.entries(group, of: name, takes: ["defaults", "meters"]) else { return [] }
    var defaults = self
    var seen: [String: Mark] = [:]
    var list: YAMLNode?
    for entry in entries {
      guard let key = reader.key(entry.key) else { continue }
      if let first = seen.updateValue(entry.key.at, forKey: key) {
        let line = reader.line(of: first, from: entry.key.at)
        reader.add("`\(key)` stands here a second time; the first is in \(line)", at: entry.key.at)
        continue
      }
      switch key {
      case "defaults": defaults.take(entry.value, &reader)
      case "meters": list = entry.value
      default:
        reader.add("unknown key \(SettingReader.quoted(key)); \(name) takes defaults, meters", at: entry.key.at)
      }
    }
    guard let list else {
      reader.add("`meters` is missing: a list of meters", at: group.firstKey)
      return []
    }
    guard reader.elements(list, of: "`meters`", each: MeterSettings.eachMeter) != nil,
      case .sequence(let meters) = defaults.spread(over: list, &reader).content
    else { return [] }
    return meters
  }

  /// Takes the right ones of a group of settings; those that were there before come after them.
  private mutating func take(_ node: YAMLNode, _ reader: inout SettingReader) {
    var scratch = MeterSettings.unnamed
    guard let given = Self.section.read(node, into: &scratch, &reader), case .mapping(let own) = node.content else {
      return
    }
    let good = own.filter { entry in given.places.contains { $0.value.key == entry.key.at && $0.value.isGood } }
    entries = good + entries.filter { outer in !good.contains { $0.key.content == outer.key.content } }
  }

  /// The settings of a meter but those that are its own.
  private static let section: Section<MeterSettings> = {
    var section = MeterSettings.section
    section.path = "defaults"
    section.name = "`defaults`"
    section.settings.removeAll { ["id", "name", "address"].contains($0.row.key) }
    section.isWhole = false
    return section
  }()

  /// A meter with the defaults that it has not set itself, and that fit its protocol and source.
  private func applied(to meter: YAMLNode) -> YAMLNode {
    guard !entries.isEmpty, case .mapping(let own) = meter.content else { return meter }
    let missing = entries.filter { entry in !own.contains { $0.key.content == entry.key.content } }
    var whole = meter
    whole.content = .mapping(own + missing)
    let known = whole.word(of: "protocol").flatMap(ProtocolDescription.init(named:))
    let source = whole.word(of: "source").flatMap { try? ValueFormat<SourceAddress>.source.parse($0) }
    let fitting = missing.filter { $0.fits(known, source) }
    whole.content = .mapping(own + fitting)
    return whole
  }
}

extension YAMLNode {
  /// Whether an element of `meters` is a group.
  fileprivate var isGroup: Bool {
    guard case .mapping(let entries) = content else { return false }
    return entries.contains { $0.key.isWord("meters") || $0.key.isWord("defaults") }
  }

  fileprivate var firstKey: Mark {
    guard case .mapping(let entries) = content, let first = entries.first else { return at }
    return first.key.at
  }
}

extension YAMLNode.Entry {
  /// The keys that only some protocols have.
  private static let ofProtocols = Set(ProtocolDescription.configurable.flatMap(\.settings))

  /// Whether a default is for a meter of this protocol and source. Those that are not known yet are told to the user.
  fileprivate func fits(_ meterProtocol: ProtocolDescription?, _ source: SourceAddress?) -> Bool {
    guard case .scalar(let key, _) = self.key.content else { return true }
    if key == "line" { return source?.hasLine ?? true }
    guard let meterProtocol, Self.ofProtocols.contains(key) else { return true }
    guard meterProtocol.settings.contains(key) else { return false }
    guard key == "profile", case .scalar(let profile, _) = value.content else { return true }
    return meterProtocol.profiles.contains(profile)
  }
}
