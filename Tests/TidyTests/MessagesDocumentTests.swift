import Foundation
import Testing

private let page = root.appending(path: "docs/TROUBLESHOOTING.md")
private let codesHeading = "## Codes of dead letters"

/// The page holds every warning, error and code of the program with what to do. `make docs` adds rows that are missing, for
/// you to fill in, and removes those that the program does not say any more.
@Test func everyMessageIsOnThePageWithWhatToDo() throws {
  let (messages, unknown) = try Messages.all()
  #expect(unknown.isEmpty, "add these to `origins` in Tests/TidyTests/Messages.swift: \(unknown)")
  let texts = Set(messages.map(\.text).filter { !Messages.isQuiet($0) }.map(cell))
  let codes = Set(try Messages.codes().map { "`\($0)`" })
  #expect(texts.count > 150 && codes.count > 40)
  var written = try String(contentsOf: page, encoding: .utf8)
  if ProcessInfo.processInfo.environment["METERBRIDGE_WRITE_DOCS"] != nil {
    written = corrected(written, texts: texts, codes: codes)
    try Data(written.utf8).write(to: page)
  }
  let (messagePart, codePart) = parts(of: written)
  for (part, expected) in [(messagePart, texts), (codePart, codes)] {
    let rows = rows(of: part)
    #expect(Set(rows.map(\.key)).count == rows.count, "a row stands there twice")
    for row in rows where row.remedy.isEmpty { Issue.record("say in docs/TROUBLESHOOTING.md what to do: \(row.key)") }
    for text in expected.subtracting(rows.map(\.key)).sorted() {
      Issue.record("docs/TROUBLESHOOTING.md lacks \(text); `make docs` adds it")
    }
    for row in rows where !expected.contains(row.key) {
      Issue.record("the program does not say \(row.key) any more; `make docs` removes it from docs/TROUBLESHOOTING.md")
    }
  }
}

/// README has the most frequent ones, in the same words.
@Test func theMessagesOfTheREADMEAreOnThePage() throws {
  let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
  let heading = try #require(readme.firstRange(of: "## When something is wrong\n"))
  let section = readme[heading.upperBound...].split(separator: "\n## ")[0]
  let known = Set(rows(of: try String(contentsOf: page, encoding: .utf8)).map(\.key))
  let told = rows(of: String(section))
  #expect((8...14).contains(told.count))
  for row in told where !known.contains(row.key) { Issue.record("\(row.key) is not in docs/TROUBLESHOOTING.md") }
}

@Test func messagesAreFoundInCallsAndJoined() {
  let text = #"""
    func f() {
      Log.write(.warning, "\(id): too \(words("a)")) many" + " things")  // "no" words here
      if x { return SourceError(isIt ? "one is here now" : "\(name) is there") }
    }
    """#
  let texts = SwiftTexts(SwiftFile(path: "Sources/T/A/F.swift", text: text))
  let found = ["Log.write(.warning,", "SourceError("].flatMap { call in
    texts.arguments(of: call).flatMap { texts.sentences(in: $0) }
  }
  #expect(found == ["…: too … many things", "one is here now", "… is there"])
}

private struct Row {
  var key: String
  var remedy: String
}

private func rows(of text: String) -> [Row] {
  text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
    // A bar in a message is escaped.
    let cells = line.replacing("\\|", with: "\u{1}").split(separator: "|", omittingEmptySubsequences: false).map {
      $0.replacing("\u{1}", with: "\\|").trimmingCharacters(in: .whitespaces)
    }
    return Row(key: cells[1], remedy: cells.count > 3 ? cells[cells.count - 2] : "")
  }
}

private func parts(of text: String) -> (messages: String, codes: String) {
  guard let heading = text.firstRange(of: codesHeading) else { return (text, "") }
  return (String(text[..<heading.lowerBound]), String(text[heading.lowerBound...]))
}

/// A sentence as code of Markdown.
private func cell(_ text: String) -> String {
  let shown = text.trimmingCharacters(in: .whitespaces).replacing("|", with: "\\|")
  return shown.contains("`") ? "`` \(shown) ``" : "`\(shown)`"
}

/// The page with the rows that are missing, at the end of either part, and without those that are not said any more.
private func corrected(_ text: String, texts: Set<String>, codes: Set<String>) -> String {
  let (messages, rest) = parts(of: text)
  func part(_ text: String, _ expected: Set<String>) -> String {
    let known = Set(rows(of: text).map(\.key))
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
      rows(of: String(line)).allSatisfy { expected.contains($0.key) }
    }
    let missing = expected.subtracting(known).sorted().map { "| \($0) |  |\n" }
    guard !missing.isEmpty else { return lines.joined(separator: "\n") }
    return lines.joined(separator: "\n").trimmingCharacters(in: .newlines) + "\n" + missing.joined() + "\n"
  }
  return part(messages, texts) + part(rest, codes)
}
