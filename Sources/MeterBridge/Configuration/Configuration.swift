internal import Decoders
internal import MQTT

/// A configuration that has been read and found right. `docs/CONFIGURATION.md` tells users what each key is.
struct Configuration: Equatable, Sendable {
  var mqtt = MQTTSettings()
  var homeAssistant = HomeAssistantSettings()
  var meters: [MeterSettings] = []
  /// How many meters there may be.
  var meterLimit = Limits.meters
  var journal = JournalSettings()
  /// Nil: found from the environment (`StateDirectory`).
  var stateDirectory: String?
  /// Whether keys and passwords may be in files that others can read.
  var allowsReadableSecrets = false
  /// What is no mistake, but not as it should be.
  var warnings: [String] = []
  var logLevel = Log.Level.info
}

struct JournalSettings: Equatable, Sendable {
  /// Size of the file at most.
  var megabytes = Limits.journalBytes / 1_048_576
  /// How fast each meter's history goes out.
  var replayPerSecond = Limits.replayPerSecond
}

/// A text that must never be seen: it has no description, and comparing is all that can be done by accident.
struct Secret: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
  /// The text itself, for the one place that needs it.
  let reveal: String

  init(_ text: String) { reveal = text }
  var description: String { "(hidden)" }
  var customMirror: Mirror { Mirror(self, children: []) }
}

struct MQTTSettings: Equatable, Sendable {
  enum ProtocolVersion: Equatable, Sendable {
    /// 5 first, 3.1.1 if the broker refuses 5.
    case detect
    case five, threeOneOne
  }

  var host = "localhost"
  /// Nil: 1883, with TLS 8883.
  var port: UInt16?
  var username: String?
  var password: Secret?
  /// Nil: made from the machine id.
  var clientID: String?
  var tls: TLSSettings?
  var keepAlive = Milliseconds.seconds(30)
  var baseTopic = "meterbridge"
  var protocolVersion = ProtocolVersion.detect
  /// Bytes of one packet, where the broker's own limit is unknown.
  var maximumPacketSize: Int?
}

struct HomeAssistantSettings: Equatable, Sendable {
  /// A version of Home Assistant, as far as discovery differs.
  struct Version: Comparable, Sendable {
    var year: Int
    var month: Int
    static func < (left: Version, right: Version) -> Bool { (left.year, left.month) < (right.year, right.month) }
  }

  var discovery = true
  var prefix = "homeassistant"
  var birthTopic = "homeassistant/status"
  var nodeID = "meterbridge"
  /// The oldest version that must accept the discovery documents; nil for the newest.
  var compatibility: Version?
}

/// Where a meter's bytes come from.
enum SourceAddress: Hashable, Sendable {
  case serial(path: String)
  case tcp(host: String, port: UInt16)
  case http(HTTPSource)
  case file(path: String)
  case standardInput
}

/// Line settings of a serial port, as `2400 8E1`.
struct LineSettings: Hashable, Sendable {
  enum Parity: Sendable { case none, even, odd }

  var baud: Int
  var dataBits: Int
  var parity: Parity
  var stopBits: Int
}

enum MeterProtocol: String, Hashable, Sendable, CaseIterable {
  case mbus, p1, dlms, echonet

  /// Every reading of a meter has all its fields. Others tell power all the time, and energies by the hour.
  var tellsAllAtOnce: Bool {
    switch self {
    case .mbus, .p1: true
    case .dlms, .echonet: false
    }
  }
}

/// Whom to ask on an M-Bus.
enum MBusAddress: Hashable, Sendable {
  case primary(UInt8)
  /// Identification, manufacturer, version and medium as they stand in the select frame; F and FF are wildcards.
  case secondary([UInt8])
}

struct MeterSettings: Equatable, Sendable {
  var id: String
  var name: String?
  var meterProtocol: MeterProtocol
  var source: SourceAddress
  /// The source as written, for logs and dead letters.
  var sourceText: String
  var line: LineSettings?
  /// M-Bus only; of a configured M-Bus meter never nil.
  var address: MBusAddress?
  /// Nil: from the protocol and the medium, or learnt.
  var interval: Milliseconds?
  var profile: Profile?
  /// DLMS: whose habits to assume where a telegram does not say where the point is.
  var maker: DLMSMaker?
  /// DLMS and enciphered P1.
  var key: MeterKey?
  /// What tags are held against; nil leaves them unchecked.
  var authenticationKey: MeterKey?
  /// For meters whose telegrams do not name them.
  var systemTitle: SystemTitle?
  /// Believe frames whose checksum is wrong.
  var ignoresChecksums = false
  /// Powers of ten, instead of the maker's habit.
  var scalers: [DLMSQuantity: Int8] = [:]
  /// ECHONET Lite: the id on the B-route, 32 upper case hexadecimal digits.
  var bRouteIdentifier: Secret?
  /// ECHONET Lite: the password on the B-route.
  var password: Secret?
  /// ECHONET Lite, for `decode` alone: what the meter says once in its property E1.
  var energyUnit: UInt8?
  /// ECHONET Lite, for `decode` alone: what the meter says once in its property D3.
  var coefficient: UInt32?
  /// Published unit for a field name, instead of the vocabulary's.
  var units: [String: Unit] = [:]
  /// Minutes east of UTC of the meter's clock.
  var utcOffset: Int16?
  /// Transformer or pulse ratio that the meter itself does not apply.
  var factor: FixedDecimal?
  /// What the connection can carry, in watts, for the guard; nil: 100 kW for electricity.
  var maximumPower: FixedDecimal?
  var heartbeat = Milliseconds.minutes(5)
  var minimumInterval = Milliseconds.seconds(10)
  /// What some fields have instead.
  var policies: [FieldName: FieldPolicy] = [:]
  /// Multiples that topics are rounded to, in published units.
  var rounding: [FieldName: FixedDecimal] = [:]
}
