internal import Decoders

/// A meter or sub-meter as MQTT and Home Assistant know it.
struct Device: Hashable, Sendable {
  /// Second level of its topics, `[a-z0-9_]+`.
  var id: String
  /// The id of the meter it sits behind; nil for a configured meter.
  var parent: String?
  /// The name the user gave it.
  var name: String?
  var manufacturer: String?
  var model: String?
  /// The meter's own number.
  var serial: String?
  var medium: Medium
  /// `mbus`, `p1`.
  var protocolName: String
}

/// A field as topics and discovery need it: its key and unit without the reading it came from.
struct FieldDescription: Hashable, Sendable {
  /// Last level of the topic.
  var level: String
  var key: FieldKey
  var unit: Unit
  /// Whether the payload is a number; texts have neither unit nor state class.
  var isNumber: Bool
  /// Whether the payload is a day without a time, as M-Bus type G is; Home Assistant tells the two apart.
  var isDate = false
}

/// One value on its way to its topic.
struct PublishedField: Hashable, Sendable {
  var field: FieldDescription
  /// Exactly what stands on the topic.
  var payload: String
}

/// Everything that one reading publishes.
struct Publication: Sendable {
  var device: Device
  var fields: [PublishedField]
  /// The document of `…/reading`; nil if a sub-meter's reading is not new.
  var reading: [UInt8]?
  /// The number of the reading among those of its meter, from 1, without a gap; 0 without a reading. The meter loop counts.
  var number: Int64 = 0
  var received: WallTime
  /// Whether it comes from a telegram of the meter. Values noticed beside one are not a telegram.
  var isFromTelegram = true
  /// Last levels of topics that stay as they are: the meter has the field, but its value is held back or missing now.
  var held: [String] = []
}

extension Publication {
  /// Adds the values of an earlier publication that will not be sent. Telegrams of one meter have different fields: an
  /// energy may come once an hour, between thousands that have only power.
  mutating func takeOver(from former: Publication) {
    // The outbox sees that a number is missing, and asks the journal for the reading before this one.
    if reading == nil { (reading, number) = (former.reading, former.number) }
    isFromTelegram = isFromTelegram || former.isFromTelegram
    let told = Set(fields.map(\.field.level))
    fields += former.fields.filter { !told.contains($0.field.level) }.prefix(Limits.fieldsOfReading)
    held += former.held.filter { !told.contains($0) && !held.contains($0) }
  }
}

/// From the meter loop to the broker thread.
enum BrokerMessage: Sendable {
  /// The meters of the configuration, at start and after a reload; the topics of others are removed.
  case meters([ConfiguredMeter])
  case publication(Publication)
  /// The meter's pipeline decides. It says `online` before the first publication.
  case availability(device: String, online: Bool)
  /// The event of `bridge/dead_letter`, JSON.
  case deadLetter([UInt8])
  /// By the storage thread.
  case journal(JournalReport)
  /// The document of `bridge/health`, JSON.
  case health([UInt8])
  /// Publish `offline`, wait for the acknowledgement, disconnect.
  case stop
}

/// Settings of one field, in place of its meter's.
struct FieldPolicy: Hashable, Sendable {
  var heartbeat: Milliseconds?
  var minimumInterval: Milliseconds?
  /// A value that differs by less from the one on the topic waits for the heartbeat.
  var deadBand: FixedDecimal?
}

/// The part of a meter's settings that the broker thread needs.
struct ConfiguredMeter: Hashable, Sendable {
  var id: String
  var protocolName: String
  /// The source as configured, for dead letters.
  var source: String
  var heartbeat: Milliseconds
  var minimumInterval: Milliseconds
  /// Some fields have their own settings.
  var policies: [FieldName: FieldPolicy] = [:]
  /// Where it is on its M-Bus.
  var address: MBusAddress? = nil

  /// Whether both settings lead to the same physical meter.
  func isSameMeter(as other: ConfiguredMeter) -> Bool {
    (protocolName, source) == (other.protocolName, other.source) && address == other.address
  }
}

/// From the broker thread to the meter loop.
enum BrokerReport: Sendable {
  /// A message on `<root>/<id>/read`.
  case read(meter: String)
  /// A message on `<root>/<id>/accept`, for a meter or sub-meter.
  case accept(device: String)
  /// The broker turned a message away; not retried.
  case refused(DeadLetter)
  /// A connection was accepted.
  case connected
  case disconnected(reason: String)
  /// The retained topics have changed: to be kept for the next start.
  case retained(RetainedState)
  /// The broker has everything, or never will: the program may end.
  case stopped
}
