/// The word that the user probably meant.
package enum Suggestion {
  /// The candidate nearest to a word; nil if every candidate is too far.
  ///
  /// At most one slip in three letters is near, and one in a short word.
  package static func nearest(to word: String, of candidates: some Sequence<String>) -> String? {
    let letters = Array(word.lowercased().unicodeScalars)
    guard (1...64).contains(letters.count) else { return nil }
    var best: (candidate: String, distance: Int)?
    for candidate in candidates {
      let other = Array(candidate.lowercased().unicodeScalars)
      let distance = distance(letters, other)
      if distance <= max(1, min(letters.count, other.count) / 3), distance < best?.distance ?? .max {
        best = (candidate, distance)
      }
    }
    return best?.candidate
  }

  /// The number of letters to insert, delete, replace or swap with their neighbour.
  private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    var before: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var least = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, before[j - 1] + 1) }
        row.append(least)
      }
      before = last
      last = row
    }
    return last[b.count]
  }

  /// `; did you mean …?`; empty without a candidate.
  package static func question(_ candidate: String?) -> String { candidate.map { "; did you mean `\($0)`?" } ?? "" }
}
