import Decoders
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters

@Suite struct AirReportTests {
  private static func report() throws -> AirReport {
    var survey = AirSurvey()
    for name in ["mode7", "mode5", "session", "techem-water", "diehl-prios"] {
      survey.heard(try sampleBytes("wmbus/\(name)"), strength: FixedDecimal(-80), now: Instant(milliseconds: 0))
    }
    return AirReport(survey.meters, source: "/dev/ttyUSB0", receiver: .cul)
  }

  @Test("what is printed is a configuration that `check` accepts once the keys are there")
  func configuration() throws {
    let report = try Self.report()
    let folder = try TemporaryFolder()
    let text = (report.table + "\n" + report.configuration).split(separator: "\n").map { line in
      line.contains("key: !file") ? "    key: 000102030405060708090A0B0C0D0E0F" : String(line)
    }
    try folder.write(text.joined(separator: "\n") + "\n", to: "m.yaml")
    let (status, _, said) = try runProgram(["check", "--config", folder.path("m.yaml")])
    #expect(status == 0, "\(said)\n\(report.configuration)")
    #expect(report.configuration.split(separator: "\n").count { $0.contains("key: !file /etc/meterbridge/keys/") } == 3)
    #expect(report.configuration.contains("    receiver: cul\n    address: 70445566\n"))
  }

  @Test("the table is in comments, and the same for a spreadsheet")
  func table() throws {
    let report = try Self.report()
    #expect(report.table.split(separator: "\n").allSatisfy { $0.hasPrefix("# ") })
    #expect(report.csv.hasPrefix("number,maker,model,medium,telegrams,interval,encryption,dbm\r\n"))
    #expect(report.csv.contains("70445566,ESY,"))
  }

  @Test(
    "options of the other scan are named", arguments: ["--secondary", "--resume"])
  func options(_ option: String) throws {
    let (status, _, said) = try runProgram(["scan", "--minutes", "1", option, "/dev/null"])
    #expect(status == 64)
    #expect(said.contains("\(option) is for an M-Bus, and not for a receiver"), "\(said)")
  }

  @Test("a recording can be scanned")
  func recording() throws {
    let folder = try TemporaryFolder()
    try folder.write(Hexadecimal.text(try sampleBytes("wmbus/plain")) + "\n", to: "air.txt")
    let (status, output, said) = try runProgram(["scan", "--minutes", "1", "file:\(folder.path("air.txt"))"])
    #expect(status == 0, "\(said)")
    #expect(output.contains("# 70112233  AQU"), "\(output)")
  }
}
