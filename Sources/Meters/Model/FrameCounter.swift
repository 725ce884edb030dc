internal import Decoders

/// The last believed count of a meter's cipher, for the state file.
package struct FrameCounter: Hashable, Sendable {
  /// The meter by its cipher: the eight bytes of a DLMS system title.
  package var sender: UInt64
  /// The counter of its last telegram.
  package var value: UInt32
  /// The meter's own time in its last telegram that had one: seconds from 1970-01-01, UTC if the meter tells its offset.
  package var clock: Int64?
  /// The highest counter before it began anew; 0 if it never did.
  package var former: UInt32

  package init(sender: UInt64, value: UInt32, clock: Int64? = nil, former: UInt32 = 0) {
    self.sender = sender
    self.value = value
    self.clock = clock
    self.former = former
  }

  /// The name of the meter in messages; empty for a meter that does not send its title.
  package var senderName: String { sender == 0 ? "" : " of meter \(SystemTitle(sender))" }
}
