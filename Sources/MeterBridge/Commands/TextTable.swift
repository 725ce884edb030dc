internal import Base

/// Columns of text, as wide as what is in them.
enum TextTable {
  /// - Parameter rows: the cells; each row has as many as the others.
  /// - Returns: one line a row, with its line end.
  static func lines(_ rows: [[String]]) -> [String] {
    let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = zip(row, widths).map { cell, width in cell.padded(to: width) }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
    }
  }
}
