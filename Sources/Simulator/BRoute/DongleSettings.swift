internal import Base
internal import Decoders

/// The dongle and the meter that `simulate route-b` plays.
package struct DongleSettings: Equatable, Sendable {
  enum Model: String, Sendable, CaseIterable {
    case bp35c2
    case bp35a1
    case rl7023 = "rl7023-dss"
    /// It has other, binary commands.
    case j11

    /// Commands and events have a field for one of two sides.
    var isSided: Bool { self != .bp35a1 }
    /// It has `WOPT` and `ROPT`, for data in binary or as text.
    var hasDataForm: Bool { self == .bp35c2 || self == .bp35a1 }
    /// The version of the command set.
    var version: String { self == .bp35a1 ? "1.2.10" : "1.5.2" }
  }

  /// The properties and values of the meter.
  enum Profile: String, Sendable, CaseIterable {
    case first
    case second
    case withoutCoefficient = "no-d3"
    case singlePhase = "single-phase"
    case solar
    case coefficient
  }

  /// An order and its time, in simulated time from the start.
  struct Timed: Equatable, Sendable {
    var order: BRouteOrder
    var after: Milliseconds
  }

  var model = Model.bp35c2
  var profile = Profile.first
  /// `ROPT` answers 00.
  var writesBinary = false
  var hasEcho = true
  /// `SKINFO` shows the other dialect.
  var hidesDialect = false
  /// The shortest scan that finds the meter.
  var beacon = 4
  /// The lifetime of a session.
  var lifetime = Milliseconds.seconds(86_400)
  /// Bytes that come at a time; nil for all at once.
  var chunk: Int?
  var linkQuality: UInt8 = 0xC0
  /// How the meter announces its scheduled energies; nil for never.
  var announcement: ECHONETService? = .notification
  /// Data in place of the profile's; empty for properties that the meter does not have.
  var properties: [UInt8: [UInt8]] = [:]
  var orders: [Timed] = []
}

/// One setting of a simulated B-route meter on the command line, `NAME=VALUE`.
package struct DongleSetting: Sendable {
  package var name: String
  /// The form of its value, for the help.
  package var form: String
  package var meaning: String
  /// Takes a value; false for an invalid one.
  var take: @Sendable (inout DongleSettings, String) -> Bool

  package static let table: [DongleSetting] = [
    DongleSetting(name: "model", form: words(DongleSettings.Model.allCases), meaning: "the dongle; default bp35c2") {
      choose($1, &$0.model)
    },
    DongleSetting(name: "profile", form: words(DongleSettings.Profile.allCases), meaning: "the meter; default first") {
      choose($1, &$0.profile)
    },
    DongleSetting(name: "ropt", form: "00|01", meaning: "data in binary, or as text; default 01") {
      choose($1, ["00": true, "01": false], &$0.writesBinary)
    },
    DongleSetting(name: "echo", form: "on|off", meaning: "whether commands are given back; default on") {
      choose($1, ["on": true, "off": false], &$0.hasEcho)
    },
    DongleSetting(name: "beacon", form: "4…8", meaning: "the shortest scan that finds the meter; default 4") {
      number($1, 4...8, &$0.beacon)
    },
    DongleSetting(name: "lifetime", form: "SECONDS", meaning: "of a session; default 86400") { settings, text in
      var seconds = 0
      guard number(text, 60...10_000_000, &seconds) else { return false }
      settings.lifetime = .seconds(Int64(seconds))
      return true
    },
    DongleSetting(name: "chunk", form: "BYTES", meaning: "that come at a time; default: all") { settings, text in
      var bytes = 0
      guard number(text, 1...10_000, &bytes) else { return false }
      settings.chunk = bytes
      return true
    },
    DongleSetting(name: "lqi", form: "0…255", meaning: "quality of the radio link; default 192, −51 dBm") {
      settings, text in
      guard let quality = UInt8(text) else { return false }
      settings.linkQuality = quality
      return true
    },
    DongleSetting(
      name: "announce", form: "inf|infc|off", meaning: "scheduled energies at :00 and :30; default inf"
    ) {
      choose($1, ["inf": .notification, "infc": .confirmedNotification, "off": nil], &$0.announcement)
    },
    DongleSetting(
      name: "fault", form: "FAULT[*N][@SECOND[-SECOND]]", meaning: "may be repeated; times count from the start"
    ) { settings, text in
      guard let orders = faults(text) else { return false }
      settings.orders += orders
      return true
    },
  ]

  /// Sets a setting; false for an unknown name or an invalid value. Two hexadecimal digits name a property.
  package static func take(_ name: String, _ value: String, _ settings: inout DongleSettings) -> Bool {
    if let setting = table.first(where: { $0.name == name }) { return setting.take(&settings, value) }
    guard let code = BRouteOrder.code(name), let data = BRouteOrder.data(value) else { return false }
    settings.properties[code] = data
    return true
  }

  // MARK: Values

  private static func words(_ cases: [some RawRepresentable<String>]) -> String {
    cases.map(\.rawValue).joined(separator: "|")
  }

  private static func choose<Value: RawRepresentable<String>>(_ text: String, _ value: inout Value) -> Bool {
    guard let chosen = Value(rawValue: text) else { return false }
    value = chosen
    return true
  }

  private static func choose<Value>(_ text: String, _ values: [String: Value], _ value: inout Value) -> Bool {
    guard let chosen = values[text] else { return false }
    value = chosen
    return true
  }

  private static func number(_ text: String, _ range: ClosedRange<Int>, _ value: inout Int) -> Bool {
    guard let number = UInt64(digits: text).flatMap({ Int(exactly: $0) }), range.contains(number) else { return false }
    value = number
    return true
  }

  /// `out-of-reach@60-90`: from second 60 to second 90; `answer-dropped*3@60`: the next three from second 60 on.
  private static func faults(_ text: String) -> [DongleSettings.Timed]? {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 2 else { return nil }
    let order = parts[0].split(separator: "*", omittingEmptySubsequences: false).map(String.init)
    guard let first = BRouteOrder(order), case .fault(let fault, _) = first else { return nil }
    guard parts.count == 2 else { return [DongleSettings.Timed(order: first, after: 0)] }
    let times = parts[1].split(separator: "-", omittingEmptySubsequences: false).map { UInt32(digits: String($0)) }
    let seconds = times.compactMap(\.self).map { Milliseconds.seconds(Int64($0)) }
    guard seconds.count == times.count, (1...2).contains(seconds.count) else { return nil }
    let begin = DongleSettings.Timed(order: first, after: seconds[0])
    guard seconds.count == 2 else { return [begin] }
    guard fault.duration == .lasting, seconds[1] > seconds[0] else { return nil }
    return [begin, DongleSettings.Timed(order: .end(fault), after: seconds[1])]
  }
}
