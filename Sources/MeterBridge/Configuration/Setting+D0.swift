internal import Base
internal import Decoders
internal import Meters

extension Setting<MeterSettings> {
  /// `address: 45`, for M-Bus, or the characters in the request to a D0 meter.
  static let address = Setting(
    row: SettingRow(
      key: "address", value: ValueFormat<MBusAddress>.address.described + "; D0: up to 32 characters",
      fallback: "the only meter on the line",
      meaning:
        "M-Bus: the address to poll. 8 digits are the meter's number; 16 add manufacturer, version and medium as "
        + "in the frame; F is any digit. Meters with the same source share the bus. D0: the number in the request, for "
        + "meters that answer to nothing else. Wireless M-Bus: the 8 digits on the meter, which `.M=KAM.V=1b.T=16` narrows "
        + "to a maker, version and medium.",
      otherNames: ["secondary", "secondary_address", "primary", "primary_address", "slave", "device_address"])
  ) { node, meter, reader in
    guard let written = reader.text(node, of: "`address`") else { return false }
    // The protocol may stand below.
    meter.opticalPort.address = written.text
    meter.address = try? ValueFormat<MBusAddress>.address.parse(written.text)
    return true
  }

  static let maximumBaud = value(
    "max_baud", .choice(D0Identification.rates.map { (String($0), $0) }), \.opticalPort.maximumBaud,
    default: "`19200`", "D0: the highest speed to read at, for a head that is not faster.",
    alsoCalled: ["baudrate_read", "baudrate_max", "max_baudrate"])

  static let wake = value(
    "wake",
    .choice(D0Polling.Wake.allCases.map { ($0.rawValue, $0) }, alsoCalled: ["ultraheat": "uh50", "t550": "uh50"]),
    \.opticalPort.wake, default: "`none`",
    "D0: what wakes a meter with a battery before each readout. `nulls` is that of the standard, `uh50` that of Landis+Gyr Ultraheat UH50, T550 and 2WR.",
    alsoCalled: ["wakeup", "wake_up", "pullseq", "battery_meter"])
}

extension MeterSettings {
  /// What an address may be depends on the protocol.
  func checkAddress(_ given: GivenSettings, _ reader: inout SettingReader) {
    guard given.isGood("address"), given.isGood("protocol"), meterProtocol.settings.contains("address") else { return }
    let text = opticalPort.address
    do throws(InvalidValue) {
      if meterProtocol == .d0 {
        try Self.checkOptical(text)
      } else if meterProtocol == .wmbus {
        try Self.checkWireless(text)
      } else {
        _ = try ValueFormat<MBusAddress>.address.parse(text)
      }
    } catch {
      reader.add("\(SettingReader.quoted(text)) \(error.message)", at: given.value("address"))
    }
  }

  /// IEC 62056-21, 6.3.1.
  private static func checkOptical(_ text: String) throws(InvalidValue) {
    let isPrintable = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && ![0x21, 0x28, 0x29, 0x2F].contains($0) }
    guard isPrintable, text.utf8.count <= 32 else {
      throw InvalidValue("is not an address of a D0 meter: up to 32 letters and digits, mostly the number of the meter")
    }
  }

  /// A wireless meter has no primary address.
  private static func checkWireless(_ text: String) throws(InvalidValue) {
    guard case .secondary? = try? ValueFormat<MBusAddress>.address.parse(text) else {
      throw InvalidValue(
        "is not the number of a wireless meter: 8 digits, which `.M=KAM.V=1b.T=16` narrows to a maker, version and "
          + "medium")
    }
  }
}
