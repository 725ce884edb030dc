import Foundation
import Testing

@testable import Decoders

/// `docs/ADDING-A-METER.md` shows a meter that no table has: its code and its telegram are held here.
struct AddingAMeterTests {
  private let blocks: [Substring]

  init() throws {
    let page = try String(contentsOf: Self.root.appending(path: "docs/ADDING-A-METER.md"), encoding: .utf8)
    blocks = page.matches(of: /\n```[a-z]*\n((?s:.*?))```\n/).map(\.1)
  }

  private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

  @Test("the family of the page is the one that is compiled here")
  func familyIsCompiled() throws {
    let file = Self.root.appending(path: "Tests/DecodersTests/Support/THERMO5.swift")
    let compiled = try String(contentsOf: file, encoding: .utf8).trimmingPrefix("@testable import Decoders\n\n")
    #expect(try block("enum THERMO5") == compiled)
  }

  @Test("the telegram of the page decodes to the sample of the page")
  func telegramDecodes() throws {
    let lines = try block("telegram: ").split(separator: "\n").filter { !$0.hasPrefix("#") }
    let telegrams = lines.filter { $0.hasPrefix("telegram: ") }
    let bytes = telegrams.flatMap { Hexadecimal.bytes($0.dropFirst("telegram:".count).utf8) ?? [] }
    var decoder = MBusDecoder()
    var decoded: [Telegram] = []
    try decoder.decode(bytes.span, into: &decoded)
    #expect(Set(try sample(decoded[0])) == Set(lines.filter { !telegrams.contains($0) }.map(String.init)))
  }

  private func block(_ text: String) throws -> Substring { try #require(blocks.first { $0.contains(text) }) }

  /// The lines of a sample as they were, were the family in the table.
  private func sample(_ telegram: Telegram) throws -> [String] {
    guard let content = telegram.content as? MBusContent else { return [] }
    let (header, records) = (content.header, content.records)
    #expect(THERMO5.headers.contains { $0.match(header) })
    #expect(telegram.issues.isEmpty)
    let reading = telegram.readings[0]
    let context = MBusContext(records: records, bytes: telegram.bytes)
    var lines = ["model: \(THERMO5.modelName)", "medium: \(reading.meter.medium.name)", "status: \(reading.status)"]
    lines += reading.meterNumber.map { ["number: \($0)"] } ?? []
    for record in records {
      guard case .number(let number) = record.value else { return [] }
      var renamed = MBusNaming(record, number, .of(.heat))
      THERMO5.rename(&renamed, record, context)
      let unit = renamed.key.name.entry.unit
      let value = try #require(renamed.number.converted(from: renamed.unit, to: unit))
      lines.append("\(renamed.key.topicLevel(reading.text)): \(value) \(unit.symbol)")
    }
    return lines
  }
}

extension Reading {
  /// What the status field says.
  fileprivate var status: String {
    guard case .text(let range)? = fields.first(where: { $0.key.name == .status })?.value else { return "" }
    return string(range)
  }
}
