package import Base

/// Everything that one reading publishes.
package struct Publication: Sendable {
  package var device: Device
  package var fields: [PublishedField]
  /// The document of `…/reading`; nil if a sub-meter's reading is not new.
  package var reading: [UInt8]?
  /// The number of the reading among those of its meter, from 1, without a gap; 0 without a reading. The meter loop counts.
  package var number: Int64 = 0
  package var received: WallTime
  /// Whether it comes from a telegram of the meter. Values noticed beside one are not a telegram.
  package var isFromTelegram = true
  /// Last levels of topics that stay as they are: the meter has the field, but its value is held back or missing now.
  package var held: [String] = []
}

extension Publication {
  /// Adds the values of an earlier publication that will not be sent. Telegrams of one meter have different fields: an
  /// energy may come once an hour, between thousands that have only power.
  package mutating func takeOver(from former: Publication) {
    // The outbox sees that a number is missing, and asks the journal for the reading before this one.
    if reading == nil { (reading, number) = (former.reading, former.number) }
    isFromTelegram = isFromTelegram || former.isFromTelegram
    let told = Set(fields.map(\.field.level))
    fields += former.fields.filter { !told.contains($0.field.level) }.prefix(Limits.fieldsOfReading)
    held += former.held.filter { !told.contains($0) && !held.contains($0) }
  }
}
