import Foundation
import TestSupport
import Testing

@testable import Base
@testable import Decoders
@testable import Documents
@testable import Meters
@testable import Publishing

struct APIDocumentsTests {
  private func text(_ bytes: [UInt8]?) -> String { bytes.map { String(decoding: $0, as: UTF8.self) } ?? "" }

  @Test("a meter has the newest value of each field, with the register's digits")
  func meterDocument() {
    var harness = StoreHarness("grid")
    harness.send("grid", [(.energyImport, "1785.720"), (.power, "-12.0"), (.tariff, "2")])
    harness.pass(1_500)
    let start = [
      #"{"id":"grid","protocol":"p1","availability":"online","age":1.500,"interval":null,"number":1,"main":"power","#,
      #""meter":{"id":"42","manufacturer":"XYZ","model":null,"medium":"electricity"},"#,
      #""time":null,"received":"2026-11-20T11:00:00.000+00:00","#,
      #""fields":[{"name":"energy_import","value":1785.720,"unit":"kWh"},{"name":"power","value":-12.0,"unit":"W"},"#,
      #"{"name":"tariff","value":"2"}],"values":{"energy_import":1785.720,"power":-12.0},"#,
      #""day":{"name":"power","unit":"W","seconds":300,"buckets":[null,"#,
    ].joined()
    #expect(text(harness.store.meterDocument("grid", now: harness.now)).hasPrefix(start))
    #expect(text(harness.store.meterDocument("grid", now: harness.now)).hasSuffix(",[-12.0,-12.0]]}}"))
    #expect(harness.store.meterDocument("gas", now: harness.now) == nil)
  }

  @Test("an offline meter keeps its registers and tells no momentary value")
  func offline() {
    var harness = StoreHarness("grid")
    harness.send("grid", [(.energyImport, "1.0"), (.power, "5")], held: [])
    harness.send("grid", [], held: ["energy_import"])
    harness.goOffline("grid")
    let document = text(harness.store.meterDocument("grid", now: harness.now))
    #expect(document.contains(#""availability":"offline""#))
    #expect(
      document.contains(
        #""fields":[{"name":"energy_import","value":1.0,"unit":"kWh","held":true}],"values":{"energy_import":1.0}"#))
  }

  @Test("the tag changes with each reading and when the meter goes, and with nothing else")
  func tags() {
    var harness = StoreHarness("grid", "heat")
    func tag() -> String? { harness.store.meterTag("grid") }
    harness.send("grid", [(.power, "5")])
    let first = tag()
    harness.send("heat", [(.power, "5")])
    harness.pass(1000)
    #expect(tag() == first)
    harness.send("grid", [(.power, "5")])
    let second = tag()
    #expect(second != first)
    harness.goOffline("grid")
    #expect(tag() != second)
    #expect(harness.store.meterTag("gas") == nil)
  }

  @Test("the list has all meters, made piece by piece")
  func list() throws {
    let empty = StoreHarness()
    #expect(text(MeterList(empty.store, now: empty.now).whole()) == #"{"meters":[]}"#)
    var harness = StoreHarness("grid", "heat")
    harness.send("grid", [(.power, "5")])
    let list = try #require(
      try JSONSerialization.jsonObject(with: Data(MeterList(harness.store, now: harness.now).whole())) as? [String: Any]
    )
    let meters = try #require(list["meters"] as? [[String: Any]])
    #expect(meters.map { $0["id"] as? String } == ["grid", "heat"])
    #expect(meters.map { $0["age"] is NSNull } == [false, true])
  }

  @Test("the last telegram is shown in hexadecimal, as text if it is text, and with its records")
  func telegram() throws {
    var harness = StoreHarness("grid")
    #expect(harness.store.telegramDocument("grid") == nil)
    let lines = Array("/XYZ5\r\n\r\n1-0:1.7.0(00.472*kW)\r\n!\r\n".utf8)
    var decoder = ProtocolDescription.p1.decoder(meter("grid"))
    var telegrams: [Telegram] = []
    try decoder.decode(lines.span, into: &telegrams)
    let telegram = try #require(telegrams.first)
    harness.store.take(
      .telegram(ReceivedTelegram(meter: "grid", received: harness.wall, bytes: lines, content: telegram)),
      now: harness.now)
    let document = text(harness.store.telegramDocument("grid"))
    #expect(
      document.hasPrefix(
        #"{"meter":"grid","protocol":"p1","received":"2026-11-20T11:00:00.000+00:00","bytes":"2F58595A350D0A"#))
    #expect(document.contains(#""text":"/XYZ5\u000d\u000a\u000d\u000a1-0:1.7.0(00.472*kW)"#))
    #expect(document.contains(#""records":[{"obis":"1-0:1.7.0*255","value":0.472,"unit":"kW"}]"#))
    let letter = DeadLetter(
      time: harness.wall, meter: "grid", source: "-", kind: .undecodable, stage: .framing, code: "noise",
      message: "is noise", protocolName: "p1", bytes: [0xFF])
    harness.store.take(.deadLetter(letter), now: harness.now)
    #expect(
      text(harness.store.telegramDocument("grid")).hasSuffix(
        #""bytes":"FF","error":{"code":"noise","message":"is noise"}}"#))
  }

  @Test("every document fits the schema that is served")
  func schema() throws {
    let schema = try Schema(OpenAPIDocument.document())
    #expect(schema.danglingReferences == [])
    var harness = StoreHarness("grid", "heat")
    let gas = Device(id: "grid_gas", parent: "grid", medium: .gas, protocolName: "p1")
    harness.send("grid", [(.energyImport, "1.5"), (.tariff, "2"), (.power, "3")])
    harness.send("grid_gas", [(FieldKey(.volume), "1.000")], device: gas)
    harness.send("grid", [], held: ["energy_import"])
    let held = DeadLetter(
      time: harness.wall, meter: "grid", source: "-", kind: .heldBack, stage: .guarding, code: "implausible_total",
      message: "falls", protocolName: "p1", bytes: [1],
      subject: .init(field: "energy_import", value: "1.0", last: "1.5"))
    harness.store.take(.deadLetter(held), now: harness.now)
    harness.store.take(harness.health, intervals: ["grid": 1000], isTold: true)
    let list = MeterList(harness.store, now: harness.now).whole()
    #expect(text(list).contains(#""held_back":[{"name":"energy_import","value":"1.0","last":"1.5"}]"#))
    #expect(text(list).contains(#""interval":1.000"#))
    #expect(try schema.mistakes(in: list, as: "MeterList") == [])
    #expect(try schema.mistakes(in: harness.store.meterDocument("grid_gas", now: harness.now) ?? [], as: "Meter") == [])
    #expect(try schema.mistakes(in: harness.store.healthDocument(), as: "Health") == [])
    #expect(text(harness.store.healthDocument()).contains(#""base_topic":"meterbridge","time":"#))
    #expect(try schema.mistakes(in: harness.store.lettersDocument(), as: "DeadLetterList") == [])
    // A check that cannot fail is not one.
    #expect(try schema.mistakes(in: Array(#"{"meters":[{"id":5}],"more":1}"#.utf8), as: "MeterList").count > 5)
  }
}
