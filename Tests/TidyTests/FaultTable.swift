import Foundation
import Testing

/// `docs/RELIABILITY.md` and `docs/SECURITY.md` say what has been tried: nobody should look in vain for the tests they name.
@Test(arguments: ["RELIABILITY": "## Every fault", "SECURITY": "## How it was tried"])
func everyFaultOfTheTableNamesTestsThatAreThere(name: String, heading: String) throws {
  let folder = root.appending(path: "Tests")
  let files =
    FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
  var tests: Set<Substring> = []
  for file in files where file.pathExtension == "swift" {
    let text = try String(contentsOf: file, encoding: .utf8)
    for match in text.matches(of: /func (\w+)\(/) { tests.insert(match.1) }
  }
  let page = try String(contentsOf: root.appending(path: "docs/\(name).md"), encoding: .utf8)
  let table = try #require(page.range(of: heading)).upperBound
  let rows = page[table...].split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst()
  #expect(rows.count > (name == "RELIABILITY" ? 40 : 5))
  for row in rows {
    let cells = row.split(separator: "|")
    let named = cells.last?.matches(of: /`(\w+)`/).map(\.1) ?? []
    #expect(cells.count >= 3 && !named.isEmpty, "\(row)")
    #expect(tests.isSuperset(of: named), "\(row)")
  }
}
