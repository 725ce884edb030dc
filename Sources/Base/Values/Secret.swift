/// A text that must never be printed. It hides its description; code can only compare it by accident.
package struct Secret: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
  /// The text itself, for the one place that needs it.
  package let reveal: String

  package init(_ text: String) { reveal = text }
  package var description: String { "(hidden)" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
