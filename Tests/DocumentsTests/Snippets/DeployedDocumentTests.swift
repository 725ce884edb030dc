import Foundation
import Testing
import TestSupport

@testable import Documents

private let paths: [(program: SnippetProgram, path: String)] = [
  (.nodeRED, "deploy/node-red/meterbridge.json"),
  (.grafana, "deploy/grafana/meterbridge.json"),
  (.telegraf, "deploy/telegraf/meterbridge.conf"),
]

/// `make docs` sets the variable; then the files are written instead of compared.
@Test("the files in deploy are what the command prints", arguments: paths.map(\.program))
func deployed(program: SnippetProgram) throws {
  let path = try #require(paths.first { $0.program == program }).path
  let file = repository.appending(path: path)
  let text = Snippet(for: program, of: .sample).text
  if ProcessInfo.processInfo.environment["METERBRIDGE_WRITE_DOCS"] != nil {
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }
  #expect(try String(contentsOf: file, encoding: .utf8) == text, "`make docs` writes \(path) anew")
}
