internal import Base
internal import Decoders
internal import Meters

/// The Shelly Pro 3EM (generation 2), by JSON-RPC over HTTP, WebSocket and UDP.
///
/// Source: Shelly's API documentation, components EM and EMData, and what batteries ask. Each number has a decimal point,
/// which some of them need. A meter that measures no phase has its whole power on phase a.
package struct ShellyPro3EM {
  private let source: EmulatedMeter

  package init(_ meter: StoredMeter) { source = EmulatedMeter(meter: meter) }

  /// The answer to a GET: `/shelly`, or `/rpc/METHOD`.
  package func answer(_ path: String) -> EmulatedAnswer {
    if path == "/shelly" { return .json(deviceInfo) }
    return path.hasPrefix("/rpc/") ? result(of: String(path.dropFirst("/rpc/".count))) : .unknown
  }

  /// The answer to a JSON-RPC call, `{"id":1,"src":"x","method":"EM.GetStatus","params":{"id":0}}`.
  package func answer(to call: [UInt8]) -> EmulatedAnswer {
    guard let call = Call(call) else { return .unknown }
    let result = result(of: call.method)
    guard case .json(let document) = result else { return result }
    return .json(frame(answering: call, "result", document))
  }

  /// The same on a WebSocket, where errors are frames too; nil for what is no call.
  package func frame(answering call: [UInt8]) -> [UInt8]? {
    guard let call = Call(call) else { return nil }
    switch result(of: call.method) {
    case .json(let document): return frame(answering: call, "result", document)
    case .offline: return frame(answering: call, "error", error(-114, "the meter is offline"))
    case .text, .unknown: return frame(answering: call, "error", error(404, "No handler for \(call.method)"))
    }
  }

  private func frame(answering call: Call, _ name: String, _ document: [UInt8]) -> [UInt8] {
    var frame = Array("{\"id\":".utf8) + call.id + Array(",\"src\":\"\(deviceID)\"".utf8)
    if let source = call.source { frame += Array(",\"dst\":".utf8) + source }
    return frame + Array(",\"\(name)\":".utf8) + document + [UInt8(ascii: "}")]
  }

  /// Codes as Shelly's page on common errors has them.
  private func error(_ code: Int, _ message: String) -> [UInt8] {
    object { json in
      json.member("code", code)
      json.member("message", message)
    }
  }

  /// A JSON-RPC call.
  private struct Call {
    let method: String
    /// As they stand in the call.
    let id: [UInt8]
    let source: [UInt8]?

    init?(_ call: [UInt8]) {
      guard let members = JSONMembers.split(call) else { return nil }
      func member(_ name: String) -> [UInt8]? { members.first { $0.name == name }?.value }
      guard let method = member("method").flatMap(ShellyPro3EM.text),
        let id = member("id").flatMap(ShellyPro3EM.simple)
      else { return nil }
      (self.method, self.id) = (method, id)
      source = member("src").flatMap(ShellyPro3EM.simple)
    }
  }

  /// A number, or a text without escapes, as it stands: what an answer repeats.
  private static func simple(_ value: [UInt8]) -> [UInt8]? {
    if !value.isEmpty, value.count <= 20, value.allSatisfy(isDigit) { return value }
    return text(value) == nil ? nil : value
  }

  /// A text in quotes of letters, digits and marks that JSON does not escape.
  private static func text(_ value: [UInt8]) -> String? {
    guard (2...66).contains(value.count), value.first == UInt8(ascii: "\""), value.last == UInt8(ascii: "\"") else {
      return nil
    }
    let inner = value.dropFirst().dropLast()
    let isPlain = inner.allSatisfy { isLetter($0) || isDigit($0) || "-_.: ".utf8.contains($0) }
    return isPlain ? String(decoding: inner, as: UTF8.self) : nil
  }

  // MARK: Methods

  private static let methods = [
    "EM.GetConfig", "EM.GetStatus", "EMData.GetStatus", "Shelly.GetComponents", "Shelly.GetConfig",
    "Shelly.GetDeviceInfo", "Shelly.GetStatus", "Shelly.ListMethods",
  ]

  private func result(of method: String) -> EmulatedAnswer {
    switch method {
    case "Shelly.GetDeviceInfo": return .json(deviceInfo)
    case "Shelly.ListMethods":
      return .json(object { json in json.array("methods") { list in Self.methods.forEach { list.value($0) } } })
    case "EM.GetConfig": return .json(object(configuration))
    case "Shelly.GetConfig":
      return .json(
        object { json in
          json.object("em:0", configuration)
          json.object("emdata:0") { $0.member("id", 0) }
          json.object("sys") { json in
            json.object("device") { json in
              json.member("name", source.meter.device.name)
              json.member("mac", source.hardwareAddress.uppercased())
              json.member("fw_id", Self.firmware)
            }
          }
        })
    // All that can be added or removed on a device: nothing.
    case "Shelly.GetComponents":
      return .json(
        object { json in
          json.array("components") { _ in }
          json.member("cfg_rev", 0)
          json.member("offset", 0)
          json.member("total", 0)
        })
    default: break
    }
    guard source.meter.isOnline, source.power() != nil else {
      return Self.methods.contains(method) ? .offline : .unknown
    }
    switch method {
    case "EM.GetStatus": return .json(object(power))
    case "EMData.GetStatus": return .json(object(energy))
    case "Shelly.GetStatus":
      return .json(
        object { json in
          json.object("em:0", power)
          json.object("emdata:0", energy)
        })
    default: return .unknown
    }
  }

  private var deviceID: String { "shellypro3em-\(source.hardwareAddress)" }

  private var deviceInfo: [UInt8] {
    object { json in
      json.member("name", source.meter.device.name)
      json.member("id", deviceID)
      json.member("mac", source.hardwareAddress.uppercased())
      json.member("slot", 0)
      json.member("model", "SPEM-003CEBEU")
      json.member("gen", 2)
      json.member("fw_id", Self.firmware)
      json.member("ver", "1.4.4")
      json.member("app", "Pro3EM")
      json.member("auth_en", false)
      json.member("auth_domain", nil)
      json.member("profile", "triphase")
    }
  }

  private static let firmware = "20241011-000000/1.4.4-meterbridge"

  private func configuration(_ json: inout JSONText) {
    json.member("id", 0)
    json.member("name", source.meter.device.name)
    json.member("blink_mode_selector", "active_energy")
    json.member("phase_selector", "all")
    json.member("monitor_phase_sequence", false)
    json.object("reverse") { _ in }
    json.member("ct_type", "120A")
  }

  private func power(_ json: inout JSONText) {
    json.member("id", 0)
    let hasPhases = EmulatedMeter.phases.contains { source.power($0) != nil }
    for (letter, phase) in zip("abc", EmulatedMeter.phases) {
      json.add("\(letter)_current", source.number("current_\(phase.name)", in: .ampere))
      json.add("\(letter)_voltage", source.number("voltage_\(phase.name)", in: .volt))
      json.add("\(letter)_act_power", hasPhases || phase != .l1 ? source.power(phase) : source.power())
      json.add("\(letter)_pf", source.number("power_factor_\(phase.name)", in: .none))
      json.add("\(letter)_freq", source.number("frequency", in: .hertz))
    }
    json.add("total_act_power", source.power())
  }

  private func energy(_ json: inout JSONText) {
    json.member("id", 0)
    for (letter, phase) in zip("abc", EmulatedMeter.phases) {
      json.add("\(letter)_total_act_energy", source.number("energy_import_\(phase.name)", in: .wattHour))
      json.add("\(letter)_total_act_ret_energy", source.number("energy_export_\(phase.name)", in: .wattHour))
    }
    json.add("total_act", source.energy("import", in: .wattHour))
    json.add("total_act_ret", source.energy("export", in: .wattHour))
  }

  private func object(_ content: (inout JSONText) -> Void) -> [UInt8] {
    var json = JSONText()
    json.object(content)
    return json.bytes
  }
}

extension JSONText {
  /// A number that is known, with a decimal point.
  fileprivate mutating func add(_ name: String, _ number: FixedDecimal?) {
    guard let number else { return }
    member(name, (number + FixedDecimal(0, exponent: -1)) ?? number)
  }
}
