import Testing

@testable import Base
@testable import Decoders
@testable import Documents
@testable import Meters

struct MeterStoreTests {
  @Test("a meter is there before its first telegram, with what an earlier run knew of it")
  func beforeTheFirstTelegram() {
    let known = Device(id: "heat", manufacturer: "KAM", medium: .heat, protocolName: "p1")
    let harness = StoreHarness("grid", "heat", known: [known])
    #expect(harness.store.meters.map(\.id) == ["grid", "heat"])
    #expect(harness.store["heat"]?.device.medium == .heat)
    #expect(harness.store["heat"]?.isOnline == false)
    #expect(harness.store["heat"]?.received == nil)
    #expect(harness.store["water"] == nil)
  }

  @Test("fields of several telegrams are merged in their order")
  func merging() {
    var harness = StoreHarness("grid")
    harness.send("grid", [(.energyImport, "1.0"), (.power, "5")])
    harness.send("grid", [(.energyImport, "1.1"), (.energyExport, "2.0"), (.power, "6")])
    harness.send("grid", [(.power, "7")])
    #expect(
      harness.store["grid"]?.fields.map { "\($0.field.level) \($0.payload)" } == [
        "energy_import 1.1", "energy_export 2.0", "power 7",
      ])
    #expect(harness.store["grid"]?.number == 3)
  }

  @Test("a held momentary value is not current, a held register is; offline only registers are")
  func current() {
    var harness = StoreHarness("grid")
    func levels() -> [String]? { harness.store["grid"]?.currentFields.map(\.field.level) }
    harness.send("grid", [(.energyImport, "1.0"), (.power, "5"), (.tariff, "2")])
    #expect(levels() == ["energy_import", "power", "tariff"])
    harness.send("grid", [(.tariff, "2")], held: ["energy_import", "power"])
    #expect(levels() == ["energy_import", "tariff"])
    harness.send("grid", [(.power, "6")])
    #expect(levels() == ["energy_import", "power", "tariff"])
    harness.goOffline("grid")
    #expect(levels() == ["energy_import"])
    #expect(harness.store["grid"]?["power"]?.payload == "6")
  }

  @Test("a value that the guard holds back waits until its field has a value again")
  func heldBack() {
    var harness = StoreHarness("grid")
    harness.send("grid", [(.energyImport, "5.0")])
    let letter = DeadLetter(
      time: harness.wall, meter: "grid", source: "-", kind: .heldBack, stage: .guarding, code: "implausible_total",
      message: "falls", protocolName: "p1", bytes: [1],
      subject: .init(field: "energy_import", value: "4.0", last: "5.0"))
    harness.store.take(.deadLetter(letter), now: harness.now)
    #expect(harness.store["grid"]?.heldBack == [.init(level: "energy_import", value: "4.0", last: "5.0")])
    harness.send("grid", [(.power, "1")])
    #expect(harness.store["grid"]?.heldBack.count == 1)
    harness.send("grid", [(.energyImport, "5.1")])
    #expect(harness.store["grid"]?.heldBack == [])
    // The telegram was read, so it is not the one that is shown as broken.
    #expect(harness.store["grid"]?.lastTelegram == nil)
  }

  @Test("the last telegram is kept with its records, or with what is wrong")
  func lastTelegram() {
    var harness = StoreHarness("grid")
    let content = Telegram(bytes: [1, 2], content: P1Content(telegram: [1, 2]), readings: [])
    harness.store.take(
      .telegram(ReceivedTelegram(meter: "grid", received: harness.wall, bytes: [1, 2], content: content)),
      now: harness.now)
    #expect(harness.store["grid"]?.lastTelegram?.bytes == [1, 2])
    #expect(harness.store["grid"]?.lastTelegram?.content != nil)
    let letter = DeadLetter(
      time: harness.wall, meter: "grid", source: "-", kind: .undecodable, stage: .framing, code: "noise",
      message: "noise", protocolName: "p1", bytes: Array(repeating: 7, count: 100_000))
    harness.store.take(.deadLetter(letter), now: harness.now)
    #expect(harness.store["grid"]?.lastTelegram?.trouble?.code == "noise")
    #expect(harness.store["grid"]?.lastTelegram?.bytes.count == Limits.storedTelegramBytes)
  }

  @Test("sub-meters stand behind their meter and go with it")
  func subMeters() {
    var harness = StoreHarness("grid", "heat")
    let gas = Device(id: "grid_gas", parent: "grid", medium: .gas, protocolName: "p1")
    harness.send("heat", [(.energy, "1")])
    harness.send("grid_gas", [(FieldKey(.volume), "1.000")], device: gas)
    #expect(harness.store.meters.map(\.id) == ["grid", "grid_gas", "heat"])
    #expect(harness.store["grid_gas"]?.isOnline == true)
    #expect(harness.store["heat"]?.fields.count == 1)
    let list = harness.store.listChange
    harness.send("heat", [(.energy, "2")])
    #expect(harness.store.listChange == list)
    harness.store.configure([meter("heat")])
    #expect(harness.store.meters.map(\.id) == ["heat"])
    #expect(harness.store["heat"]?.fields.first?.payload == "2")
    #expect(harness.store.listChange > list)
    // What still comes of a meter that was removed does not bring it back.
    harness.send("grid", [(.power, "1")])
    harness.send("grid_gas", [(FieldKey(.volume), "1.000")], device: gas)
    #expect(harness.store.meters.map(\.id) == ["heat"])
  }

  @Test("after a reload the same meter keeps its values, another one behind the id does not")
  func reload() {
    var harness = StoreHarness("grid")
    harness.send("grid", [(.power, "5")])
    harness.store.configure([meter("grid") { $0.name = "Netz" }])
    #expect(harness.store["grid"]?.device.name == "Netz")
    #expect(harness.store["grid"]?.fields.count == 1)
    harness.store.configure([meter("grid") { $0.sourceText = "/dev/ttyACM0" }])
    #expect(harness.store["grid"]?.fields.count == 0)
  }

  @Test("another number is another meter: its values do not mix")
  func exchange() {
    var harness = StoreHarness("grid")
    harness.send("grid", [(.energyImport, "900"), (.energyExport, "1")])
    let other = Device(id: "grid", serial: "43", medium: .electricity, protocolName: "p1")
    harness.send("grid", [(FieldKey(.energyImport), "2")], device: other)
    #expect(harness.store["grid"]?.fields.map(\.payload) == ["2"])
  }

  @Test("a meter that never stops inventing fields does not grow without end")
  func bounded() {
    var harness = StoreHarness("grid")
    for storage in UInt64(0)..<1000 { harness.send("grid", [(FieldKey(.energy, storage: storage), "1")]) }
    #expect(harness.store["grid"]?.fields.count == Limits.fieldsOfReading)
    for number in 0..<200 {
      harness.store.take(StoredLetter(event: Array("\(number)".utf8), line: Array(repeating: 0x20, count: 10_000)))
    }
    #expect(harness.store.bridge.letters.count == Limits.storedLetterBytes / 10_000)
    #expect(harness.store.bridge.letters.last.map { String(decoding: $0.event, as: UTF8.self) } == "199")
    #expect(harness.store.bridge.lettersTaken == 200)
  }

  @Test("the main value is the power, else the flow, else the register")
  func headline() {
    var harness = StoreHarness("grid", "gas")
    harness.send("gas", [(.volume, "12.345")])
    #expect(harness.store["gas"]?.headline?.field.level == "volume")
    harness.send("gas", [(.volumeFlow, "0.5"), (.volume, "12.346")])
    #expect(harness.store["gas"]?.headline?.payload == "0.5")
    harness.send(
      "grid", [(FieldKey(.power, phase: .l1), "1"), (FieldKey(.power), "-5"), (FieldKey(.energyImport), "1")])
    #expect(harness.store["grid"]?.headline?.payload == "-5")
    #expect(harness.store["grid"]?.day?.buckets(at: harness.now).last == .init(minimum: .init(-5), maximum: .init(-5)))
  }
}
