import Testing

@testable import Decoders
@testable import Publishing

private let named = FieldName.allCases.filter { $0 != .code }

@Test("names and labels are unique")
func uniqueNames() {
  #expect(Set(named.map(\.entry.name.description)).count == named.count)
  #expect(Set(named.map(\.entry.label.description)).count == named.count)
  for name in named {
    #expect(isSlug(name.entry.name.description))
    #expect(name.entry.label.description.first?.isUppercase == true)
  }
}

/// A name that looks like another with a suffix would make two fields of one topic.
@Test("no name ends like a suffix")
func suffixes() {
  for name in named {
    let last = name.entry.name.description.split(separator: "_").last ?? ""
    #expect(!FieldKey.Phase.allCases.contains { $0.name == String(last) })
    #expect(!["max", "min", "error"].contains(String(last)))
    let isNumbered = "tsu".contains(last.first ?? "x") && last.dropFirst().allSatisfy(\.isNumber) && last.count > 1
    #expect(!isNumbered, "\(last)")
  }
}

@Test("published units are the agreed ones")
func units() {
  let agreed: Set = [
    "", "kWh", "kvarh", "kVAh", "W", "var", "VA", "V", "A", "Hz", "m³", "m³/h", "kg", "kg/h", "°C", "K", "h", "d",
    "bar", "%", "°", "dBm", "m³·°C",
  ]
  #expect(Set(named.map(\.entry.unit.symbol)) == agreed)
}

@Test("every device class takes the unit of the vocabulary")
func deviceClasses() {
  for name in named {
    for medium in Medium.allCases {
      guard let deviceClass = name.deviceClass(of: medium) else { continue }
      guard !["enum", "timestamp"].contains(deviceClass), !name.entry.isBinary else { continue }
      #expect(DeviceClass.accepts(deviceClass, name.entry.unit, in: nil), "\(name)")
    }
  }
}

@Test("only numbers have a state class and decimals")
func stateClasses() {
  for name in named where ["enum", "timestamp"].contains(name.entry.deviceClass.description) {
    #expect(name.entry.stateClass == .none && name.entry.displayDecimals == nil && name.entry.unit == .none)
  }
}

@Test("every enumeration has its payloads")
func enumerations() {
  for name in named {
    #expect(name.options(tariffs: []).isEmpty == (name.entry.deviceClass.description != "enum"), "\(name)")
  }
}
