internal import Base
internal import Decoders
internal import Meters

/// Telegrams that come over MQTT.
extension Port {
  /// Where its telegrams come from; nil for a source of another kind.
  var topic: TopicFilter? { pipelines[0].settings.source.topic }

  /// The meter whose id is one of these levels.
  func meter(named levels: [Substring]) -> Int? {
    levels.lazy.compactMap { pipelines.place(of: String($0)) }.first
  }

  /// Takes a telegram. A level of its topic names the meter, else the protocol's address does.
  ///
  /// What was received elsewhere, and perhaps long ago, counts from that time.
  mutating func take(
    _ telegram: IncomingTelegram, at levels: [Substring], now: Instant, wall: WallTime
  ) -> [MeterOutput] {
    let named = meter(named: levels)
    let isReceiver = pipelines[0].settings.meterProtocol.receiver != nil
    guard !telegram.isCut, let payload = TelegramPayload(telegram, isLine: isReceiver) else {
      let error =
        telegram.isCut
        ? DecodeError(.tooLong, at: 0, expected: Limits.incomingMessageBytes)
        : DecodeError(.unknownLayout, at: 0, found: telegram.payload.count)
      return take([.dialogue(.rejected(meter: named, bytes: telegram.payload, error: error))], now: now, wall: wall)
    }
    let received = payload.received(wall)
    let then = now + Milliseconds(received.milliseconds - wall.milliseconds)
    connection.deliver(payload.bytes, now: now)
    if isReceiver { return take(connection.takeEvents().between(named), now: then, wall: received) }
    var events: [SourceEvent] = []
    var readouts: [(meter: Int, frames: [[UInt8]])] = []
    for event in connection.takeEvents() {
      switch event {
      case .dialogue(.readout(let heard, let frames)):
        let meter = named ?? heard
        // All frames of a message are of one readout.
        if let index = readouts.firstIndex(where: { $0.meter == meter }) {
          readouts[index].frames += frames
        } else {
          readouts.append((meter, frames))
        }
      case .dialogue(.rejected(let heard, let bytes, let error)):
        events.append(.dialogue(.rejected(meter: named ?? heard, bytes: bytes, error: error)))
      default: events.append(event)
      }
    }
    events += readouts.map { .dialogue(.readout(meter: $0.meter, frames: $0.frames)) }
    return take(events, now: then, wall: received)
  }
}

extension [SourceEvent] {
  /// What a receiver heard. A frame tells itself whose it is; the topic's level decides only between meters that it fits.
  fileprivate func between(_ named: Int?) -> Self {
    let isNamed = contains { event in
      switch event {
      case .dialogue(.readout(let heard, _)), .dialogue(.news(.copy(let heard))): heard == named
      default: false
      }
    }
    return compactMap { event in
      switch event {
      case .dialogue(.readout(let heard, _)): !isNamed || heard == named ? event : nil
      case .dialogue(.news(.signalStrength(let heard, _))), .dialogue(.news(.copy(let heard))):
        !isNamed || heard == named ? event : nil
      case .dialogue(.rejected(_, let bytes, let error)):
        .dialogue(.rejected(meter: named, bytes: bytes, error: error))
      default: event
      }
    }
  }
}
