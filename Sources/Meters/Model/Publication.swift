package import Base
package import Decoders

/// Everything that one reading publishes.
package struct Publication: Sendable {
  package var device: Device
  package var fields: [PublishedField]
  /// The document of `…/reading`; nil if a sub-meter's reading is not new.
  package var reading: [UInt8]?
  /// The meter loop numbers the readings of each meter from 1, without a gap. 0: no reading.
  package var number: Int64 = 0
  /// The meter's own time of the reading, if it has one.
  package var time: MeterTime? = nil
  package var received: WallTime
  /// Whether it comes from a telegram. A rate limit, for example, does not.
  package var isFromTelegram = true
  /// Last levels of topics that stay as they are. The meter has these fields, but the values are held back or missing.
  package var held: [String] = []
  /// What the meter's owner can change about its telegrams; nil for nothing.
  package var note: String? = nil
}

extension Publication {
  /// Adds the values of an earlier publication that will not be sent.
  ///
  /// Telegrams of one meter have different fields: among thousands with power, one an hour may have an energy.
  package mutating func takeOver(from former: Publication) {
    // The outbox notices the missing number, and asks the journal for the reading before this one.
    if reading == nil { (reading, number, time) = (former.reading, former.number, former.time) }
    if !isFromTelegram { note = former.note }
    isFromTelegram = isFromTelegram || former.isFromTelegram
    let told = Set(fields.map(\.field.level))
    fields += former.fields.filter { !told.contains($0.field.level) }.prefix(Limits.fieldsOfReading)
    held += former.held.filter { !told.contains($0) && !held.contains($0) }
  }
}
