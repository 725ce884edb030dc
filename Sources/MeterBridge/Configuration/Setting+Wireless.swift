internal import Base
internal import Decoders
internal import Meters

extension Setting<MeterSettings> {
  /// `receiver: im871a`.
  static let receiver = value(
    "receiver",
    .choice(
      WirelessReception.Receiver.allCases.map { ($0.rawValue, $0) },
      alsoCalled: [
        "im170a": "im871a", "amb3665": "amb8465", "amb8665": "amb8465", "amber": "amb8465", "nanocul": "cul",
        "culfw": "cul", "rtl_wmbus": "lines", "rtlwmbus": "lines", "rtl_433": "lines", "rtl433": "lines",
        "hex": "lines", "raw": "frames", "rawtty": "frames",
      ]), \.reception.receiver, default: "`auto`",
    "Wireless M-Bus: the receiver at the source. `auto` listens, then asks which one is there; `lines` and `frames` are those that are not asked, and write text or bytes. See WIRELESS.md.",
    alsoCalled: ["stick", "dongle", "radio"])

  /// `mode: push` of D0, `mode: t1` of a receiver. The protocol may stand below.
  static let mode = Setting(
    row: SettingRow(
      key: "mode",
      value: names(D0Polling.Mode.self) + "; wireless M-Bus: " + names(WirelessReception.Mode.self),
      fallback: "`auto`; wireless M-Bus: `c1+t1`, or what the receiver can hear",
      meaning:
        "D0: how the meter is read. `auto` listens for a moment, unless `interval`, `wake` or `address` is set, and then asks in the mode that the meter names; `push` only listens; `a`, `b` and `c` ask in this mode of IEC 62056-21. Wireless M-Bus: what a receiver that takes commands is set to hear.",
      otherNames: ["d0_mode", "protocol_mode", "link_mode", "linkmode"])
  ) { node, meter, reader in
    guard let written = reader.text(node, of: "`mode`") else { return false }
    meter.reception.mode = try? wirelessMode.parse(written.text)
    if meter.reception.mode != nil { return true }
    guard let mode = reader.value(node, of: "mode", anyMode) else { return false }
    meter.opticalPort.mode = mode
    return true
  }

  private static func names<Mode: CaseIterable & RawRepresentable<String>>(_: Mode.Type) -> String {
    Mode.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
  }

  private static var wirelessMode: ValueFormat<WirelessReception.Mode> {
    .choice(WirelessReception.Mode.allCases.map { ($0.rawValue, $0) })
  }

  private static var anyMode: ValueFormat<D0Polling.Mode> {
    .choice(
      D0Polling.Mode.allCases.map { ($0.rawValue, $0) },
      alsoCalled: ["d": "push", "pull": "auto", "c1,t1": "c1+t1", "t1+c1": "c1+t1", "t1,c1": "c1+t1", "both": "c1+t1"])
  }
}

extension MeterSettings {
  /// What a mode may be depends on the protocol.
  func checkMode(_ given: GivenSettings, _ reader: inout SettingReader) {
    guard given.isGood("mode"), given.isGood("protocol"), meterProtocol.settings.contains("mode") else { return }
    let isWireless = reception.mode != nil
    guard isWireless != (meterProtocol == .wmbus) else { return }
    let text = reception.mode?.rawValue ?? opticalPort.mode.rawValue
    let modes = isWireless ? D0Polling.Mode.allCases.map(\.rawValue) : WirelessReception.Mode.allCases.map(\.rawValue)
    let owner = isWireless ? "a D0 meter" : "a receiver of wireless M-Bus"
    reader.add(
      "\(SettingReader.quoted(text)) is not a mode of \(owner): \(modes.joined(separator: ", "))",
      at: given.value("mode"))
  }
}

extension Configuration {
  /// One receiver has one set-up: meters that name none take it from the first that does.
  static func shareReception(_ members: [Int], of meters: inout [Draft.Meter], _ reader: inout SettingReader) {
    for key in ["receiver", "mode"] {
      guard let first = members.first(where: { meters[$0].given.isGood(key) }) else { continue }
      let shared = meters[first].settings.reception
      for member in members {
        let own = meters[member].settings.reception
        let isEqual = key == "mode" ? own.mode == shared.mode : own.receiver == shared.receiver
        if meters[member].given.has(key), !isEqual {
          let mark = meters[member].given.value(key)
          let line = reader.line(of: meters[first].given.at, from: mark)
          reader.add("the meter in \(line) has another `\(key)` for the same source", at: mark)
        } else if key == "mode" {
          meters[member].settings.reception.mode = shared.mode
        } else {
          meters[member].settings.reception.receiver = shared.receiver
        }
      }
    }
  }
}
