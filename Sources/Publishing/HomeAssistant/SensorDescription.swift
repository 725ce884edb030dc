internal import Decoders
internal import Meters

/// The description of one field for Home Assistant, before it is written: the entry of the vocabulary, adapted to the field
/// and to what Home Assistant accepts.
struct SensorDescription: Equatable, Sendable {
  var label: String
  var deviceClass: String?
  var stateClass: String?
  /// Symbol as published.
  var unit: String?
  /// All payloads of an enumeration; empty for anything else.
  var options: [String] = []
  /// Decimals shown; the payload keeps all of them.
  var displayDecimals: Int?
  /// A text of any length; Home Assistant refuses states of more than 255 characters.
  var isFreeText = false
  var isDiagnostic: Bool
  var isEnabled: Bool

  /// - Parameters:
  ///   - field: the field.
  ///   - medium: the class of a volume depends on it.
  ///   - tariffs: numbers of the tariffs that the meter has registers for.
  ///   - version: the oldest Home Assistant that must accept it; nil for the newest.
  init(
    _ field: FieldDescription, medium: Medium, tariffs: some Sequence<UInt16>, version: HomeAssistantSettings.Version?
  ) {
    let entry = field.key.name.entry
    // A past value, an extreme or a value during a fault is not a running total, and few users want it.
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
  /// Home Assistant's `device_class` of a number in the vocabulary's unit; nil for none.
  func deviceClass(of medium: Medium) -> String? {
    switch (self, medium) {
    case (.volume, .gas): "gas"
    case (.volume, .water): "water"
    default: entry.deviceClass.isEmpty ? nil : entry.deviceClass.description
    }
  }

  /// The payloads of an enumeration. Two tariffs are the least that a meter with tariffs has.
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
  /// Home Assistant's platform for it.
  var platform: String { key.name.entry.isBinary ? "binary_sensor" : "sensor" }

  /// English, as a person reads it: `Energy import L1 tariff 2 maximum history 1 unit 1`.
  package var label: String {
    // The code contains everything that the suffixes would say.
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
