internal import Base
internal import Decoders
internal import Meters

/// The part of a meter's settings that the broker thread needs.
package struct ConfiguredMeter: Hashable, Sendable {
  var id: String
  var protocolName: String
  /// The source as configured, for dead letters.
  var source: String
  var heartbeat: Milliseconds
  var minimumInterval: Milliseconds
  /// Settings of single fields.
  var policies: [FieldName: FieldPolicy] = [:]
  /// The address on an M-Bus.
  var address: MBusAddress? = nil
  /// Whether the program reads it, instead of waiting for what it pushes.
  var isPolled = false

  /// Whether both settings lead to the same physical meter.
  package func isSameMeter(as other: ConfiguredMeter) -> Bool {
    (protocolName, source) == (other.protocolName, other.source) && address == other.address
  }
}
