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
  /// Some fields have their own settings.
  var policies: [FieldName: FieldPolicy] = [:]
  /// Where it is on its M-Bus.
  var address: MBusAddress? = nil

  /// Whether both settings lead to the same physical meter.
  func isSameMeter(as other: ConfiguredMeter) -> Bool {
    (protocolName, source) == (other.protocolName, other.source) && address == other.address
  }
}
