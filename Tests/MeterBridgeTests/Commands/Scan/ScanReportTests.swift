import Foundation
import Testing
import TestSupport

@testable import Base
@testable import Decoders
@testable import MeterBridge
@testable import Meters
@testable import Simulator

@Suite struct ScanReportTests {
  private static func findings(_ slaves: [MBusSlave], selectable: Bool = true, baud: Int = 2400) -> ScanFindings {
    var findings = ScanFindings(baud: baud)
    for var slave in slaves {
      guard
        let answer = slave.answer(
          to: .short(control: 0x7B, address: slave.address), at: WallTime(milliseconds: 1_790_000_000_000)),
        let sender = MBusSender(of: answer)
      else { continue }
      findings.add(answer.bytes, from: sender, isSelectable: selectable)
    }
    return findings
  }

  /// A heat meter at 45, two water meters at 0, and an electricity meter that shares 7 with one of them.
  private static func building() -> [MBusSlave] {
    [
      MBusSlave(address: 45, SimulatedMULTICAL303(seed: 1)), MBusSlave(address: 0, SimulatedVolumeMeter.water(seed: 1)),
      MBusSlave(address: 0, SimulatedVolumeMeter.water(ordinal: 1, seed: 1)),
      MBusSlave(address: 7, SimulatedPRO380(seed: 1)),
      MBusSlave(address: 7, SimulatedVolumeMeter.water(ordinal: 2, seed: 1)),
    ]
  }

  private static func report(_ findings: ScanFindings, _ source: String = "/dev/ttyUSB0") -> ScanReport {
    ScanReport(findings, source: source, isSerial: source.hasPrefix("/"))
  }

  /// What `check` says about a configuration.
  private static func check(_ text: String) throws -> (status: Int32, said: String) {
    let file = FileManager.default.temporaryDirectory.appending(path: "scan-\(UUID().uuidString).yaml")
    defer { try? FileManager.default.removeItem(at: file) }
    try text.write(to: file, atomically: true, encoding: .utf8)
    let pipe = Pipe()
    let descriptor = pipe.fileHandleForWriting.fileDescriptor
    let status = Program.run(["check", "--config", file.path], Console(output: descriptor, errors: descriptor))
    try pipe.fileHandleForWriting.close()
    return (status, String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self))
  }

  @Test("an address is primary where a meter has its own, and else secondary")
  func addresses() {
    let report = Self.report(Self.findings(Self.building()))
    #expect(
      report.rows.map(\.address) == [
        "45", "\"710047112D4D0107\"", "\"710047122D4D0107\"", "\"16012345CD250102\"", "\"710047132D4D0107\"",
      ])
  }

  @Test("what is printed is a configuration that `check` accepts, and it names every meter")
  func configuration() throws {
    let report = Self.report(Self.findings(Self.building()))
    let (status, said) = try Self.check(report.table + "\n" + report.configuration)
    #expect(status == 0, "\(said)\n\(report.configuration)")
    #expect(report.configuration.contains("  - id: heat_83012345\n    name: \"MULTICAL 303 83012345\"\n"))
    #expect(report.configuration.contains("    address: 45\n    interval: 1h\n"))
    let electricity = try #require(report.configuration.firstRange(of: "id: electricity_16012345"))
    #expect(!report.configuration[electricity.lowerBound...].prefix(170).contains("interval"))
    #expect(report.configuration.split(separator: "\n").count { $0.contains("- id: ") } == 5)
  }

  @Test("a gateway, and another speed, are in the configuration")
  func sources() throws {
    let gateway = Self.report(Self.findings(Self.building(), baud: 2400), "tcp://meter-gateway.lan:10001")
    #expect(gateway.configuration.contains("    source: \"tcp://meter-gateway.lan:10001\"\n"))
    #expect(!gateway.configuration.contains("line:"))
    #expect(try Self.check(gateway.configuration).status == 0)
    let slow = Self.report(Self.findings(Self.building(), baud: 300))
    #expect(slow.configuration.contains("    line: 300 8E1\n"))
    #expect(try Self.check(slow.configuration).status == 0)
  }

  @Test("meters of another speed, and those without an address, are comments")
  func comments() throws {
    let twins = [1, 2].map { (number: UInt32) in
      MBusSlave(
        address: 0,
        DeliveredMeter(
          SimulatedVolumeMeter.water(seed: 1), identification: 0x1234_5678, fabricationNumber: number,
          standsStill: true))
    }
    var findings = Self.findings(Self.building() + twins)
    findings.baud = 300
    for slave in [MBusSlave(address: 9, SimulatedVolumeMeter.gas(seed: 1))] {
      for meter in Self.findings([slave]).meters {
        findings.add(meter.frame, from: meter.sender, isSelectable: true)
      }
    }
    let report = Self.report(findings)
    #expect(report.rows.suffix(3).map(\.address) == [nil, nil, "9"])
    let text = report.configuration
    #expect(text.contains("  # others have the same addresses; give it an address of its own"))
    #expect(
      text.contains("  # a line has one speed: this meter answers at 300 baud, the first one at 2400\n  # - id: gas_"))
    #expect(text.split(separator: "\n").count { $0.hasPrefix("  - id: ") } == 5)
    let (status, said) = try Self.check(text)
    #expect(status == 0, "\(said)\n\(text)")
  }

  @Test("a meter that ignores selections keeps its primary address, even the factory's")
  func primaryOnly() {
    let water = MBusSlave(address: 0, SimulatedVolumeMeter.water(seed: 1))
    #expect(Self.report(Self.findings([water], selectable: false)).rows.map(\.address) == ["0"])
  }

  @Test("the table and the spreadsheet have a line for each meter")
  func tables() {
    let report = Self.report(Self.findings(Self.building()))
    let lines = report.table.split(separator: "\n")
    #expect(lines.count == 6 && lines.allSatisfy { $0.hasPrefix("# ") })
    #expect(lines[1].contains("45") && lines[1].contains("830123452D2C4004") && lines[1].contains("energy 1160 kWh"))
    let rows = report.csv.split(separator: "\r\n")
    #expect(rows[0] == "address,secondary,number,maker,model,medium,baud,values")
    #expect(rows[1].hasPrefix("45,830123452D2C4004,83012345,KAM,MULTICAL 303,heat,2400,\"energy 1160 kWh, "))
    #expect(rows.count == 6)
  }

  @Test("an interrupted scan is read back as it was written")
  func memory() throws {
    let records = [
      ScanRecord(request: [0x10, 0x40, 0x01, 0x41, 0x16], answer: []),
      ScanRecord(request: [0x10, 0x40, 0x02, 0x42, 0x16], answer: [0xE5]),
    ]
    let text = ScanMemory.text(records, title: "meterbridge scan /dev/ttyUSB0 2400")
    #expect(text == "meterbridge scan /dev/ttyUSB0 2400\n1040014116 -\n1040024216 E5\n")
    #expect(ScanMemory.records(text, title: "meterbridge scan /dev/ttyUSB0 2400") == records)
    #expect(ScanMemory.records(text, title: "meterbridge scan /dev/ttyUSB1 2400") == nil)
    #expect(ScanMemory.records(text + "10400341\n", title: "meterbridge scan /dev/ttyUSB0 2400") == nil)
  }
}
