internal import Base
internal import Decoders
internal import Glibc
internal import Meters
internal import Platform

extension DeadLetterCommand {
  /// A line a letter, the newest last.
  func list(_ log: DeadLetterLog, meter: String?) throws(Errno) -> Int32 {
    let width = max(5, configuration.meters.map(\.id.count).max() ?? 0)
    var isFirst = true
    func row(_ id: String, _ time: String, _ meter: String, _ stage: String, _ code: String, _ message: String) {
      let place = [id.padded(to: 11), time.padded(to: 29), meter.padded(to: width)]
      write(printable((place + [stage.padded(to: 8), code.padded(to: 19), message]).joined(separator: "  ")))
    }
    try letters(log) { entry throws(Errno) in
      let letter = entry.letter
      if let meter, letter.meter != meter { return true }
      if isFirst { row("ID", "TIME", "METER", "STAGE", "CODE", "MESSAGE") }
      isFirst = false
      let again = entry.repeats.map { " (\($0.count) more like \($0.original) since \($0.first))" } ?? ""
      let before = entry.skipped > 0 ? " (\(entry.skipped) more of this kind before it were not kept)" : ""
      let message = letter.message + again + before
      row("\(entry.id)", "\(letter.time)", letter.meter, letter.stage.rawValue, letter.code, message)
      return true
    }
    if isFirst { complain("no dead letters\(meter.map { " of \($0)" } ?? "") in \(log.files.path)") }
    return EX_OK
  }

  /// Prints one letter.
  func show(_ log: DeadLetterLog, _ id: DeadLetterID) throws(Errno) -> Int32 {
    var found: DeadLetterEntry?
    try letters(log) { entry throws(Errno) in
      if entry.id == id { found = entry }
      return found == nil
    }
    guard let entry = found else {
      complain("no dead letter \(id) in \(log.files.path)")
      return EX_NOINPUT
    }
    let letter = entry.letter
    let cut = entry.isTruncated ? ", the first of more" : ""
    let members: [(String, String?)] = [
      ("id", "\(id)"), ("time", "\(letter.time)"), ("meter", letter.meter), ("source", letter.source),
      ("protocol", letter.protocolName), ("kind", letter.kind.rawValue), ("stage", letter.stage.rawValue),
      ("code", letter.code), ("message", letter.message), ("skipped", entry.skipped > 0 ? "\(entry.skipped)" : nil),
      ("repeated", entry.repeats.map { "\($0.count)" }),
      ("first", entry.repeats.map { "\($0.first)" }), ("original", entry.repeats.map { "\($0.original)" }),
      ("offset", letter.offset.map { "\($0)" }),
      ("field", letter.subject?.field), ("topic", letter.subject?.topic), ("value", letter.subject?.value),
      ("last", letter.subject?.last), ("bytes", "\(letter.bytes.count)\(cut)"),
    ]
    for (name, value) in members {
      if let value { write(printable(name.padded(to: 10) + value)) }
    }
    for line in HexDump.lines(letter.bytes) { write(line) }
    return EX_OK
  }

  /// Bytes off a line may contain control sequences of a terminal.
  private func printable(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          switch scalar.properties.generalCategory {
          case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: "·"
          default: scalar
          }
        }))
  }
}

/// Bytes for people: sixteen a line with their offset, and what of them is ASCII.
enum HexDump {
  static func lines(_ bytes: [UInt8]) -> [String] {
    stride(from: 0, to: bytes.count, by: 16).map { start in
      let row = bytes[start..<min(start + 16, bytes.count)]
      let digits = row.map { Hexadecimal.text([$0]) }.joined(separator: " ")
      let text = row.map { (0x20...0x7E).contains($0) ? $0 : 0x2E }
      let offset = String(start, width: 4, radix: 16, uppercase: true)
      return "\(offset)  \(digits.padded(to: 49))\(String(decoding: text, as: UTF8.self))"
    }
  }
}
