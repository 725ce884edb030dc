package import Base
package import Decoders

/// Settings of one field, in place of its meter's.
package struct FieldPolicy: Hashable, Sendable {
  package var heartbeat: Milliseconds?
  package var minimumInterval: Milliseconds?
  /// A value that differs by less from the one on the topic waits for the heartbeat.
  package var deadBand: FixedDecimal?

  package init(
    heartbeat: Milliseconds? = nil, minimumInterval: Milliseconds? = nil, deadBand: FixedDecimal? = nil
  ) {
    self.heartbeat = heartbeat
    self.minimumInterval = minimumInterval
    self.deadBand = deadBand
  }
}
