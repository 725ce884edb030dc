internal import Base

/// A crowded M-Bus: how many slaves it has, and what goes wrong on its line.
package struct BusSettings: Equatable, Sendable {
  package internal(set) var slaves = 60
  /// Of the slaves, and of a gateway whose speed the master cannot choose.
  var baud = 2400
  var disturbance = BusDisturbance()

  package init() {}
}

/// What goes wrong on the line of a simulated M-Bus, at random.
struct BusDisturbance: Equatable, Sendable {
  /// The level converter sends the master's own bytes back.
  var echoes = false
  /// One byte in so many is changed, in both directions; 0 for none.
  var noise: UInt64 = 0
  /// One answer of a slave in so many is lost; 0 for none.
  var lost: UInt64 = 0
  /// One answer of a slave in so many comes later than the master waits; 0 for none.
  var late: UInt64 = 0

  /// The delay of a late answer in milliseconds, beyond what the standard allows.
  static let lateness = Int64(400)...2500
}

/// One setting of a crowded M-Bus on the command line, `NAME=VALUE`.
package struct BusSetting: SimulatorSetting {
  package var name: String
  /// The form of its value, for the help.
  package var form: String
  package var meaning: String
  /// Takes a value; false for an invalid one.
  package var take: @Sendable (inout BusSettings, String) -> Bool

  package static let table: [BusSetting] = [
    BusSetting(name: "slaves", form: "1…\(MBusSlave.addressLimit)", meaning: "how many; default 60, or --slaves") {
      guard let count = UInt8(digits: $1), (1...MBusSlave.addressLimit).contains(Int(count)) else { return false }
      $0.slaves = Int(count)
      return true
    },
    BusSetting(
      name: "baud", form: MBusSlave.baudRates.map(String.init).joined(separator: "|"),
      meaning: "the speed of its slaves; default 2400"
    ) {
      guard let baud = Int(digits: $1), MBusSlave.baudRates.contains(baud) else { return false }
      $0.baud = baud
      return true
    },
    BusSetting(name: "echo", form: "yes|no", meaning: "the converter sends the master's bytes back; default no") {
      guard ["yes", "no"].contains($1) else { return false }
      $0.disturbance.echoes = $1 == "yes"
      return true
    },
    chance("noise", "one byte in N is changed, in both directions; default 0 for none", \.noise),
    chance("lost", "one answer in N is lost; default 0", \.lost),
    chance("late", "one answer in N comes too late; default 0", \.late),
  ]

  private static func chance(
    _ name: String, _ meaning: String, _ place: any WritableKeyPath<BusDisturbance, UInt64> & Sendable
  ) -> BusSetting {
    BusSetting(name: name, form: "N", meaning: meaning) { settings, text in
      guard let count = UInt32(digits: text) else { return false }
      settings.disturbance[keyPath: place] = UInt64(count)
      return true
    }
  }
}
