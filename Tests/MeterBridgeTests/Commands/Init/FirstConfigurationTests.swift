import Decoders
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform
@testable import Publishing

private let line = LineSettings(baud: 9600, dataBits: 7, parity: .even, stopBits: 1)

@Test("the first configuration is right, and reads back as it was meant")
func firstConfigurationText() throws {
  var first = FirstConfiguration()
  first.host = "127.0.0.1"
  first.port = 8883
  first.username = "null: #1 \"x\""
  first.meters = [
    .init(
      id: "grid", meterProtocol: .p1, source: "/dev/serial/by-path/pci-0000:00:14.0-usb", line: line,
      heard: "ISK, 3 values"),
    .init(id: "heat", meterProtocol: .mbus, source: "tcp://[::1]:10001", address: 0),
    .init(id: "netz", meterProtocol: .dlms, source: "/dev/tty # x", missing: ["key"]),
  ]
  let read = try configuration(first.text)
  #expect(read.mqtt.host == "127.0.0.1")
  #expect(read.mqtt.brokerPort == 8883)
  #expect(read.mqtt.tls != nil)
  #expect(read.mqtt.username == first.username)
  #expect(read.meters.map(\.id) == ["grid", "heat", "netz"])
  #expect(read.meters.map(\.sourceText) == first.meters.map(\.source))
  #expect(read.meters[0].line == line)
  #expect(read.meters[1].address == .primary(0))
  #expect(read.meters[2].key == nil)
  #expect(first.text.contains("  # ISK, 3 values\n  - id: grid\n"))
  #expect(first.text.contains("    # key: !file secrets/netz-key\n"))
}

@Test("secrets stand in files beside the configuration")
func firstConfigurationSecrets() throws {
  let folder = try TemporaryFolder()
  try NewFile.makeFolder(folder.path("secrets"))
  try NewFile.write("hidden\n", to: folder.path("secrets/mqtt-password"), mode: 0o600)
  #expect(throws: Errno(17)) { try NewFile.write("x", to: folder.path("secrets/mqtt-password"), mode: 0o600) }
  #expect(try folder.text("secrets/mqtt-password") == "hidden\n")
  var first = FirstConfiguration()
  first.username = "m"
  first.password = .init(key: "password", file: "mqtt-password")
  first.meters = [.init(id: "grid", meterProtocol: .p1, source: "/dev/x")]
  try NewFile.write(first.text, to: folder.path("m.yaml"), mode: 0o644)
  #expect(!first.text.contains("hidden"))
  let read = try Configuration.read(path: folder.path("m.yaml"))
  #expect(read.mqtt.password?.reveal == "hidden")
  #expect(read.warnings.isEmpty)
  #expect(try folder.mode("secrets") == 0o700)
  #expect(try folder.mode("secrets/mqtt-password") == 0o600)
  #expect(try folder.mode("m.yaml") == 0o644)
}

@Test("meters get ids after what they measure")
func firstIDs() {
  var first = FirstConfiguration()
  #expect(first.freeID(for: .electricity) == "grid")
  #expect(first.freeID(for: .heat) == "heat")
  #expect(first.freeID(for: nil) == "meter")
  first.meters = ["grid", "grid_2"].map { .init(id: $0, meterProtocol: .p1, source: "/dev/x") }
  #expect(first.freeID(for: .electricity) == "grid_3")
}
