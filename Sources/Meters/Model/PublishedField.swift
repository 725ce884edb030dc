/// One value on its way to its topic.
package struct PublishedField: Hashable, Sendable {
  package var field: FieldDescription
  /// The exact text on the topic.
  package var payload: String
}
