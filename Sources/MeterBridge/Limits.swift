/// Every bound of the program. Nothing that comes from outside may grow past one of these.
enum Limits {
  /// Bytes of one M-Bus or DLMS frame.
  static let frameBytes = 4 * 1024
  /// Bytes of one P1 telegram.
  static let p1Bytes = 16 * 1024
  /// Meters of one configuration, unless `limits: {meters: N}` says otherwise.
  static let meters = 256
  /// What `limits: {meters: N}` may say at most.
  static let mostMeters = 10_000
  /// Characters of a meter's id and of a node id: Home Assistant joins both with a field's name into 255.
  static let idCharacters = 64
  /// Bytes of a topic or topic prefix in the configuration.
  static let configuredTopicBytes = 256
  /// Bytes of a file that `!file` reads.
  static let configuredFileBytes = 64 * 1024
  /// Bytes of a configuration file.
  static let configurationBytes = 1024 * 1024
  /// Nesting of YAML and JSON; libyaml takes quadratic time in it.
  static let nesting = 64
  /// Bytes of the dead-letter log, over all its files.
  static let deadLetterBytes = 64 * 1024 * 1024
  /// Files of the dead-letter log.
  static let deadLetterFiles = 4
  /// Messages handed to the broker and not yet acknowledged.
  static let inFlight = 20
  /// Readings kept in memory for each meter while the broker is away; the oldest goes first.
  static let readingsKept = 64
  /// Messages in a mailbox between two threads.
  static let mailbox = 1024
  /// Telegrams of one readout of an M-Bus meter.
  static let telegramsOfReadout = 16
  /// Fields of one reading that become topics.
  static let fieldsOfReading = 512
}
