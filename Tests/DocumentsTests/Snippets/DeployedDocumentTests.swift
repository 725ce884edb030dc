import Foundation
import Testing
import TestSupport

@testable import Documents

/// `make docs` sets the variable; then the files are written instead of compared.
@Test("the files in deploy are what the command prints", arguments: [SnippetProgram.nodeRED, .grafana])
func deployed(program: SnippetProgram) throws {
  let path = program == .nodeRED ? "deploy/node-red/meterbridge.json" : "deploy/grafana/meterbridge.json"
  let file = repository.appending(path: path)
  let text = Snippet(for: program, of: .sample).text
  if ProcessInfo.processInfo.environment["METERBRIDGE_WRITE_DOCS"] != nil {
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }
  #expect(try String(contentsOf: file, encoding: .utf8) == text, "`make docs` writes \(path) anew")
}
