internal import Base
internal import HTTP

/// The section `http`: the web server, and the meters that it pretends to be.
struct HTTPSettings: Equatable, Sendable {
  var listen = HTTPSettings.usualAddress
  /// Belongs to the password.
  var username = "meterbridge"
  var password: Secret?
  /// For programs.
  var token: Secret?
  /// Names in lower case.
  var hosts: [String] = []
  var allowsAnonymous = false
  var isOnlyForIngress = false
  /// Whether the pages of other tools are there too.
  var hasCompatiblePages = true
  /// The meter whose MBusPico document is on `/`.
  var root: String?
  var emulations: [EmulationSettings] = []

  /// Only this machine.
  static let usualAddress = ListenAddress.loopback(port: 8080)
}

/// A meter under the interface of another maker.
struct EmulationSettings: Equatable, Sendable {
  enum Kind: String, CaseIterable, Sendable { case homewizard, ecotracker, shellyPro3EM = "shelly_pro_3em" }

  var kind: Kind
  /// The id of a meter or sub-meter.
  var meter: String
  var listen: ListenAddress
}

/// A document of a meter that is sent to a host by UDP.
struct UDPSettings: Equatable, Sendable {
  enum Format: String, CaseIterable, Sendable { case mbuspico }

  /// The id of a meter or sub-meter.
  var meter: String
  var destination: UDPDestination
  var format = Format.mbuspico
  /// 0: each reading.
  var interval = Milliseconds.seconds(30)
}

/// A port of another machine.
struct UDPDestination: Equatable, Sendable {
  /// A name or an address, IPv6 without brackets.
  var host: String
  var port: UInt16
}
