/// A text that must never be seen: it has no description, and comparing is all that can be done by accident.
package struct Secret: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
  /// The text itself, for the one place that needs it.
  package let reveal: String

  package init(_ text: String) { reveal = text }
  package var description: String { "(hidden)" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
