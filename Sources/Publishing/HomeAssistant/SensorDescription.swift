internal import Decoders
internal import Meters

/// The description of one field for Home Assistant.
///
/// It is the entry of the vocabulary, adapted to the field and to the rules of Home Assistant.
struct SensorDescription: Equatable, Sendable {
  var label: String
  var deviceClass: String?
  var stateClass: String?
  /// The published symbol.
  var unit: String?
  /// All payloads of an enumeration; empty for any other field.
  var options: [String] = []
  /// The number of decimals that Home Assistant shows. The payload has all of them.
  var displayDecimals: Int?
  /// Whether it is a text of any length. Home Assistant refuses states of more than 255 characters.
  var isFreeText = false
  var isDiagnostic: Bool
  var isEnabled: Bool

  /// - Parameters:
  ///   - field: the field.
  ///   - medium: decides the class of a volume.
  ///   - tariffs: the tariffs of the meter's registers.
  ///   - version: the oldest Home Assistant that must accept the description; nil for the newest.
  init(
    _ field: FieldDescription, medium: Medium, tariffs: some Sequence<UInt16>, version: HomeAssistantSettings.Version?
  ) {
    let entry = field.key.name.entry
    // Past values, extremes and values during a fault are not running totals, and few users want them.
    let isCurrent = field.key.storage == 0 && field.key.function == .instantaneous
    label = field.label
    isDiagnostic = entry.isDiagnostic
    isEnabled = entry.isEnabled && isCurrent && field.key.phase == .none

    let vocabularyClass = field.key.name.deviceClass(of: medium)
    switch vocabularyClass {
    case _ where entry.isBinary: deviceClass = vocabularyClass
    case "enum":
      deviceClass = vocabularyClass
      options = field.key.name.options(tariffs: tariffs)
    case "timestamp" where !field.isNumber:
      deviceClass = field.isDate ? "date" : vocabularyClass
    case _ where field.isNumber:
      if let vocabularyClass, DeviceClass.accepts(vocabularyClass, field.unit, in: version) {
        deviceClass = vocabularyClass
      }
      stateClass = isCurrent || entry.stateClass == .measurement ? entry.stateClass.text : nil
      unit = field.unitSymbol.isEmpty ? nil : field.unitSymbol
      displayDecimals = field.unit == entry.unit ? entry.displayDecimals : nil
    default: isFreeText = true
    }
  }
}

extension FieldName {
  /// Home Assistant's `device_class` of a number in the vocabulary's unit.
  func deviceClass(of medium: Medium) -> String? {
    switch (self, medium) {
    case (.volume, .gas): "gas"
    case (.volume, .water): "water"
    default: entry.deviceClass.isEmpty ? nil : entry.deviceClass.description
    }
  }

  /// The payloads of an enumeration. A meter with tariffs has at least two of them.
  func options(tariffs: some Sequence<UInt16>) -> [String] {
    switch self {
    case .tariff: Set(tariffs).union([1, 2]).subtracting([0]).sorted().map { String($0) }
    case .breaker: ["disconnected", "connected", "ready"]
    case .valve: ["open", "closed"]
    default: []
    }
  }
}

extension FieldDescription {
  /// Whether a list has its level, or its name. A name does not mean values of the past, extremes and those of a fault.
  func isNamed(in list: Set<String>) -> Bool {
    guard !list.isEmpty else { return false }
    let isCurrent = key.storage == 0 && key.function == .instantaneous
    return list.contains(level) || (isCurrent && key.name != .code && list.contains(key.name.entry.name.description))
  }

  var platform: String { key.name.entry.isBinary ? "binary_sensor" : "sensor" }

  /// The English name: `Energy import L1 tariff 2 maximum history 1 unit 1`.
  package var label: String {
    // The code contains all suffixes.
    if key.name == .code { return "\(key.name.entry.label) \(level)" }
    var label = key.name.entry.label.description
    if key.phase != .none { label += " \(key.phase.name.uppercased())" }
    if key.tariff > 0 { label += " tariff \(key.tariff)" }
    switch key.function {
    case .instantaneous: break
    case .maximum: label += " maximum"
    case .minimum: label += " minimum"
    case .error: label += " during error"
    }
    if key.storage > 0 { label += " history \(key.storage)" }
    if key.subunit > 0 { label += " unit \(key.subunit)" }
    if key.ordinal > 0 { label += " (\(Int(key.ordinal) + 1))" }
    return label
  }
}

extension StaticString {
  fileprivate var isEmpty: Bool { utf8CodeUnitCount == 0 }
}
