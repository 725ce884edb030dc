import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import Publishing

/// A field that has only a code.
private func code(_ number: Int) -> FieldDescription {
  FieldDescription(level: "obis_1_0_\(number)", key: FieldKey(.code), unit: .none, isNumber: true)
}

/// A device has room for its named fields, whatever codes come.
struct OutboxRoomTests {
  private var harness = OutboxHarness()

  /// Publishes codes, and names of the vocabulary behind them. Returns what went out in the next minute.
  private mutating func publish(_ codes: Range<Int>, _ names: FieldName...) -> [Outbox.Outgoing] {
    let fields = codes.map(code) + names.map(OutboxHarness.field)
    let publication = Publication(
      device: OutboxHarness.device("grid"), fields: fields.map { PublishedField(field: $0, payload: "1") },
      reading: nil,
      received: WallTime(milliseconds: harness.now.milliseconds))
    harness.outbox.take(.publication(publication), at: harness.now)
    return harness.drain() + harness.pass(.minutes(1))
  }

  private mutating func start() {
    harness.configure("grid")
    harness.connect()
    harness.drain()
  }

  @Test("names always find room, and codes as far as theirs reaches")
  mutating func names() {
    start()
    let sent = publish(0..<500, .power, .energyImport)
    #expect(sent.topics.filter { $0.contains("/obis_") }.count == 128)
    #expect(sent.to("power") == ["1"] && sent.to("energy_import") == ["1"])
    #expect(harness.outbox.fieldsDropped == 500 - 128)
    // A name that comes later finds room too.
    #expect(publish(0..<500, .voltage).to("voltage") == ["1"])
    #expect(
      harness.outbox.takeNotes() == [
        "grid: too many fields; obis_1_0_128 and others without a name are only in …/reading"
      ])
  }

  @Test("a code that has not come for an hour gives way, and its topic is cleared")
  mutating func givesWay() {
    start()
    _ = publish(0..<128, .power)
    for _ in 0..<59 { #expect(publish(1..<129, .power).topics.allSatisfy { !$0.hasSuffix("_128") }) }
    let sent = publish(1..<130, .power)
    #expect(sent.to("obis_1_0_128") == ["1"])
    // Only one place was free.
    #expect(sent.to("obis_1_0_129").isEmpty)
    #expect(sent.filter(\.payload.isEmpty).topics == ["meterbridge/grid/obis_1_0_0"])
    let documents = sent.filter { $0.topic.hasSuffix("_grid/config") }.map(\.text)
    #expect(documents.map { $0.contains(#""obis_1_0_0":{"p":"sensor"}"#) } == [true, false])
    #expect(documents.allSatisfy { $0.contains(#""obis_1_0_128":{"#) })
    let fields = harness.outbox.takeRetained()?.devices.first?.fields.map(\.level) ?? []
    #expect(fields.count == 128 + 2 && fields.contains("obis_1_0_128") && !fields.contains("obis_1_0_0"))
  }

  @Test("codes of an earlier run give way an hour after the start")
  mutating func earlierRun() {
    harness = OutboxHarness(
      retained: RetainedState(
        baseTopic: "meterbridge", discoveryPrefix: "homeassistant", nodeID: "meterbridge",
        devices: [RetainedState.Entry(device: OutboxHarness.device("grid"), fields: (0..<128).map(code))]))
    start()
    #expect(publish(500..<501).to("obis_1_0_500").isEmpty)
    harness.pass(.minutes(60))
    #expect(publish(500..<501).to("obis_1_0_500") == ["1"])
  }

  @Test("a stream of new codes costs one document in ten seconds, and bounded memory")
  mutating func stream() {
    start()
    var documents: [Instant] = []
    for number in 0..<2_000 {
      let publication = Publication(
        device: OutboxHarness.device("grid"), fields: [PublishedField(field: code(number), payload: "1")], reading: nil,
        received: WallTime(milliseconds: harness.now.milliseconds))
      harness.outbox.take(.publication(publication), at: harness.now)
      if !(harness.drain() + harness.pass(100)).discoveries.isEmpty { documents.append(harness.now) }
    }
    #expect(zip(documents, documents.dropFirst()).allSatisfy { $1 - $0 >= 9_900 })
    #expect(documents.count >= 2)
    #expect((harness.outbox.takeRetained()?.devices.first?.fields.count ?? 0) == 128 + 1)
  }

  @Test("a changed device is described at most every ten seconds, and never left behind")
  mutating func pause() {
    start()
    harness.publish("grid", [(.power, "1")])
    #expect(harness.drain().discoveries.count == 1)
    harness.publish("grid", [(.power, "1"), (.voltage, "230")])
    // Its value does not wait.
    let sent = harness.drain()
    #expect(sent.discoveries.isEmpty && sent.to("voltage") == ["230"])
    harness.publish("grid", [(.power, "1"), (.voltage, "230"), (.frequency, "50")])
    #expect(harness.pass(9_999).discoveries.isEmpty)
    let documents = harness.pass(1).filter { $0.topic.hasSuffix("_grid/config") }.map(\.text)
    #expect(documents.count == 1)
    #expect(documents.first?.contains("grid/voltage") == true && documents.first?.contains("grid/frequency") == true)
    // A new connection gets the whole document at once.
    harness.publish("grid", [(.power, "1"), (.powerFactor, "1")])
    harness.disconnect()
    harness.connect()
    #expect(harness.drain().discoveries.count == 2)
    #expect(harness.pass(.seconds(20)).discoveries.isEmpty)
  }
}
