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
  /// What is no mistake, but not as it should be.
  var warnings: [String] = []
  var logLevel = LogLevel.info
}

struct JournalSettings: Equatable, Sendable {
  /// Size of the file at most.
  var megabytes = Limits.journalBytes / 1_048_576
  /// How fast each meter's history goes out.
  var replayPerSecond = Limits.replayPerSecond
}
