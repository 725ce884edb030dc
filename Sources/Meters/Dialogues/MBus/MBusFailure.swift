/// Why a readout on an M-Bus failed.
package enum MBusFailure: Equatable, Sendable {
  /// Nothing came in at least one of the tries.
  case silence
  /// In each try bytes came, but not a good answer: several meters at once, or a bad line.
  case damage
  /// Other meters answered, or several. The rejected answers name them.
  case strangers
}
