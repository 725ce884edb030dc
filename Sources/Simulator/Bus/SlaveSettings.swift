internal import Base
internal import Decoders
internal import Meters

/// How a simulated M-Bus meter differs from a well-behaved one with an address of its own.
package struct SlaveSettings: Equatable, Sendable {
  /// The select frames that the meter takes for itself.
  enum Selection: String, Sendable, CaseIterable {
    /// Those that fit its secondary address.
    case fitting
    /// Those that fit and have wildcards for all but the number.
    case number
    /// All, whatever they name.
    case any
  }

  /// Primary address; nil for the next free one.
  var address: UInt8?
  var selection = Selection.fitting
  /// How much later than usual it answers. An answer that is late enough follows that of another meter.
  var delay: Milliseconds = 0
  /// Bit times from a request to its answer, beside the reaction of the bus; nil for its place on the bus, so that no two
  /// answer at the same moment.
  var reactionBits: Int?
  /// The reaction is up to so many bit times longer, at random.
  var jitterBits = 0
  /// The only speed that it understands; nil for any.
  var baud: Int?
  /// It acknowledges a new address or speed, and keeps the old one.
  var isLocked = false
}

/// One setting of a simulated M-Bus meter on the command line, `NAME=VALUE`.
package struct SlaveSetting: SimulatorSetting {
  package var name: String
  /// The form of its value, for the help.
  package var form: String
  package var meaning: String
  /// Takes a value; false for an invalid one.
  package var take: @Sendable (inout SlaveSettings, String) -> Bool

  package static let table: [SlaveSetting] = [
    SlaveSetting(name: "address", form: "0…250", meaning: "primary address; default: the next one") { settings, text in
      guard let address = UInt8(text), Int(address) <= MBusSlave.addressLimit else { return false }
      settings.address = address
      return true
    },
    SlaveSetting(
      name: "selection", form: SlaveSettings.Selection.allCases.map(\.rawValue).joined(separator: "|"),
      meaning: "the secondary addresses it answers to; default fitting"
    ) { settings, text in
      guard let selection = SlaveSettings.Selection(rawValue: text) else { return false }
      settings.selection = selection
      return true
    },
    SlaveSetting(name: "delay", form: "MS", meaning: "it answers so much later; default 0") { settings, text in
      guard let delay = UInt16(text), delay <= 10_000 else { return false }
      settings.delay = Milliseconds(Int64(delay))
      return true
    },
    SlaveSetting(
      name: "baud", form: MBusSlave.baudRates.map(String.init).joined(separator: "|"),
      meaning: "the only speed it understands; default any"
    ) { settings, text in
      guard let baud = Int(digits: text), MBusSlave.baudRates.contains(baud) else { return false }
      settings.baud = baud
      return true
    },
    SlaveSetting(name: "locked", form: "yes|no", meaning: "it keeps its address and speed; default no") {
      settings, text in
      settings.isLocked = text == "yes"
      return ["yes", "no"].contains(text)
    },
  ]
}
