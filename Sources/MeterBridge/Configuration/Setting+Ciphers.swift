internal import Base
internal import Decoders
internal import Meters

extension ValueFormat<MeterKey> {
  /// Never shown, not even in a mistake about it.
  static let meterKey: ValueFormat = {
    var format = ValueFormat("32 hexadecimal digits; better `!file PATH` or `!env NAME`") { text throws(InvalidValue) in
      try MeterKey(text)
    }
    format.isSecret = true
    return format
  }()
}

extension ValueFormat<SystemTitle> {
  static let systemTitle = ValueFormat("16 hexadecimal digits") { text throws(InvalidValue) in
    guard let bytes = Hexadecimal.bytes(text.utf8), bytes.count == 8 else {
      throw InvalidValue("is not a system title: 16 hexadecimal digits, such as `4B464D1020304050`")
    }
    return SystemTitle(bytes.reduce(0) { $0 << 8 | UInt64($1) })
  }
}

extension ValueFormat<Int8> {
  fileprivate static let powerOfTen = ValueFormat("-6 to 6") { text throws(InvalidValue) in
    guard let power = Int8(text), (-6...6).contains(power) else {
      throw InvalidValue("is not a power of ten: -6 to 6, such as `-2` for two decimals")
    }
    return power
  }
}

extension Setting<MeterSettings> {
  /// The name of an M-Bus meter family or of a DLMS maker.
  static let profile = Setting(
    row: SettingRow(
      key: "profile",
      value: (Profile.allCases.map(\.name) + DLMSMaker.allCases.map(\.name)).map { "`\($0)`" }.joined(separator: ", "),
      fallback: "found from the telegram",
      meaning: "M-Bus: the family of the meter; DLMS: its maker. Only needed if the telegram does not tell it.",
      otherNames: ["model"])
  ) { node, meter, reader in
    guard let written = reader.text(node, of: "`profile`") else { return false }
    meter.profile = Profile(name: written.text)
    meter.maker = DLMSMaker(name: written.text)
    if meter.profile != nil || meter.maker != nil { return true }
    let names = Profile.allCases.map(\.name) + DLMSMaker.allCases.map(\.name)
    let near = Suggestion.question(Suggestion.nearest(to: written.text, of: names))
    reader.add("\(written.shown) is not known: \(names.joined(separator: ", "))\(near)", at: node.at)
    return false
  }

  /// `scalers: {current: -2}`: powers of ten for what a meter sends without saying where the point is.
  static let scalers = Setting(
    row: SettingRow(
      key: "scalers", value: "a group: quantities, each with its power of ten",
      fallback: "from the telegram, else the maker's habit",
      meaning: "DLMS: the decimal places, for meters that do not send them: `scalers: {current: -2}`. "
        + "Quantities: \(DLMSQuantity.allCases.map(\.name).joined(separator: ", ")).",
      otherNames: ["scaler", "scale"])
  ) { node, meter, reader in
    let example = ["a quantity and its power of ten, such as `current: -2`"]
    guard let entries = reader.entries(node, of: "`scalers`", takes: example) else { return false }
    let before = reader.mistakes.count
    for entry in entries {
      guard let name = reader.key(entry.key) else { continue }
      guard let quantity = DLMSQuantity(name: name) else {
        let names = DLMSQuantity.allCases.map(\.name)
        let near = Suggestion.question(Suggestion.nearest(to: name, of: names))
        reader.add(
          "\(SettingReader.quoted(name)) is not a quantity: \(names.joined(separator: ", "))\(near)", at: entry.key.at)
        continue
      }
      if let power = reader.value(entry.value, of: name, .powerOfTen) { meter.scalers[quantity] = power }
    }
    return reader.mistakes.count == before
  }
}

extension MeterSettings {
  /// Refuses settings of other protocols, and reports missing ones.
  func checkProtocol(_ given: GivenSettings, _ reader: inout SettingReader) {
    for key in Set(ProtocolDescription.configurable.flatMap(\.settings)).subtracting(meterProtocol.settings).sorted()
    where given.has(key) {
      let owners = ProtocolDescription.configurable.filter { $0.settings.contains(key) }.map(\.meters)
      reader.add(
        "`\(key)` is for \(owners.joined(separator: " and ")); this one speaks \(meterProtocol.name)",
        at: given.key(key))
    }
    if given.isGood("profile"), let name = profile?.name ?? maker?.name, !meterProtocol.profiles.isEmpty,
      !meterProtocol.profiles.contains(name)
    {
      reader.add(
        "this is not a profile of \(meterProtocol.name): \(meterProtocol.profiles.joined(separator: ", "))",
        at: given.value("profile"))
    }
    if given.isGood("source"), source.isBus {
      for (key, meaning) in meterProtocol.required where !given.has(key) {
        reader.add("`\(key)` is missing: \(meaning)", at: given.at)
      }
    }
    for key in ["auth_key", "allow_plain"] where given.has(key) && !given.has("key") {
      reader.add("`\(key)` needs `key`", at: given.key(key))
    }
  }
}
