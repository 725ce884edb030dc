extension Collection where Element: Equatable {
  /// Whether the elements of `other` stand somewhere one after the other. Base has more of this kind, and says why it is not
  /// the standard library's.
  @_disfavoredOverload  // A single character in quotes is a `Character` before it is a `String`.
  func contains(_ other: some Collection<Element>) -> Bool {
    other.isEmpty || indices.contains { self[$0...].starts(with: other) }
  }
}
