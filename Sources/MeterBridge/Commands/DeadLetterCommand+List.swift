internal import Base
internal import Glibc
internal import Meters
internal import Platform

extension DeadLetterCommand {
  /// A line a letter, the newest last.
  func list(_ log: DeadLetterLog, meter: String?) throws(Errno) -> Int32 {
    let header = ["ID", "TIME", "METER", "STAGE", "CODE", "MESSAGE"]
    var widths = header.map(\.count)
    var isEmpty = true
    // Read twice: the columns fit, and only one letter at a time is in memory.
    try letters(log) { entry throws(Errno) in
      guard meter == nil || entry.letter.meter == meter else { return true }
      isEmpty = false
      widths = zip(widths, cells(of: entry)).map { max($0, $1.count) }
      return true
    }
    guard !isEmpty else {
      complain("no dead letters\(meter.map { " of \($0)" } ?? "") in \(log.files.path)")
      return EX_OK
    }
    func row(_ cells: [String]) {
      let padded = zip(cells, widths).dropLast().map { $0.padded(to: $1) }
      write(printable((padded + cells.suffix(1)).joined(separator: "  ")))
    }
    row(header)
    try letters(log, isTold: true) { entry throws(Errno) in
      if meter == nil || entry.letter.meter == meter { row(cells(of: entry)) }
      return true
    }
    return EX_OK
  }

  private func cells(of entry: DeadLetterEntry) -> [String] {
    let letter = entry.letter
    let again = entry.repeats.map { " (\($0.count) more like \($0.original) since \($0.first))" } ?? ""
    let before = entry.skipped > 0 ? " (\(entry.skipped) more of this kind before it were not kept)" : ""
    let message = letter.message + again + before
    return ["\(entry.id)", "\(letter.time)", letter.meter, letter.stage.rawValue, letter.code, message]
  }

  /// Prints the letter whose id begins so.
  func show(_ log: DeadLetterLog, _ name: String) throws(Errno) -> Int32 {
    let wanted = name.lowercased()
    var found: [DeadLetterEntry] = []
    var count = 0
    try letters(log) { entry throws(Errno) in
      guard "\(entry.id)".hasPrefix(wanted) else { return true }
      count += 1
      if found.count < Self.candidates { found.append(entry) }
      // After a rotation meanwhile a letter may come twice.
      if "\(entry.id)" == wanted { (found, count) = ([entry], 1) }
      return "\(entry.id)" != wanted
    }
    guard let entry = found.first else {
      complain("no dead letter \(onOneLine(name.unicodeScalars)) in \(log.files.path)")
      return EX_NOINPUT
    }
    guard count == 1 else {
      complain("\(wanted) is the beginning of \(count) dead letters:")
      for entry in found { complain(printable("  " + cells(of: entry).joined(separator: "  "))) }
      if count > found.count { complain("  … and \(count - found.count) more") }
      return EX_USAGE
    }
    show(entry)
    return EX_OK
  }

  /// So many are named for a beginning that is not unique.
  private static let candidates = 20

  private func show(_ entry: DeadLetterEntry) {
    let letter = entry.letter
    let cut = entry.isTruncated ? ", the first of more" : ""
    let members: [(String, String?)] = [
      ("id", "\(entry.id)"), ("time", "\(letter.time)"), ("meter", letter.meter), ("source", letter.source),
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
