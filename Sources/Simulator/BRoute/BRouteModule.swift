/// The state of the module in a simulated dongle.
struct BRouteModule: Sendable {
  /// A session with the meter.
  struct Session: Equatable, Sendable {
    /// Registers S2 and S3 at the start of the session.
    var channel: UInt8
    var pan: UInt16
    /// The session has expired and is being renewed: nothing can be sent.
    var isHeld = false
  }

  /// Stored in flash memory, so it survives a reset (`WOPT`).
  var writesBinary = false
  /// By name without leading zeros. The values are as written.
  private(set) var registers = BRouteModule.defaults
  var password: String?
  var identifier: String?
  var session: Session?
  /// A scan or a join is in progress.
  var isBusy = false
  /// The address of the join in progress.
  var joining: String?
  /// The scan in progress.
  var scan = (duration: 0, mask: UInt32(0))

  private static let defaults = [
    "S2": "21", "S3": "FFFF", "SA": "00000000", "S15": "0", "S16": "00000384", "S17": "1", "S1C": "00000000",
    "SA0": "0", "SA1": "0", "SA2": "0", "SFB": "0", "SFD": "0000000000000000", "SFE": "1", "SFF": "1",
  ]

  var channel: UInt8 { UInt8(registers["S2"] ?? "", radix: 16) ?? 0 }
  var pan: UInt16 { UInt16(registers["S3"] ?? "", radix: 16) ?? 0 }
  var isEchoing: Bool { registers["SFE"] != "0" }
  var tellsQuality: Bool { registers["SA2"] == "1" }
  var renewsItself: Bool { registers["S17"] != "0" }

  /// The value of a register; nil for an unknown one.
  func value(_ name: String) -> String? { registers[Self.plain(name)] }

  /// Sets a register; false for an unknown one or a value that does not fit.
  mutating func set(_ name: String, _ value: String) -> Bool {
    let name = Self.plain(name)
    guard let old = registers[name], name != "SFB", (1...old.utf8.count).contains(value.utf8.count),
      UInt64(value, radix: 16) != nil
    else { return false }
    registers[name] = value
    return true
  }

  /// `SKRESET`, or the power comes back.
  mutating func reset() {
    registers = Self.defaults
    (password, identifier, session, isBusy, joining) = (nil, nil, nil, false, nil)
  }

  /// `S02` is `S2`.
  private static func plain(_ name: String) -> String {
    name.hasPrefix("S0") ? "S" + name.dropFirst(2) : name
  }
}
