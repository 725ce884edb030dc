import Foundation
import Testing
import TestSupport

private let pages = ["deploy/man/meterbridge.1", "deploy/man/meterbridge.yaml.5"]

@Test("mandoc and groff find no mistake in the manual pages", arguments: pages)
private func manualPageIsRight(page: String) throws {
  let path = repository.appending(path: page).path
  // The page has no date on purpose: its version says how old it is.
  let lint = try ShellCommand(#"mandoc -Tlint -W style "$0" | grep -v 'missing date, using ""'"#, path)
  #expect(lint.output == "")
  let groff = try ShellCommand(#"man --warnings -E UTF-8 -l -Tutf8 -Z "$0" >/dev/null"#, path)
  #expect(groff.status == 0 && groff.output == "")
  let whatis = try ShellCommand(#"lexgrog "$0""#, path)
  #expect(whatis.output.contains(": \"meterbridge") && whatis.output.contains(" - "))
}

@Test("a mistake in a manual page is seen")
func wrongManualPage() throws {
  let folder = try TemporaryFolder()
  try folder.write(".TH X 1 \"\" \"x\"\n.SH Name\nx \\- y\n.NO\n", to: "x.1")
  let lint = try ShellCommand(#"mandoc -Tlint -W style "$0""#, folder.path("x.1"))
  #expect(lint.output.contains("skipping unknown macro"))
}

@Test("a manual page fits a terminal of 80 columns, and what is to be typed has the signs of the keyboard")
func terminal() throws {
  for page in pages {
    let shown = try ShellCommand(#"MANWIDTH=80 man -E UTF-8 -l "$0" | col -bx"#, repository.appending(path: page).path)
    let lines = shown.output.split(separator: "\n")
    #expect(lines.count > 100)
    #expect(lines.allSatisfy { $0.count <= 80 }, "\(lines.filter { $0.count > 80 })")
    if page.hasSuffix(".1") {
      for words in ["meterbridge decode --key @netz-key telegram.hex", "~/.local/state/meterbridge", "--dry-run"] {
        #expect(shown.output.contains(words), "\(words)")
      }
    }
  }
}
