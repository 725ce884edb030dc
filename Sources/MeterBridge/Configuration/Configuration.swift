internal import Base
internal import Meters
internal import Publishing

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
  /// The web server; nil without one.
  var http: HTTPSettings?
  var udp: [UDPSettings] = []
  /// Findings that are not mistakes.
  var warnings: [String] = []
  var logLevel = LogLevel.info
}

struct JournalSettings: Equatable, Sendable {
  /// Size of the file at most.
  var megabytes = Limits.journalBytes / 1_048_576
  /// The rate at which each meter's history is sent.
  var replayPerSecond = Limits.replayPerSecond
}
