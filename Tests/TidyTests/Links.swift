import Foundation
import Testing

/// Paths that a page names although they are not there: those of its example.
private let examplePaths: Set<String> = [
  "Sources/Decoders/Profiles/THERMO.swift", "Tests/Samples/mbus/thermo5.sample",
]

/// README and the pages of `docs`.
private func pages() throws -> [String] {
  let names = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "docs").path)
  return ["README.md"] + names.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
}

@Test(arguments: try pages())
func everyLinkOfAPageLeadsSomewhere(page: String) throws {
  let text = try String(contentsOf: root.appending(path: page), encoding: .utf8)
  for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
    for target in links(line) where !target.contains("://") {
      #expect(try leadsSomewhere(target, from: page), "\(page):\(number + 1): nothing is at the link \(target)")
    }
    for path in try paths(line) where !examplePaths.contains(path) {
      #expect(isThere(path), "\(page):\(number + 1): `\(path)` is not there")
    }
  }
}

@Test func aBrokenLinkIsSeen() throws {
  #expect(links("See [A](B.md) and ![c](docs/d.png#e).") == ["B.md", "docs/d.png#e"])
  #expect(
    try paths("`Sources/X/Y.swift:12`, `make test`, `Decoders/Z`, `meterbridge/a/b`") == [
      "Sources/X/Y.swift", "Decoders/Z",
    ])
  #expect(try leadsSomewhere("DLMS.md#encrypted-p1", from: "docs/ARCHITECTURE.md"))
  #expect(try !leadsSomewhere("DLMS.md#no-such-heading", from: "docs/ARCHITECTURE.md"))
  #expect(try !leadsSomewhere("docs/DLMS.md", from: "docs/ARCHITECTURE.md"))
  #expect(isThere("Scripts/demo.sh") && isThere("Decoders/Bytes") && isThere("Tests/{MQTT,Decoders}Tests/*.swift"))
  #expect(!isThere("deploy/demo.sh") && !isThere("Decoders/Nothing.swift"))
}

/// The targets of Markdown links.
private func links(_ line: Substring) -> [String] { line.matches(of: /\]\(([^)\s]+)\)/).map { String($0.1) } }

/// The paths of the repository in backticks: those that begin with one of its folders, or with a target of `Sources`.
private func paths(_ line: Substring) throws -> [String] {
  let roots = ["Sources", "Tests", "docs", "Scripts", "deploy", "Benchmarks", "Fuzz"]
  let targets = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Sources").path)
  return line.matches(of: /`([\w.-]+)\/([^`\s:]*)[^`\s]*`/).compactMap { match in
    guard (roots + targets).contains(String(match.1)), !match.2.hasPrefix(".build") else { return nil }
    return "\(match.1)/\(match.2)"
  }
}

private func isThere(_ path: String) -> Bool {
  // Of a pattern, the folder in front of it.
  let parts = path.split(separator: "/").prefix { $0.firstIndex(where: "*{<…".contains) == nil }
  let plain = parts.joined(separator: "/")
  return [plain, "Sources/\(plain)"].contains { FileManager.default.fileExists(atPath: root.appending(path: $0).path) }
}

private func leadsSomewhere(_ target: String, from page: String) throws -> Bool {
  let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
  let here = root.appending(path: page)
  let file = parts[0].isEmpty ? here : here.deletingLastPathComponent().appending(path: String(parts[0])).standardized
  guard FileManager.default.fileExists(atPath: file.path) else { return false }
  guard parts.count == 2 else { return true }
  return try headings(String(contentsOf: file, encoding: .utf8)).contains(String(parts[1]))
}

/// The headings of a page as the anchors that GitHub makes of them.
private func headings(_ text: String) -> [String] {
  text.split(separator: "\n").filter { $0.hasPrefix("#") }.map { line in
    let title = line.drop { $0 == "#" }.drop { $0 == " " }.lowercased()
    return String(title.filter { $0.isLetter || $0.isNumber || "-_ ".contains($0) }.map { $0 == " " ? "-" : $0 })
  }
}
