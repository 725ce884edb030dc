import Decoders
import Platform
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Publishing

/// The ports of a configuration, and what comes to them over MQTT.
private struct TopicPorts {
  var ports: Ports
  var now = Instant(milliseconds: 1_000_000_000)
  let wall = WallTime(milliseconds: 1_795_172_401_250)
  var outputs: [MeterOutput] = []

  init(_ meters: String) throws {
    ports = Ports(in: try #require(EventPoll()))
    for group in try configuration("meters:\n" + meters).metersBySource {
      let port = Port(
        group, devices: [], frameCounters: FrameCounters(), totals: GuardedTotals(), network: nil, seed: 1, lookup: nil,
        fetcher: nil)
      if let port { ports.append(port) }
    }
    for index in ports.indices { _ = ports[index].service([], now: now, wall: wall) }
  }

  /// False if no meter reads the topic.
  @discardableResult
  mutating func send(_ topic: String, _ payload: [UInt8], time: WallTime? = nil, isCut: Bool = false) -> Bool {
    let telegram = IncomingTelegram(topic: topic, payload: payload, time: time?.description, isCut: isCut)
    guard let outputs = ports.take(telegram, now: now, wall: wall) else { return false }
    self.outputs += outputs
    return true
  }

  var publications: [Publication] {
    outputs.compactMap { if case .publication(let publication) = $0 { publication } else { nil } }
  }
  var letters: [DeadLetter] { outputs.compactMap { if case .deadLetter(let letter) = $0 { letter } else { nil } } }
  var forwards: [ForwardedTelegram] {
    outputs.compactMap { if case .forward(let telegram) = $0 { telegram } else { nil } }
  }
}

private func p1(_ energy: String = "000123.456") -> [UInt8] {
  let text = "/ISK5\\2M550T-1013\r\n\r\n1-3:0.2.8(50)\r\n1-0:1.8.1(\(energy)*kWh)\r\n!"
  let checksum = String(CRC16.arc(Array(text.utf8).span), radix: 16, uppercase: true)
  return Array((text + String(repeating: "0", count: 4 - checksum.count) + checksum + "\r\n").utf8)
}

/// A slave's answer with an energy (EN 13757-3: header of 12 bytes, then DIF 04, VIF 06).
private func mbus(_ address: UInt8) -> [UInt8] {
  let data: [UInt8] = [address, 0x23, 0x01, 0x83, 0x2D, 0x2C, 0x40, 0x04, 0, 0, 0, 0, 0x04, 0x06, 0x88, 0x04, 0, 0]
  return MBusFrame.long(control: 0x08, address: address, information: 0x72, data: data).bytes
}

@Suite struct PortMQTTTests {
  @Test("a telegram in bytes, digits or JSON is the same reading") func forms() throws {
    var ports = try TopicPorts("  - {id: grid, protocol: p1, source: 'mqtt:raw/grid'}\n")
    ports.send("raw/grid", p1())
    let digits = Hexadecimal.text(p1())
    ports.send("raw/grid", Array(digits.utf8))
    ports.send("raw/grid", Array(#"{"telegram":"\#(digits)"}"#.utf8))
    let documents = ports.publications.compactMap(\.reading)
    #expect(documents.count == 3 && Set(documents).count == 1)
    #expect(ports.letters.isEmpty)
    let isStray = !ports.send("raw/other", p1())
    #expect(isStray)
  }

  @Test("a level at `+` names the meter, and a stranger is not taken for one") func namedByTopic() throws {
    var ports = try TopicPorts(
      "  - {id: a, protocol: p1, source: 'mqtt:raw/+/p1'}\n  - {id: b, protocol: p1, source: 'mqtt:raw/+/p1'}\n"
        + "  - {id: c, protocol: mbus, source: 'mqtt:raw/+/p1'}\n")
    ports.send("raw/b/p1", p1("000001.000"))
    ports.send("raw/a/p1", p1("000002.000"))
    ports.send("raw/c/p1", mbus(3))
    #expect(ports.publications.map(\.device.id) == ["b", "a", "c"])
    ports.send("raw/b/p1", [1, 2, 3])
    #expect(ports.letters.map(\.meter) == ["b"] && ports.letters[0].bytes == [1, 2, 3])
    for stranger in [p1("000003.000"), mbus(3)] {
      let isTaken = ports.send("raw/d/p1", stranger)
      #expect(!isTaken)
    }
    #expect(ports.publications.count == 3)
  }

  @Test("meters with addresses are told apart by them") func namedByAddress() throws {
    var ports = try TopicPorts(
      "  - {id: a, protocol: mbus, source: 'mqtt:bus', address: 3}\n"
        + "  - {id: b, protocol: mbus, source: 'mqtt:bus', address: 4}\n")
    ports.send("bus", mbus(4))
    ports.send("bus", mbus(3))
    #expect(ports.publications.map(\.device.id) == ["b", "a"])
    ports.send("bus", mbus(5))
    #expect(ports.publications.count == 2 && ports.letters.count == 1)
  }

  @Test("wireless telegrams come as frames, digits, JSON or a receiver's line, and tell their meter")
  func wireless() throws {
    let water = try sampleBytes("wmbus/plain")
    let flat = try sampleBytes("wmbus/techem-water")
    let digits = Hexadecimal.text(flat)
    let line = "T1;1;1;2026-01-02 03:04:05.000;-71;;;0x\(digits)"
    let object = #"{"rssi": -71,\#n "data": "0x\#(digits)"}"#
    for (form, hasLevel) in [
      (flat, false), (Array(digits.utf8), false), (Array(line.utf8), true), (Array(object.utf8), true),
    ] {
      var ports = try TopicPorts(
        "  - {id: water, protocol: wmbus, source: 'mqtt:radio', address: 70112233}\n"
          + "  - {id: flat, protocol: wmbus, source: 'mqtt:radio', address: 70313234}\n")
      ports.send("radio", water)
      ports.send("radio", form)
      #expect(ports.publications.map(\.device.id) == ["water", "flat"])
      #expect(ports.publications[1].fields.contains { $0.payload == "-71" } == hasLevel)
      #expect(ports.letters.isEmpty)
      ports.send("radio", Array("hello".utf8))
      #expect(ports.letters.map(\.bytes) == [Array("hello".utf8)])
    }
  }

  @Test("a level at `+` decides between wireless meters without a number, and a frame's own number between others")
  func wirelessByTopic() throws {
    let water = try sampleBytes("wmbus/plain")
    var ports = try TopicPorts(
      ["a", "b"].map { "  - {id: \($0), protocol: wmbus, source: 'mqtt:radio/+'}\n" }.joined())
    ports.send("radio/b", water)
    #expect(ports.publications.map(\.device.id) == ["b"])
    let isTaken = ports.send("radio/c", water)
    #expect(!isTaken)
    var others = try TopicPorts(
      "  - {id: a, protocol: wmbus, source: 'mqtt:radio/+', address: 70112233}\n"
        + "  - {id: b, protocol: wmbus, source: 'mqtt:radio/+', address: 70313234}\n")
    others.send("radio/b", water)
    #expect(others.publications.map(\.device.id) == ["a"])
  }

  @Test("what is not a telegram is a dead letter with its bytes") func deadLetters() throws {
    var ports = try TopicPorts("  - {id: grid, protocol: p1, source: 'mqtt:raw/grid'}\n")
    let damaged = p1().map { $0 == UInt8(ascii: "4") ? UInt8(ascii: "5") : $0 }
    for payload in [damaged, Array(p1().dropLast(8)), Array(#"{"state":"idle"}"#.utf8), [0xFF]] {
      ports.send("raw/grid", payload)
      #expect(ports.letters.last?.bytes == payload)
    }
    ports.send("raw/grid", p1(), isCut: true)
    #expect(ports.letters.last?.bytes == p1())
    #expect(ports.publications.isEmpty)
    #expect(ports.letters.map(\.code) == ["checksum_mismatch", "truncated", "unknown_layout", "noise", "too_long"])
    // Each message stands for itself.
    ports.send("raw/grid", p1())
    #expect(ports.publications.count == 1)
  }

  @Test("a telegram of an outage is booked at its own time, and its meter is not online for that") func ownTime() throws
  {
    var ports = try TopicPorts("  - {id: grid, protocol: p1, source: 'mqtt:raw/grid'}\n")
    let hour: Int64 = 3_600_000
    ports.send("raw/grid", p1("000001.000"), time: ports.wall.back(2 * hour))
    ports.send("raw/grid", p1("000002.000"), time: ports.wall.back(hour))
    #expect(ports.publications.map(\.received) == [ports.wall.back(2 * hour), ports.wall.back(hour)])
    let online = ports.outputs.compactMap { if case .availability(_, let isOnline) = $0 { isOnline } else { nil } }
    #expect(online.last == true)
    // An hour between two telegrams is the interval that was learnt.
    #expect(ports.ports[0].deadline.map { $0 > ports.now + .minutes(60) } == true)
  }

  @Test("a meter with `forward` sends on what came, readable or not") func forwarding() throws {
    var ports = try TopicPorts("  - {id: grid, protocol: p1, source: 'mqtt:raw/grid', forward: all/grid}\n")
    ports.send("raw/grid", p1(), time: ports.wall.back(5_000))
    #expect(ports.forwards.map(\.bytes) == [p1()] && ports.forwards[0].topic == "all/grid")
    #expect(ports.forwards[0].received == ports.wall.back(5_000))
    ports.send("raw/grid", [0xFF])
    #expect(ports.forwards.count == 1)
  }
}
