package import Base
package import Decoders

/// Settings of one field that replace those of its meter.
package struct FieldPolicy: Hashable, Sendable {
  package var heartbeat: Milliseconds?
  package var minimumInterval: Milliseconds?
  /// A value waits for the heartbeat if it differs by less than this from the one on the topic.
  package var deadBand: FixedDecimal?

  package init(
    heartbeat: Milliseconds? = nil, minimumInterval: Milliseconds? = nil, deadBand: FixedDecimal? = nil
  ) {
    self.heartbeat = heartbeat
    self.minimumInterval = minimumInterval
    self.deadBand = deadBand
  }
}
