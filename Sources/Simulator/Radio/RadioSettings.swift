internal import Base

/// How wireless meters send.
enum RadioMode: Sendable { case c, t }

/// A receiver of wireless M-Bus: how many meters it hears, and what goes wrong in the air.
package struct RadioSettings: Equatable, Sendable {
  var meters = 4
  /// Of these, the last so many are not in the printed configuration.
  var strangers = 0
  /// The time between two telegrams of a meter.
  var interval = Milliseconds.seconds(16)
  /// One telegram in so many is damaged; 0 for none.
  var damaged: UInt64 = 0
  /// One telegram in so many comes a second time, through a repeater; 0 for none.
  var copies: UInt64 = 0

  package init() {}

  package static let meterLimit = 2000
}

/// One setting of a receiver of wireless M-Bus on the command line, `NAME=VALUE`.
package struct RadioSetting: SimulatorSetting {
  package var name: String
  /// The form of its value, for the help.
  package var form: String
  package var meaning: String
  /// Takes a value; false for an invalid one.
  package var take: @Sendable (inout RadioSettings, String) -> Bool

  package static let table: [RadioSetting] = [
    number("meters", 1...RadioSettings.meterLimit, "how many it hears; default 4: one of each kind") { $0.meters = $1 },
    number("strangers", 0...RadioSettings.meterLimit, "and so many more that nobody configures; default 0") {
      $0.strangers = $1
    },
    number("every", 20...3_600_000, "milliseconds between two telegrams of a meter; default 16000") {
      $0.interval = Milliseconds(Int64($1))
    },
    number("damaged", 0...1_000_000, "one telegram in N is damaged; default 0 for none") { $0.damaged = UInt64($1) },
    number("copies", 0...1_000_000, "one in N comes again through a repeater; default 0") { $0.copies = UInt64($1) },
  ]

  private static func number(
    _ name: String, _ range: ClosedRange<Int>, _ meaning: String,
    _ set: @escaping @Sendable (inout RadioSettings, Int) -> Void
  ) -> RadioSetting {
    RadioSetting(name: name, form: "\(range.lowerBound)…\(range.upperBound)", meaning: meaning) { settings, text in
      guard let number = Int(digits: text), range.contains(number) else { return false }
      set(&settings, number)
      return true
    }
  }
}
