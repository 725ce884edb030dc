/// One value on its way to its topic.
package struct PublishedField: Hashable, Sendable {
  package var field: FieldDescription
  /// Exactly what stands on the topic.
  package var payload: String
}
