/// What the module in a simulated dongle knows.
struct BRouteModule: Sendable {
  /// A session with the meter.
  struct Session: Equatable, Sendable {
    /// Registers S2 and S3 as they were when it began.
    var channel: UInt8
    var pan: UInt16
    /// Its lifetime is over and it is being renewed: nothing can be sent.
    var isHeld = false
  }

  /// In flash memory, so that it survives everything (`WOPT`).
  var writesBinary = false
  /// Registers by name without leading zeros, values as they were written.
  private(set) var registers = BRouteModule.defaults
  var password: String?
  var identifier: String?
  var session: Session?
  /// A scan or a join is under way.
  var isBusy = false
  /// The address that is being joined.
  var joining: String?
  /// Of the scan under way.
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

  /// What a register holds; nil for one that does not exist.
  func value(_ name: String) -> String? { registers[Self.plain(name)] }

  /// Sets a register; false for one that does not exist or a value that does not fit.
  mutating func set(_ name: String, _ value: String) -> Bool {
    let name = Self.plain(name)
    guard let old = registers[name], name != "SFB", (1...old.utf8.count).contains(value.utf8.count),
      UInt64(value, radix: 16) != nil
    else { return false }
    registers[name] = value
    return true
  }

  /// `SKRESET`, and what happens when the power comes.
  mutating func reset() {
    registers = Self.defaults
    (password, identifier, session, isBusy, joining) = (nil, nil, nil, false, nil)
  }

  /// `S02` is `S2`.
  private static func plain(_ name: String) -> String {
    name.hasPrefix("S0") ? "S" + name.dropFirst(2) : name
  }
}
