package import Base
package import Meters

/// A meter or sub-meter as all documents see it.
package struct StoredMeter: Sendable {
  package var device: Device
  package var isOnline = false
  /// The newest value of each field, in the order of the telegram.
  package var fields: [StoredField] = []
  /// When its last reading came in.
  package var received: WallTime?
  /// The same on the clock that never jumps, for ages.
  package var receivedAt: Instant?
  /// The number of its readings in this run.
  package var number: Int64 = 0
  /// The document of `…/reading`.
  package var reading: [UInt8]?
  /// The time from one reading to the next, learnt or configured; nil while unknown.
  package var interval: Milliseconds?
  /// Of the configured meter; sub-meters have those of their meter.
  package var counters = MeterPipeline.Counters()
  package var lastTelegram: StoredTelegram?
  /// Minimum and maximum of the main value over the last 24 hours.
  package var day: DayRing?

  package init(_ device: Device) { self.device = device }

  package var id: String { device.id }

  /// The value of a field by its topic level, `energy_import`; nil if the meter never sent it.
  package subscript(level: String) -> StoredField? { fields.first { $0.field.level == level } }
}
