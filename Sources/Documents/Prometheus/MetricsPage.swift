internal import Base
internal import Decoders
internal import Meters
internal import Publishing

/// `/metrics`: all values of all meters, made piece by piece while they are sent.
///
/// It keeps the store of the moment of the request, so that one scrape never mixes two readings. Samples do not have a
/// time: Prometheus would not show one of a meter that is read every quarter of an hour.
package struct MetricsPage: Sendable {
  /// A field that is shown, in one word: the rank of its family, then the places of the meter and of the field.
  private struct Sample: Comparable {
    var word: UInt64

    init(rank: UInt16, meter: Int, field: Int) {
      word = UInt64(rank) << 48 | UInt64(meter) << 16 | UInt64(field)
    }

    var rank: UInt16 { UInt16(truncatingIfNeeded: word >> 48) }
    var meter: Int { Int(word >> 16 & 0xFFFF_FFFF) }
    var field: Int { Int(word & 0xFFFF) }

    static func < (left: Sample, right: Sample) -> Bool { left.word < right.word }
  }

  private let format: MetricsFormat
  private let meters: [StoredMeter]
  private let bridge: BridgeState
  private var samples: [Sample] = []
  /// `{meter="grid"` for each meter.
  private let labels: [[UInt8]]
  private var position = 0
  private var rank: UInt16?
  private var unit = MetricUnit("")
  /// The name of the samples of the family.
  private var name: [UInt8] = []
  private var hasBegun = false
  private var hasEnded = false

  package init(_ store: MeterStore, format: MetricsFormat) {
    self.format = format
    meters = store.meters
    bridge = store.bridge
    labels = store.meters.map { Array("{meter=\"\($0.id)\"".utf8) }
    for (place, meter) in meters.enumerated() {
      for (index, field) in meter.fields.enumerated() where meter.isCurrent(field) {
        guard let family = MetricFamily(field.field) else { continue }
        samples.append(Sample(rank: family.rank, meter: place, field: index))
      }
    }
    samples.sort()
  }

  /// The next piece of about `Limits.metricsPieceBytes`; nil after the last one.
  package mutating func next() -> [UInt8]? {
    guard !hasEnded else { return nil }
    var text = MetricsText(format)
    text.bytes.reserveCapacity(Limits.metricsPieceBytes + 1024)
    if !hasBegun { writeBridge(&text) }
    hasBegun = true
    while position < samples.count, text.bytes.count < Limits.metricsPieceBytes {
      write(samples[position], &text)
      position += 1
    }
    if position == samples.count {
      if format == .openMetrics { text.write("# EOF\n") }
      hasEnded = true
    }
    return text.bytes
  }

  /// All pieces.
  package consuming func whole() -> [UInt8] {
    var bytes: [UInt8] = []
    while let piece = next() { bytes += piece }
    return bytes
  }

  private mutating func write(_ sample: Sample, _ text: inout MetricsText) {
    let field = meters[sample.meter].fields[sample.field]
    if rank != sample.rank, let family = MetricFamily(field.field) {
      rank = sample.rank
      unit = family.unit
      let kind = family.isCounter ? MetricsText.Kind.counter : .gauge
      name = Array(
        text.family(family.text, kind, unit: family.unit.suffix.description, help: family.help).utf8)
    }
    let isAsPublished = unit.isAsPublished && field.field.unit == field.field.key.name.entry.unit
    let number = isAsPublished ? nil : field.metric(in: unit)
    guard isAsPublished || number != nil else { return }
    text.bytes += name
    text.bytes += labels[sample.meter]
    text.writeLabels(field.field.key)
    text.write("} ")
    if let number { number.write(into: &text.bytes) } else { text.write(field.payload) }
    text.bytes.append(UInt8(ascii: "\n"))
  }

  // MARK: The program and its meters

  private func writeBridge(_ text: inout MetricsText) {
    let build = text.family("meterbridge_build", .info, help: "The version of MeterBridge")
    text.sample(build, 1, [("version", Version.text)])
    writeMeters(&text)
    writeCounters(&text)
    text.write(bridge.health?.buses ?? [])
    let letters = text.family("meterbridge_dead_letters", .counter, help: "Telegrams and values that could not be used")
    text.sample(letters, bridge.health?.deadLetters ?? 0)
    let connected = text.family("meterbridge_broker_connected", .gauge, help: "Whether the MQTT broker is connected")
    text.sample(connected, bridge.broker.isConnected ? 1 : 0)
    let reconnects = text.family("meterbridge_broker_reconnects", .counter, help: "Connections after the first one")
    text.sample(reconnects, max(0, bridge.broker.connections - 1))
    let outbox = text.family("meterbridge_outbox_messages", .gauge, help: "Messages that wait for the broker")
    text.sample(outbox, bridge.broker.backlog.messages)
    let journal = text.family("meterbridge_journal_readings", .gauge, help: "Readings in the journal")
    text.sample(journal, bridge.health?.journal.readings ?? 0)
  }

  private func writeMeters(_ text: inout MetricsText) {
    guard !meters.isEmpty else { return }
    let info = text.family("meterbridge_meter", .info, help: "What a meter is")
    for meter in meters {
      let device = meter.device
      text.sample(
        info, 1,
        [
          ("meter", device.id), ("maker", device.manufacturer), ("model", device.model), ("serial", device.serial),
          ("medium", device.medium.name), ("protocol", device.protocolName),
        ])
    }
    let up = text.family("meterbridge_meter_up", .gauge, help: "Whether the last telegram of a meter is young enough")
    for meter in meters { text.sample(up, meter.isOnline ? 1 : 0, [("meter", meter.id)]) }
    let heard = meters.filter { $0.received != nil }
    guard !heard.isEmpty else { return }
    let last = text.family(
      "meterbridge_last_telegram_timestamp_seconds", .gauge, unit: "seconds", help: "When the last telegram came in")
    for meter in heard {
      let time = FixedDecimal(meter.received?.milliseconds ?? 0, exponent: -3)
      text.sample(last, time, [("meter", meter.id)])
    }
  }

  /// Of the configured meters: sub-meters come in their telegrams.
  private func writeCounters(_ text: inout MetricsText) {
    let configured = meters.filter { $0.device.parent == nil }
    guard !configured.isEmpty else { return }
    let telegrams = text.family("meterbridge_telegrams", .counter, help: "Telegrams that were decoded")
    for meter in configured { text.sample(telegrams, meter.counters.telegrams, [("meter", meter.id)]) }
    let repeated = configured.filter { $0.counters.doubled > 0 }
    if !repeated.isEmpty {
      let doubled = text.family("meterbridge_doubled", .counter, help: "Copies of telegrams, which are dropped")
      for meter in repeated { text.sample(doubled, meter.counters.doubled, [("meter", meter.id)]) }
    }
    guard configured.contains(where: { !$0.counters.errors.isEmpty }) else { return }
    let errors = text.family("meterbridge_errors", .counter, help: "Errors of a meter by code")
    for meter in configured {
      for (code, count) in meter.counters.errors.sorted(by: { $0.key < $1.key }) {
        text.sample(errors, count, [("meter", meter.id), ("code", code)])
      }
    }
  }
}

extension MetricsText {
  /// The labels of a field behind that of its meter.
  fileprivate mutating func writeLabels(_ key: FieldKey) {
    if key.phase != .none { write(",phase=\"\(key.phase.name)\"") }
    if key.tariff > 0 { write(",tariff=\"\(key.tariff)\"") }
    if key.subunit > 0 { write(",subunit=\"\(key.subunit)\"") }
    if key.ordinal > 0 { write(",duplicate=\"\(Int(key.ordinal) + 1)\"") }
  }
}
