internal import Base
internal import Publishing

extension ValueFormat<DiscoveryForms> {
  static let discoveryForms = choice(
    DiscoveryForms.named + [("true", .device)],
    alsoCalled: [
      "yes": "true", "on": "true", "1": "true", "no": "false", "off": "false", "0": "false", "none": "false",
      "devices": "device", "entity": "classic", "entities": "classic", "component": "classic", "all": "both",
    ])
}

extension ValueFormat<HomeAssistantSettings.Version> {
  static let homeAssistantVersion = ValueFormat("a version of Home Assistant, such as `2025.4`") {
    text throws(InvalidValue) in
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int(digits: String($0)) }
    guard parts.count == 2, let year = parts[0], let month = parts[1], (2000...2999).contains(year),
      (1...12).contains(month)
    else { throw InvalidValue("is not a version of Home Assistant: year and month, such as `2025.4`") }
    // The document of a whole device, which discovery is made of, came with this version.
    guard (year, month) >= (2024, 12) else { throw InvalidValue("is too old: device discovery came with 2024.12") }
    return HomeAssistantSettings.Version(year: year, month: month)
  }
}

extension ValueFormat<String> {
  static let homeAssistantURL = ValueFormat("an address such as `http://homeassistant.local:8123`") {
    text throws(InvalidValue) in
    guard HomeAssistantAddress(text) != nil else {
      throw InvalidValue("is not the address of a Home Assistant, such as http://homeassistant.local:8123")
    }
    return text
  }
}

extension ValueFormat<Secret> {
  static let homeAssistantToken: ValueFormat = {
    var format = ValueFormat("a text; `!file PATH` keeps it out of this file") { text throws(InvalidValue) in
      let trimmed = text.utf8.filter { $0 > 0x20 }
      guard !trimmed.isEmpty, trimmed.count == text.utf8.count, trimmed.allSatisfy({ $0 < 0x7F }) else {
        throw InvalidValue("is not an access token: letters, digits and points in one line")
      }
      return Secret(text)
    }
    format.isSecret = true
    return format
  }()
}
