internal import Base

/// Lists of fields, each once in memory: a thousand meters of one kind have the same one.
package struct SharedFields: Sendable {
  private var known: Set<[FieldDescription]> = []

  package init() {}

  /// The list that is equal to it.
  package mutating func callAsFunction(_ fields: [FieldDescription]) -> [FieldDescription] {
    // Codes have no end. Those who use the former lists keep them.
    if known.count >= Limits.sharedFields, !known.contains(fields) { known = [] }
    return known.insert(fields).memberAfterInsert
  }
}
