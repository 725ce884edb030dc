internal import Base
internal import Decoders
internal import Meters

extension Setting<MeterSettings> {
  /// `nke: never`.
  static let nke = value(
    "nke", .choice(MBusPolling.Reset.allCases.map { ($0.rawValue, $0) }), \.polling.reset, default: "`auto`",
    "M-Bus: when SND_NKE begins a readout. `auto`: the first one, after a failure, and always for a meter with several telegrams. `never` is for meters that stay silent after it.",
    alsoCalled: ["snd_nke", "reset", "normalize", "init"])

  /// `readout: [b1, b4]`.
  static let readout = Setting(
    row: SettingRow(
      key: "readout", value: "one of \(ValueFormat<MBusDataSet>.dataSet.described), or a list of them",
      fallback: "what the meter sends by itself",
      meaning: "M-Bus: the data that the meter is told to send before each readout. `all` and `any` ask for every "
        + "value in two ways, `b1` and `b4` are sets of the PRO380, the others are telegrams for one use "
        + "(application reset).",
      otherNames: ["read", "data_set", "data_sets", "dataset", "application_reset"])
  ) { node, meter, reader in
    var elements = [node]
    if case .sequence = node.content {
      guard let list = reader.elements(node, of: "`readout`", each: "each set of data") else { return false }
      elements = list
    }
    let before = reader.mistakes.count
    meter.polling.dataSets = elements.compactMap { reader.value($0, of: "readout", .dataSet) }
    return reader.mistakes.count == before
  }

  /// `readout_baud: 9600`.
  static let readoutBaud = value(
    "readout_baud", .choice(MBusCommand.baudRates.map { ("\($0)", $0) }), \.polling.readoutBaud,
    default: "the speed of `line`",
    "M-Bus: the speed of its readouts. The meter is ordered to take it before each readout, and that of the bus again behind it. Needs a serial port or `rfc2217://`.",
    alsoCalled: ["readout_speed", "read_baud", "fast_baud", "switch_baud"])
}

extension MeterSettings {
  /// Refuses the data set of another profile.
  func checkReadout(_ given: GivenSettings, _ reader: inout SettingReader) {
    guard given.isGood("readout") else { return }
    let known = profile?.dataSets.map { MBusDataSet.maker($0.information) } ?? []
    for profile in Profile.allCases {
      let own = profile.dataSets.first { set in
        let dataSet = MBusDataSet.maker(set.information)
        return polling.dataSets.contains(dataSet) && !known.contains(dataSet)
      }
      guard let own else { continue }
      let (set, name) = (own.name, profile.name)
      return reader.add("`\(set)` is a set of data of `profile: \(name)`: set this too", at: given.value("readout"))
    }
  }
}

extension Configuration {
  /// A readout at another speed needs a port that can change, and a speed of the bus that a meter can be ordered back to.
  static func checkSpeed(_ meter: Draft.Meter, _ reader: inout SettingReader) {
    guard meter.given.isGood("readout_baud"), let baud = meter.settings.polling.readoutBaud else { return }
    let settings = meter.settings
    let usual = (settings.line ?? settings.meterProtocol.line).baud
    let mark = meter.given.value("readout_baud")
    if meter.given.isGood("source"), !settings.source.hasLine {
      reader.add("the speed of this source is set in the gateway: use a serial port or rfc2217://", at: mark)
    } else if baud == usual {
      reader.add("\(baud) baud is the speed of the line already", at: mark)
    } else if MBusCommand(baudRate: usual) == nil {
      reader.add("no meter can be ordered back to the \(usual) baud of `line`", at: mark)
    }
  }
}

extension ValueFormat<MBusDataSet> {
  static let dataSet = ValueFormat.choice(
    MBusDataSet.named
      + Profile.allCases.flatMap(\.dataSets).map { (name: $0.name, value: MBusDataSet.maker($0.information)) },
    alsoCalled: ["everything": "all", "global": "all", "user_data": "user", "instant": "instantaneous"])
}
