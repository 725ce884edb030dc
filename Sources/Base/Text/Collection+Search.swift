// The standard library has these in `_StringProcessing`, which also brings the parser and the machine of regular expressions:
// over a megabyte of the program for what nothing here uses. Package.swift keeps that module out.

extension Collection where Element: Equatable {
  /// The first place at which the elements of `other` stand one after the other; the start if `other` is empty.
  package func firstRange(of other: some Collection<Element>) -> Range<Index>? {
    var start = startIndex
    while true {
      if let end = end(of: other, at: start) { return start..<end }
      guard start < endIndex else { return nil }
      formIndex(after: &start)
    }
  }

  @_disfavoredOverload  // A single character in quotes is a `Character` before it is a `String`.
  package func contains(_ other: some Collection<Element>) -> Bool { firstRange(of: other) != nil }

  /// The pieces between the places at which `separator` stands, without empty ones; all in one piece if `separator` is empty.
  @_disfavoredOverload
  package func split(separator: some Collection<Element>) -> [SubSequence] {
    var rest = self[...]
    var pieces: [SubSequence] = []
    while !separator.isEmpty, let place = rest.firstRange(of: separator) {
      pieces.append(rest[..<place.lowerBound])
      rest = rest[place.upperBound...]
    }
    return (pieces + [rest]).filter { !$0.isEmpty }
  }

  private func end(of other: some Collection<Element>, at start: Index) -> Index? {
    var place = start
    for element in other {
      guard place < endIndex, self[place] == element else { return nil }
      formIndex(after: &place)
    }
    return place
  }
}

extension RangeReplaceableCollection where Element: Equatable {
  /// `replacement` in each place of `other`, from the front; unchanged if `other` is empty.
  package func replacing(_ other: some Collection<Element>, with replacement: some Collection<Element>) -> Self {
    var result = Self()
    var rest = self[...]
    while !other.isEmpty, let place = rest.firstRange(of: other) {
      result.append(contentsOf: rest[..<place.lowerBound])
      result.append(contentsOf: replacement)
      rest = rest[place.upperBound...]
    }
    result.append(contentsOf: rest)
    return result
  }
}
