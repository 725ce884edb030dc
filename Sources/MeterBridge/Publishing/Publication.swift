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

/// Everything that one reading puts on MQTT.
struct Publication: Sendable {
  var device: Device
  var fields: [PublishedField]
  /// The document of `…/reading`; nil where a sub-meter has nothing new to say.
  var reading: [UInt8]?
  /// Its place among the readings of its meter, from 1, without a gap; 0 where there is no reading. The meter loop counts.
  var number: Int64 = 0
  var received: WallTime
  /// The meter has spoken. What was noticed beside it brings it not online and is no telegram.
  var isSignOfLife = true
  /// Last levels of topics that stay as they are: the meter has the field, but its value is held back, or it has none now.
  var held: [String] = []
}

extension Publication {
  /// Says too what an earlier one would have said, as that one will not be sent. Telegrams of one meter tell different
  /// things: an energy may come once an hour, between thousands that have only power.
  mutating func takeOver(from former: Publication) {
    // The reading before it comes from the journal, as a number is missing then.
    if reading == nil { (reading, number) = (former.reading, former.number) }
    isSignOfLife = isSignOfLife || former.isSignOfLife
    let told = Set(fields.map(\.field.level))
    fields += former.fields.filter { !told.contains($0.field.level) }.prefix(Limits.fieldsOfReading)
    held += former.held.filter { !told.contains($0) && !held.contains($0) }
  }
}

/// From the meter loop to the broker thread.
enum BrokerMessage: Sendable {
  /// The meters of the configuration, at start and after a reload; what is known of others is taken away.
  case meters([ConfiguredMeter])
  case publication(Publication)
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

/// What a field has instead of its meter's settings.
struct FieldPolicy: Hashable, Sendable {
  var heartbeat: Milliseconds?
  var minimumInterval: Milliseconds?
  /// A value that differs by less from the one on the topic can wait for the heartbeat.
  var deadBand: FixedDecimal?
}

/// What the broker thread must know of a meter before its first telegram.
struct ConfiguredMeter: Hashable, Sendable {
  var id: String
  var protocolName: String
  /// The source as configured, for dead letters.
  var source: String
  var heartbeat: Milliseconds
  var minimumInterval: Milliseconds
  /// What some fields have instead.
  var policies: [FieldName: FieldPolicy] = [:]
  /// Where it is on its M-Bus.
  var address: MBusAddress? = nil

  /// Whether behind both there must be the same meter.
  func isSameMeter(as other: ConfiguredMeter) -> Bool {
    (protocolName, source) == (other.protocolName, other.source) && address == other.address
  }
}

/// From the broker thread to the meter loop.
enum BrokerReport: Sendable {
  /// `<root>/<id>/read` was asked for.
  case read(meter: String)
  /// `<root>/<id>/accept` was asked for, of a meter or sub-meter.
  case accept(device: String)
  /// The broker turned a message away; not retried.
  case refused(DeadLetter)
  /// A connection was accepted.
  case connected
  case disconnected(reason: String)
  /// What stands retained on the broker has changed: to be kept for the next start.
  case retained(RetainedState)
  /// The broker has everything, or never will: the program may end.
  case stopped
}
