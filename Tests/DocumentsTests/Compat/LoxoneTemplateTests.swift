import Foundation
import TestSupport
import Testing

@testable import Documents

/// `make docs` sets the variable; then the files are written instead of compared.
@Test("the templates in deploy/loxone read each key of MBusPico's document", arguments: LoxoneTemplate.allCases)
func loxoneTemplate(template: LoxoneTemplate) throws {
  let path = "deploy/loxone/\(template.fileName)"
  if ProcessInfo.processInfo.environment["METERBRIDGE_WRITE_DOCS"] != nil {
    try Data(template.text.utf8).write(to: repository.appending(path: path))
  }
  let written = try String(contentsOf: repository.appending(path: path), encoding: .utf8)
  #expect(written == template.text, "`make docs` writes \(path) anew")
  let commands = template.text.split(separator: "\r\n").filter { $0.contains("Cmd ") }
  #expect(commands.count == 13)
  for number in MBusPicoDocument.numbers {
    #expect(commands.contains { $0.contains(#"Check="&quot;\#(number.key)&quot;: \v""#) }, "\(number.key)")
  }
  #expect(commands.allSatisfy { $0.contains(" Unit=") == (template == .http) })
}
