internal import Base

/// Rows for a spreadsheet (RFC 4180), with commas.
enum CSV {
  static func text(_ rows: [[String]]) -> String {
    rows.map { cells in
      cells.map { cell in
        cell.contains { ",\"\n\r".contains($0) } ? "\"\(cell.replacing("\"", with: "\"\""))\"" : cell
      }.joined(separator: ",") + "\r\n"
    }.joined()
  }
}
