package import Base

/// How one meter on an M-Bus is polled.
package struct MBusPolling: Hashable, Sendable {
  /// When SND_NKE begins a readout.
  package enum Reset: String, Hashable, Sendable, CaseIterable {
    /// First, after a failure, and always for a meter that needs it: one with several telegrams.
    case auto
    case always
    /// For meters that stay silent after it.
    case never
  }

  package var reset = Reset.auto
  /// How often an unanswered request is repeated, before SND_NKE and the last try.
  package var retries = 2
  /// The shortest silence between two requests to the meter. The bus itself wants 33 bit times.
  package var pause: Milliseconds = 0
  /// Whether a meter on a battery is asked less often while its totals stand still; nil if no interval is configured.
  package var backsOff: Bool?
  /// The sets of data that the meter is told to send, one after the other; empty for its own choice.
  package var dataSets: [MBusDataSet] = []
  /// The speed of its readouts in bits a second; nil for that of the bus.
  package var readoutBaud: Int?

  package init() {}
}

/// A set of data that an M-Bus meter is told to send.
package enum MBusDataSet: Hashable, Sendable {
  /// An application reset with this subcode (EN 13757-3, CI 50): the telegrams of one use.
  case telegrams(UInt8)
  /// The global readout request (EN 13757-3): every value.
  case all
  /// A selection of every storage number, tariff and unit, for meters that do not know the global request.
  case any
  /// A maker's own set, chosen by a CI of its own: `dataSets` of the profile.
  case maker(UInt8)

  /// The names in `readout:`. The kinds of telegrams have the high half of the subcode.
  package static let named: [(name: String, value: MBusDataSet)] = [
    ("all", .all), ("any", .any), ("user", .telegrams(0x10)), ("simple_billing", .telegrams(0x20)),
    ("enhanced_billing", .telegrams(0x30)), ("tariffs", .telegrams(0x40)), ("instantaneous", .telegrams(0x50)),
    ("load_management", .telegrams(0x60)),
  ]
}
