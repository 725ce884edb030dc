import Decoders
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters

private let port = SourceAddress.serial(path: "/dev/ttyUSB0")
private let gateway = SourceAddress.tcp(host: "gateway.lan", port: 10_001)
private let seven = LineSettings(baud: 9600, dataBits: 7, parity: .even, stopBits: 1)
private let p1 = Array("/XYZ5TEST\r\n\r\n1-3:0.2.8(50)\r\n0-0:96.1.1(45303031)\r\n1-0:1.7.0(00.472*kW)\r\n!".utf8)

private func report(_ finding: TelegramTrial.Finding, _ line: LineSettings, on address: SourceAddress = port)
  -> DetectReport
{
  DetectReport(.found(finding, line), heard: [], on: address, wasAsked: false)
}

private func heard(_ medium: Medium = .electricity) -> HeardMeter {
  HeardMeter(medium: medium, maker: "XYZ", model: "TEST", number: "E001", values: 3)
}

/// The answer of a water meter with one volume.
private let waterFrame = MBusFrame.long(
  control: 0x08, address: 5, information: 0x72,
  data: [0x78, 0x56, 0x34, 0x12, 0x2D, 0x2C, 0x01, 0x07, 1, 0, 0, 0, 0x0C, 0x16, 0x27, 0x04, 0x85, 0x02]
).bytes

@Test("a meter that pushes is named with its version, and its entry is right")
func pushingMeter() throws {
  let finding = TelegramTrial.Finding(meterProtocol: .p1, meter: heard(), isMarked: true, version: "5.0")
  let found = report(finding, ProtocolDescription.p1.line)
  #expect(found.status == 0 && found.messages.isEmpty)
  #expect(
    found.configuration
      == """
      meters:
        # /dev/ttyUSB0 at 115200 8N1: a P1 meter, version 5.0: XYZ TEST, number E001, 3 values
        - id: grid
          protocol: p1
          source: /dev/ttyUSB0

      """)
  let read = try configuration(found.configuration)
  #expect(read.meters.map(\.source) == [port] && read.meters[0].line == nil)
}

@Test("line settings that are not the usual ones are written, but not for a gateway")
func unusualLine() throws {
  let finding = TelegramTrial.Finding(meterProtocol: .p1, meter: heard(), isMarked: true, version: "2.2 or 3")
  #expect(try configuration(report(finding, seven).configuration).meters[0].line == seven)
  let behind = report(finding, ProtocolDescription.p1.line, on: gateway).configuration
  #expect(behind.contains("# gateway.lan:10001: a P1 meter"))
  #expect(try configuration(behind).meters[0].source == gateway)
}

@Test("an enciphered meter's key is a file, with a hint, and the entry is right without it")
func encipheredMeter() throws {
  let trouble = DecodeError(.noKey, at: 0)
  let finding = TelegramTrial.Finding(meterProtocol: .dlms, trouble: trouble, isMarked: true)
  let found = report(finding, ProtocolDescription.dlms.line)
  #expect(found.configuration.contains("a DLMS meter, encrypted, and no key is configured"))
  #expect(found.configuration.contains("  # Put its key, 32 hexadecimal digits, into secrets/grid-key (chmod 600)"))
  #expect(try configuration(found.configuration).meters[0].key == nil)
  let folder = try TemporaryFolder()
  try NewFile.makeFolder(folder.path("secrets"))
  try NewFile.write("000102030405060708090A0B0C0D0E0F\n", to: folder.path("secrets/grid-key"), mode: 0o600)
  try NewFile.write(
    found.configuration.replacing("# key:", with: "key:"), to: folder.path("m.yaml"), mode: 0o644)
  #expect(try Configuration.read(path: folder.path("m.yaml")).meters[0].key != nil)
}

@Test("a dongle's secrets are files, and the entry is right once they are there")
func foundDongle() throws {
  let found = DetectReport(
    .dongle("a Wi-SUN dongle with SKSTACK 1.5.2"), of: .echonet, with: ProtocolDescription.echonet.line, on: port)
  #expect(found.status == 0)
  #expect(found.configuration.contains("# /dev/ttyUSB0 at 115200 8N1: a Wi-SUN dongle with SKSTACK 1.5.2"))
  let folder = try TemporaryFolder()
  try NewFile.makeFolder(folder.path("secrets"))
  for (file, text) in [("grid-route-b-id", "00112233445566778899AABBCCDDEEFF"), ("grid-password", "ABCDEFGHIJKL")] {
    #expect(found.configuration.contains("secrets/\(file) (chmod 600)"))
    try NewFile.write(text, to: folder.path("secrets/\(file)"), mode: 0o600)
  }
  try NewFile.write(found.configuration, to: folder.path("m.yaml"), mode: 0o644)
  #expect(try Configuration.read(path: folder.path("m.yaml")).meters[0].meterProtocol == .echonet)
}

@Test("a receiver's meters are entries that are right; without one there is an entry for the first")
func foundReceiver() throws {
  func report(_ frames: [[UInt8]]) -> DetectReport {
    DetectReport(
      .receiver("found the receiver CUL, which hears T1", frames: frames), of: .wmbus,
      with: ProtocolDescription.wmbus.line, on: port)
  }
  let frames = try ["plain", "mode5", "techem-water"].map { try sampleBytes("wmbus/\($0)") }
  let found = report(frames)
  #expect(found.status == 0 && found.messages.isEmpty)
  #expect(found.configuration.hasPrefix("# /dev/ttyUSB0: found the receiver CUL, which hears T1. 2 meters heard"))
  #expect(found.configuration.contains("`meterbridge scan --receiver auto /dev/ttyUSB0`"))
  #expect(found.configuration.contains("    # key: !file"))
  let meters = try configuration(found.configuration).meters
  #expect(
    meters.map(\.meterProtocol) == [.wmbus, .wmbus] && meters.allSatisfy { $0.source == port && $0.address != nil })
  let nobody = report([])
  #expect(nobody.status == 0 && nobody.configuration.contains("takes the telegrams of all"))
  let only = try configuration(nobody.configuration).meters
  #expect(only.map(\.meterProtocol) == [.wmbus])
  if case .secondary? = only[0].address { Issue.record("nobody has that number") }
}

@Test("a meter at an optical head is named, with what wakes it")
func foundOpticalMeter() throws {
  func meter(_ wake: D0Polling.Wake) throws -> MeterSettings {
    let answer = InquiryAnswer.optical("a D0 meter that answers requests: XYZ TEST", wake)
    let found = DetectReport(answer, of: .d0, with: ProtocolDescription.d0.line, on: port)
    #expect(found.configuration.contains("# /dev/ttyUSB0 at 300 7E1: a D0 meter that answers requests: XYZ TEST"))
    return try configuration(found.configuration).meters[0]
  }
  #expect(try meter(.none).opticalPort.wake == .none && meter(.none).id == "grid")
  #expect(try meter(.nulls).opticalPort.wake == .nulls && meter(.nulls).id == "heat")
  #expect(try meter(.uh50).opticalPort.wake == .uh50)
}

@Test("a meter that answers is named, with the speed it answered at")
func answeringMeter() throws {
  let line = LineSettings(baud: 9600, dataBits: 8, parity: .even, stopBits: 1)
  let found = DetectReport(.meter(frame: waterFrame, address: .primary(254)), of: .mbus, with: line, on: port)
  #expect(found.configuration.contains("at 9600 8E1: an M-Bus meter: KAM"))
  #expect(found.configuration.contains("number 12345678"))
  let meter = try configuration(found.configuration).meters[0]
  #expect(meter.id == "water" && meter.line == line && meter.address == .primary(254))
  let new = DetectReport(
    .meter(frame: waterFrame, address: .primary(0)), of: .mbus, with: ProtocolDescription.mbus.line, on: gateway)
  let atZero = try configuration(new.configuration).meters[0]
  #expect(atZero.address == .primary(0) && atZero.line == nil)
}

@Test("where nothing can be read the status is 69, and the words say what to do")
func nothingFound() {
  let line = ProtocolDescription.mbus.line
  let several = DetectReport(.several, of: .mbus, with: line, on: port)
  #expect(several.status == 69 && several.configuration.isEmpty)
  #expect(several.messages[0].contains("meterbridge scan"))
  let silence = DetectReport(.silence, heard: [HeardLine(line)], on: port, wasAsked: false)
  #expect(silence.status == 69 && silence.messages.last?.contains("--ask") == true)
  #expect(!DetectReport(.silence, heard: [], on: port, wasAsked: true).messages.contains { $0.contains("--ask") })
  let failed = DetectReport(.failed("gone"), heard: [], on: port, wasAsked: true)
  #expect(failed.status == 69 && failed.messages == ["gone"])
  var one = HeardLine(line)
  one.append(LineInput(bytes: [1, 2, 3], damaged: [1]))
  let noise = DetectReport(.noise(.noTelegram(bytes: 3)), heard: [one, HeardLine(seven)], on: port, wasAsked: false)
  #expect(noise.messages[0] == "/dev/ttyUSB0: 3 bytes at 2400 8E1, 1 of them damaged")
}

@Test("Ctrl-C tells what was heard so far")
func interruptedReport() {
  var one = HeardLine(seven)
  one.append(LineInput(bytes: p1.map { ~$0 & 0x7F }))
  let report = DetectReport(nil, heard: [one], on: port, wasAsked: false)
  #expect(report.status == 69)
  #expect(report.messages[0] == "stopped. /dev/ttyUSB0: \(p1.count) bytes at 9600 7E1")
  #expect(
    DetectReport(nil, heard: [HeardLine(seven)], on: port, wasAsked: false).messages == [
      "stopped. /dev/ttyUSB0: nothing was heard"
    ])
}
