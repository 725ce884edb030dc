internal import Base
internal import Decoders
internal import Meters
internal import Publishing

extension MeterLoop {
  /// Gives the telegrams that came over MQTT to their meters, and asks for the time when their readings are delivered.
  func take(_ batch: TelegramBatch, now: Instant, wall: WallTime) {
    for telegram in batch.telegrams {
      let outputs = ports.take(telegram, now: now, wall: wall)
      carryOut(outputs ?? [.deadLetter(DeadLetter(stray: telegram, at: wall))], now: now)
    }
    post.send(.settle(batch: batch.number))
  }
}

extension Ports {
  /// Gives a telegram to its meter. Nil if no meter reads its topic.
  mutating func take(_ telegram: IncomingTelegram, now: Instant, wall: WallTime) -> [MeterOutput]? {
    let places = places(for: telegram.topic).compactMap { port in
      self[port].topic?.match(telegram.topic).map { (port: port, levels: $0) }
    }
    // Meters of several protocols may stand behind one `+`.
    let named = places.first { place in self[place.port].meter(named: place.levels) != nil }
    let only = places.count == 1 && self[places[0].port].tellsMetersApart ? places[0] : nil
    guard let place = named ?? only else { return nil }
    return self[place.port].take(telegram, at: place.levels, now: now, wall: wall)
  }
}

extension DeadLetter {
  /// A telegram on a topic that stands for many, without a meter for it.
  fileprivate init(stray telegram: IncomingTelegram, at time: WallTime) {
    let error = DecodeError(.otherMeter, at: 0, found: telegram.payload.count)
    self.init(
      time: time, meter: "bridge", source: "mqtt:\(telegram.topic)", kind: .undecodable, stage: .framing,
      code: error.code.name, message: "no meter of the configuration reads this topic", protocolName: "mqtt",
      bytes: telegram.payload)
  }
}
