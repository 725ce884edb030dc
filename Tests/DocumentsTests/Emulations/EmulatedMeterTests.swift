import Base
import Decoders
import Documents
import Foundation
import Testing

@testable import Meters

/// What batteries, chargers and Home Assistant read of the emulated meters.
@Suite struct EmulatedMeterTests {
  private var harness = StoreHarness("grid")

  private mutating func send(_ values: [(FieldKey, String)]) throws -> StoredMeter {
    harness.send("grid", values, unit: nil)
    return try #require(harness.store["grid"])
  }

  private static let threePhases: [(FieldKey, String)] = [
    (FieldKey(.energyImport), "1234.567"), (FieldKey(.energyImport, tariff: 1), "1000.5"),
    (FieldKey(.energyImport, tariff: 2), "234.067"), (FieldKey(.energyExport), "12.345"),
    (FieldKey(.power), "-412"), (FieldKey(.power, phase: .l1), "-500"), (FieldKey(.power, phase: .l2), "88"),
    (FieldKey(.voltage, phase: .l1), "230.1"), (FieldKey(.current, phase: .l1), "2.17"),
  ]

  @Test("HomeWizard: signed power, tariffs, and only what is known") mutating func homeWizard() throws {
    let emulation = HomeWizardP1(try send(Self.threePhases), subMeters: [])
    let data = try object(emulation.answer("/api/v1/data"))
    #expect(data["active_power_w"] as? Int == -412)
    #expect(data["active_power_l1_w"] as? Int == -500)
    #expect(data["active_power_l3_w"] == nil)
    #expect(text(emulation.answer("/api/v1/data")).contains(#""total_power_import_kwh":1234.567,"#))
    #expect(text(emulation.answer("/api/v1/data")).contains(#""total_power_import_t2_kwh":234.067,"#))
    #expect(text(emulation.answer("/api/v1/data")).contains(#""total_power_export_t1_kwh":12.345,"#))
    #expect(text(emulation.answer("/api/v1/data")).contains(#""active_voltage_l1_v":230.1,"#))
    let device = try object(emulation.answer("/api"))
    #expect(device["product_type"] as? String == "HWE-P1" && device["api_version"] as? String == "v1")
    #expect((device["serial"] as? String)?.utf8.count == 12)
    #expect(emulation.answer("/api/v1/state") == .unknown)
    #expect(emulation.answer("/api/v1/telegram") == .unknown)
  }

  @Test("EcoTracker: W and Wh") mutating func ecoTracker() throws {
    #expect(
      text(EcoTracker(try send(Self.threePhases)).answer("/v1/json"))
        == #"{"power":-412,"powerPhase1":-500,"powerPhase2":88,"energyCounterIn":1234567,"energyCounterOut":12345}"#)
  }

  @Test("Shelly: by path and by call, each number with a point") mutating func shelly() throws {
    let emulation = ShellyPro3EM(try send(Self.threePhases))
    let status =
      #"{"id":0,"a_current":2.17,"a_voltage":230.1,"a_act_power":-500.0,"b_act_power":88.0,"total_act_power":-412.0}"#
    #expect(text(emulation.answer("/rpc/EM.GetStatus")) == status)
    let energy = #"{"id":0,"total_act":1234567.0,"total_act_ret":12345.0}"#
    #expect(text(emulation.answer("/rpc/EMData.GetStatus")) == energy)
    let device = try object(emulation.answer("/shelly"))
    let id = try #require(device["id"] as? String)
    let call = #"{"id": 7, "src":"battery", "method":"EM.GetStatus","params":{"id":0}}"#
    #expect(
      text(emulation.answer(to: Array(call.utf8)))
        == "{\"id\":7,\"src\":\"\(id)\",\"dst\":\"battery\",\"result\":\(status)}")
    #expect(emulation.answer("/rpc/Switch.Set") == .unknown)
    // On a WebSocket errors are frames too.
    func frame(_ call: String) -> String? {
      emulation.frame(answering: Array(call.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }
    #expect(frame(call) == text(emulation.answer(to: Array(call.utf8))))
    #expect(
      frame(#"{"id":8,"method":"Switch.Set"}"#)
        == "{\"id\":8,\"src\":\"\(id)\",\"error\":{\"code\":404,\"message\":\"No handler for Switch.Set\"}}")
    #expect(frame("hello") == nil)
  }

  @Test("a meter without phases has its power on phase a, and nothing on the others") mutating func onePhase() throws {
    let emulation = ShellyPro3EM(try send([(FieldKey(.power), "250")]))
    #expect(text(emulation.answer("/rpc/EM.GetStatus")) == #"{"id":0,"a_act_power":250.0,"total_act_power":250.0}"#)
  }

  @Test(
    "a call that is none is not answered",
    arguments: [
      "", "{", "[]", "{}", #"{"method":"EM.GetStatus"}"#, #"{"id":1}"#, #"{"id":{"a":1},"method":"EM.GetStatus"}"#,
      #"{"id":1,"method":["EM.GetStatus"]}"#, #"{"id":"a\",\"b","method":"EM.GetStatus"}"#,
    ])
  mutating func badCall(call: String) throws {
    #expect(ShellyPro3EM(try send(Self.threePhases)).answer(to: Array(call.utf8)) == .unknown)
  }

  @Test("offline and before the first telegram there is an error, and never 0 W") mutating func offline() throws {
    let silent = StoredMeter(Device(id: "grid", medium: .electricity, protocolName: "p1"))
    _ = try send(Self.threePhases)
    harness.goOffline("grid")
    for meter in [silent, try #require(harness.store["grid"])] {
      #expect(HomeWizardP1(meter, subMeters: []).answer("/api/v1/data") == .offline)
      #expect(EcoTracker(meter).answer("/v1/json") == .offline)
      for method in ["EM.GetStatus", "EMData.GetStatus", "Shelly.GetStatus"] {
        #expect(ShellyPro3EM(meter).answer("/rpc/\(method)") == .offline)
        let call = Array("{\"id\":1,\"method\":\"\(method)\"}".utf8)
        let frame = ShellyPro3EM(meter).frame(answering: call).map { String(decoding: $0, as: UTF8.self) }
        #expect(frame?.contains("\"error\":{\"code\":-114,") == true)
      }
    }
  }
}

private func text(_ answer: EmulatedAnswer) -> String {
  guard case .json(let bytes) = answer else { return "\(answer)" }
  return String(decoding: bytes, as: UTF8.self)
}

private func object(_ answer: EmulatedAnswer) throws -> [String: Any] {
  try #require(try JSONSerialization.jsonObject(with: Data(text(answer).utf8)) as? [String: Any])
}
