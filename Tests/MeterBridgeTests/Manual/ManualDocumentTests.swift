import Foundation
import Testing
import TestSupport

@testable import MeterBridge

/// A file of `deploy` that is made from the program's own tables.
struct MadeFile: Sendable, CustomTestStringConvertible {
  var path: String
  var text: @Sendable () -> String

  var testDescription: String { path }

  /// `make docs` sets the variable; then the file is written instead of compared.
  func holds() throws {
    let file = repository.appending(path: path)
    if ProcessInfo.processInfo.environment["METERBRIDGE_WRITE_DOCS"] != nil {
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text().utf8).write(to: file)
    }
    #expect(try String(contentsOf: file, encoding: .utf8) == text(), "`make docs` writes \(path) anew")
  }
}

@Test(
  "the manual pages are what the tables say",
  arguments: [
    MadeFile(path: "deploy/man/meterbridge.1", text: ProgramManual.page),
    MadeFile(path: "deploy/man/meterbridge.yaml.5", text: ConfigurationManual.page),
  ])
private func manualPage(page: MadeFile) throws { try page.holds() }

/// All Swift code of the product.
private func sources() throws -> String {
  let folder = repository.appending(path: "Sources")
  let files = try #require(FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
  return try files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
    .map { try String(contentsOf: $0, encoding: .utf8) }.joined()
}

@Test("the manual has every exit status of the program, and each environment variable that it reads")
func manualIsComplete() throws {
  let code = try sources()
  let statuses = Set(code.matches(of: /\bEX_[A-Z]+\b/).map { String($0.0) })
  #expect(statuses == Set(ProgramManual.exitStatuses.map(\.name)).subtracting([""]))
  let read = Set(code.matches(of: /(?:nvironment(?:\.process)?\[|folder\()"([A-Z_]+)"/).map { String($0.1) })
  #expect(read.count > 5)
  // The system's library reads this one.
  #expect(read.union(["TZ"]) == Set(ProgramManual.variables.map(\.name)))
}

@Test(
  "the configurations of the manual pages are valid",
  arguments: [ProgramManual.configuration, ConfigurationManual.example])
func manualExample(lines: [String]) throws {
  let folder = try TemporaryFolder()
  try FileManager.default.createDirectory(atPath: folder.path("secrets"), withIntermediateDirectories: false)
  try folder.write("secret\n", to: "secrets/mqtt-password")
  try folder.write(lines.joined(separator: "\n"), to: "m.yaml")
  #expect(throws: Never.self) { try Configuration.read(path: folder.path("m.yaml")) }
}

private struct Markup: Sendable, CustomTestStringConvertible {
  var written: String
  var made: String
  var testDescription: String { written }
}

@Test(
  "markup of the tables becomes markup of a manual page",
  arguments: [
    Markup(written: "See [HTTP.md](HTTP.md#for).", made: "See HTTP.md."),
    Markup(written: "`--config` x", made: "\\fB\\-\\-config\\fR x"),
    Markup(written: "With --connect it", made: "With \\fB\\-\\-connect\\fR it"),
    Markup(written: "a well-known **word**", made: "a well-known \\fBword\\fR"),
    Markup(written: "−51 dBm, ~ and \\", made: "\\[u2212]51 dBm, \\(ti and \\e"),
  ])
private func markup(case: Markup) { #expect(Roff.inline(`case`.written) == `case`.made) }

@Test("the help of a command becomes paragraphs, examples and tables")
func helpText() {
  var page = Roff(title: "T", section: 1, version: "0")
  page.help(
    "One\ntwo.\n\n    meterbridge x\n    .y\n\nKIND is one of\n  a  first\n  b  second\n     line\n\nlist   all")
  let body = page.text.split(separator: "\n").dropFirst(3).joined(separator: "\n")
  #expect(
    body == """
      .PP
      One two.
      .PP
      .in +4n
      .EX
      meterbridge x
      \\&.y
      .EE
      .in
      .PP
      KIND is one of
      .TP
      \\fBa\\fR
      first
      .TP
      \\fBb\\fR
      second line
      .TP
      \\fBlist\\fR
      all
      """)
}
