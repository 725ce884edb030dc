import Decoders
import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base

/// A line as rtl_wmbus writes it, with a level as some gateways have it.
private func rtl(_ frame: [UInt8]) -> [UInt8] {
  Array("T1;1;1;2026-01-02 03:04:05.000;-71;;;0x\(Hexadecimal.text(frame, uppercase: false))\n".utf8)
}

private let key = "5A17C3E02B94D86F01A2735EB9C4480D"

@Test("three meters share a receiver of wireless M-Bus, and what a wrong key kept comes out with the right one")
func sharedReceiver() throws {
  let water = try sampleBytes("wmbus/mode5")
  let electricity = try sampleBytes("wmbus/mode7")
  let plain = try sampleBytes("wmbus/techem-water")
  let stranger = try sampleBytes("wmbus/diehl-prios")
  let gateway = try Gateway { client in
    client.send(Array("\(Hexadecimal.text(water))\n".utf8) + rtl(electricity) + rtl(electricity) + rtl(stranger))
    client.send(Array("T1;0;0;2026-01-02 03:04:05.000;97;148;0;0xAA\n".utf8))
    // Some gateways write no line end.
    client.send(Array(Hexadecimal.text(plain).utf8))
    client.pause(milliseconds: 20_000)
  }
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  func configure(_ electricityKey: String) throws {
    let source = "protocol: wmbus, source: 'tcp://127.0.0.1:\(gateway.port)'"
    try bridge.configure(
      """
        - {id: water, \(source), address: 70112233, key: \(key)}
        - {id: electricity, \(source), address: 70445566.M=ESY, key: \(electricityKey)}
        - {id: flat, \(source), address: 70313234}
        - {id: attic, protocol: wmbus, source: 'mqtt:radio/gateway', address: 70313234}
      """)
  }
  try configure(String(key.dropLast()) + "E")
  try bridge.run()
  let subscriber = try Subscriber(to: broker)
  #expect(eventually { bridge.log.contains("telegrams: connected to broker") })
  subscriber.publish("radio/gateway", #"{"rssi":-83,"telegram":"\#(Hexadecimal.text(plain))"}"#)
  let expected = [
    "water/volume": "12.345", "flat/volume": "234.5", "flat/availability": "online", "attic/volume": "234.5",
    "attic/signal_strength": "-83",
  ]
  #expect(subscriber.eventually { now in expected.allSatisfy { now.last("meterbridge/\($0.key)") == $0.value } })
  #expect(eventually { bridge.deadLetters.contains("wrong_key") })
  bridge.end()
  #expect(subscriber.last("meterbridge/electricity/power") == nil)
  #expect(bridge.deadLetters.split(separator: "\n").count == 1)
  #expect(!(bridge.log + bridge.deadLetters).contains(key.dropLast()))

  try configure(key)
  #expect(try bridge.command("dead-letter", "replay") == 0)
  let found = ["\"value\":1234.567", "\"value\":472000", "\"replayed\":true"]
  #expect(
    subscriber.eventually { now in
      guard let reading = now.last("meterbridge/electricity/reading") else { return false }
      return found.allSatisfy { reading.contains($0) }
    })
}

@Test("gateways connect to the bridge at the same time; one that is cut in a telegram costs only that one")
func gatewaysThatConnect() throws {
  let water = try sampleBytes("wmbus/mode5")
  let plain = try sampleBytes("wmbus/techem-water")
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let ports = try (freePort(), freePort())
  try bridge.configure(
    """
      - {id: water, protocol: wmbus, source: 'tcp-listen://:\(ports.0)', address: 70112233, key: \(key)}
      - {id: flat, protocol: wmbus, source: 'tcp-listen://:\(ports.0)', address: 70313234}
      - {id: attic, protocol: wmbus, source: 'udp://:\(ports.1)', address: 70313234}
    """)
  try bridge.run()
  let subscriber = try Subscriber(to: broker)
  #expect(eventually { bridge.log.contains("tcp-listen://127.0.0.1:\(ports.0): open") }, "\(bridge.log)")
  var cut: RawClient? = try RawClient(port: ports.0)
  let other = try RawClient(port: ports.0)
  let digits = Array(Hexadecimal.text(water).utf8)
  cut?.send(Array(digits.prefix(40)))
  other.send(Array(digits.prefix(20)))
  cut = nil
  other.send(Array(digits.dropFirst(20)) + [0x0A])
  // Some gateways connect for each telegram, and write no line end.
  try RawClient(port: ports.0).send(Hexadecimal.text(plain))
  let datagrams = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
  defer { close(datagrams) }
  _ = unsafe withLoopback(ports.1) { Int32(unsafe sendto(datagrams, plain, plain.count, 0, $0, $1)) }
  let expected = ["water/volume": "12.345", "flat/volume": "234.5", "attic/volume": "234.5"]
  #expect(
    subscriber.eventually { now in expected.allSatisfy { now.last("meterbridge/\($0.key)") == $0.value } },
    "\(bridge.log)")
  // At its own end the bridge cuts telegrams itself, and writes no letters of them.
  #expect(eventually { !bridge.deadLetters.isEmpty }, "\(bridge.log)")
  bridge.end()
  let letters = bridge.deadLetters.split(separator: "\n")
  #expect(letters.count == 1 && letters[0].contains("truncated"), "\(letters)")
}

@Test("the format that a full frame has shown is there for compact frames after a restart")
func learntFormat() throws {
  let full = "13443506332211702107814378041345230100015B15794F"
  let compact = "13443506332211702107814379E4CA2E77462301001633C4"
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let port = try freePort()
  try bridge.configure("  - {id: water, protocol: wmbus, source: 'tcp-listen://:\(port)', address: 70112233}")
  let subscriber = try Subscriber(to: broker)
  for (round, (frame, volume)) in [(full, "74.565"), (compact, "74.566")].enumerated() {
    try bridge.run(log: "log\(round)")
    var client: RawClient?
    let isOpen = eventually {
      client = client ?? (try? RawClient(port: port))
      return client != nil
    }
    #expect(isOpen)
    client?.send(frame + "\n")
    #expect(subscriber.eventually { $0.last("meterbridge/water/volume") == volume }, "\(bridge.deadLetters)")
    bridge.end()
  }
}
