internal import Base
internal import Decoders
internal import Meters

extension [DecodeResult] {
  /// The tables of all. Of many pieces in a row that cannot be used only the first are shown.
  var tables: [String] {
    var tables: [String] = []
    var inRow = 0
    var hidden = (pieces: 0, bytes: 0)
    func tellHidden() {
      if hidden.pieces > 0 {
        tables.append("… and \(hidden.pieces) more such pieces of \(hidden.bytes) bytes; --format json has all\n")
      }
      hidden = (0, 0)
    }
    for result in self {
      guard case .rejected(_, let bytes, _) = result else {
        tellHidden()
        inRow = 0
        tables.append(result.table)
        continue
      }
      inRow += 1
      if inRow <= Limits.unusablePiecesShown {
        tables.append(result.table)
      } else {
        hidden = (hidden.pieces + 1, hidden.bytes + bytes.count)
      }
    }
    tellHidden()
    return tables
  }
}

extension DecodeResult {
  /// A few lines for people.
  var table: String {
    switch self {
    case .rejected(let meterProtocol, let bytes, let error):
      let name = meterProtocol.map { "\($0.name): " } ?? ""
      let lines = HexDump.lines(Array(bytes.prefix(16 * Limits.hexLinesShown))).map { "  \($0)\n" }
      let rest = bytes.count - 16 * Limits.hexLinesShown
      let more = rest > 0 ? "  … and \(rest) more \(rest == 1 ? "byte" : "bytes")\n" : ""
      return "\(name)not decoded: \(message) (\(error.code.name), byte \(error.offset))\n\(lines.joined())\(more)"
    case .telegram(_, let telegram):
      var lines: [String] = []
      for reading in telegram.readings { lines += Self.lines(of: reading) }
      for issue in telegram.issues { lines.append("  ! byte \(issue.offset): \(issue) (\(issue.code.name))") }
      lines += Self.parts(of: telegram)
      return lines.joined(separator: "\n") + "\n"
    }
  }

  private static func lines(of reading: Reading) -> [String] {
    let maker = reading.manufacturerName
    let who = [reading.meter.medium.name, maker, reading.modelName, reading.meterNumber].compactMap(\.self)
    let time = reading.time.map { ", \($0)" } ?? ""
    let width = reading.fields.map { reading.topicLevel($0).count }.max() ?? 0
    return [who.joined(separator: " ") + time]
      + reading.fields.map { field in
        let name = reading.topicLevel(field).padded(to: width)
        let value =
          switch field.value {
          case .number(let number): "\(number) \(reading.unitSymbol(field))"
          case .time(let time): "\(time)"
          case .text(let range): reading.string(range)
          case .absent(let reason): "no value (\(reason.name))"
          }
        return "  \(name)  \(value)"
      }
  }

  /// Why nothing could be decoded; empty for a telegram.
  var message: String {
    guard case .rejected(let meterProtocol, let bytes, let error) = self else { return "" }
    // The framer cannot tell a telegram that was cut from one whose last line was left out when it was copied.
    guard meterProtocol == .p1, error.code == .truncated, bytes.first == UInt8(ascii: "/"),
      bytes.last?.isEndOfLine == true
    else { return "\(error)" }
    return "the last line is missing: `!` and the four digits of the checksum"
  }
}

extension UInt8 {
  /// A line end, or the closing bracket before it.
  fileprivate var isEndOfLine: Bool { self == 0x0A || self == 0x0D || self == UInt8(ascii: ")") }
}
