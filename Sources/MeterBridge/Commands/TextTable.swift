internal import Base

/// Columns of text, as wide as what is in them.
enum TextTable {
  /// - Parameters:
  ///   - rows: the cells; each row has as many as the others.
  ///   - right: the columns whose cells stand at the right, as numbers do.
  /// - Returns: one line a row, with its line end.
  static func lines(_ rows: [[String]], right: Set<Int> = []) -> [String] {
    let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = zip(row, widths).enumerated().map { column, cell in
        right.contains(column)
          ? String(repeating: " ", count: cell.1 - cell.0.count) + cell.0 : cell.0.padded(to: cell.1)
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
    }
  }
}
