/// What an emulated meter answers. It never says 0 for what is not known: a battery would steer by it.
package enum EmulatedAnswer: Equatable, Sendable {
  case json([UInt8])
  case text([UInt8])
  /// The meter has not sent anything yet, or its values are too old.
  case offline
  /// The device does not have this.
  case unknown
}
