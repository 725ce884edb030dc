internal import Base
internal import Meters

/// The descriptions of fields, each once in memory: a thousand meters of one kind have the same ones.
struct SharedFields: Sendable {
  private var known: [FieldDescription: Box<FieldDescription>] = [:]

  /// The one that is equal to it.
  mutating func callAsFunction(_ field: FieldDescription) -> Box<FieldDescription> {
    if let box = known[field] { return box }
    // Codes have no end. Those who use the former ones keep them.
    if known.count >= Limits.sharedFields { known = [:] }
    let box = Box(field)
    known[field] = box
    return box
  }
}
