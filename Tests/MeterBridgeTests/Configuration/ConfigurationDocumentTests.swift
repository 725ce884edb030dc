import Foundation
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge

private let file = repository.appending(path: "docs/CONFIGURATION.md")
private let start = "<!-- From here on made from the program's own table; `make docs` writes it anew. -->\n"

/// The reference of `docs/CONFIGURATION.md`, from the table of settings.
private func reference() -> String {
  Configuration.groups.map { group in
    let heading =
      switch group.path {
      case "": "The top of the file"
      case "meters": "Each meter of `meters`"
      default: "`\(group.path)`"
      }
    let rows = group.rows.map { row in
      "| `\(row.key)` | \(row.value) | \(row.fallback ?? "**must be there**") | \(row.meaning) |\n"
    }
    return "\n### \(heading)\n\n| key | value | default | meaning |\n|---|---|---|---|\n\(rows.joined())"
  }.joined()
}

@Test("docs/CONFIGURATION.md is what the table says")
func configurationPage() throws {
  let written = try String(contentsOf: file, encoding: .utf8)
  let head = try #require(written.firstRange(of: start)?.upperBound)
  let expected = written[..<head] + reference()
  if ProcessInfo.processInfo.environment["METERBRIDGE_WRITE_DOCS"] != nil {
    try Data(expected.utf8).write(to: file)
  } else {
    #expect(written == expected, "docs/CONFIGURATION.md is not what the table says; `make docs` writes it anew")
  }
}

/// The examples of the page are right: every ```yaml block, with meters where it has none.
@Test("the examples of the page are valid")
func examples() throws {
  let written = try String(contentsOf: file, encoding: .utf8)
  let blocks = written.split(separator: "```yaml\n").dropFirst().compactMap { $0.split(separator: "```").first }
  #expect(blocks.count >= 3)
  let folder = try TemporaryFolder()
  try folder.write("secret\n", to: "mqtt-password")
  for block in blocks {
    let text = block.contains("meters:") ? String(block) : block + "\n" + rightMeter
    try folder.write(text, to: "m.yaml")
    let path = folder.path + "/m.yaml"
    #expect(throws: Never.self, "\(block)") { try Configuration.read(path: path, environment: ["MQTT_USER": "u"]) }
  }
}
