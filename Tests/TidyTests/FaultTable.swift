import Foundation
import Testing

/// `docs/RELIABILITY.md` says what has been tried: nobody should look in vain for the tests it names.
@Test func everyFaultOfTheTableNamesTestsThatAreThere() throws {
  let folder = root.appending(path: "Tests")
  let files =
    FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
  var tests: Set<Substring> = []
  for file in files where file.pathExtension == "swift" {
    let text = try String(contentsOf: file, encoding: .utf8)
    for match in text.matches(of: /func (\w+)\(/) { tests.insert(match.1) }
  }
  let page = try String(contentsOf: root.appending(path: "docs/RELIABILITY.md"), encoding: .utf8)
  let rows = page.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
  #expect(rows.count > 40)
  for row in rows {
    let cells = row.split(separator: "|")
    let named = cells.last?.matches(of: /`(\w+)`/).map(\.1) ?? []
    #expect(cells.count == 4 && !named.isEmpty, "\(row)")
    #expect(tests.isSuperset(of: named), "\(row)")
  }
}
