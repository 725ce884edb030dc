internal import Base
internal import Platform

/// The source of telegrams that come over MQTT. They come by way of `TelegramThread`, so it has nothing to open or to wait
/// for.
struct MQTTTransport: Transport {
  var interest: PollInterest? { nil }

  func backoff(seed: UInt64) -> SourceBackoff { SourceBackoff(slowest: Limits.reopening, seed: seed) }
  mutating func open(now: Instant) throws(SourceError) -> TransportEvent? { nil }
  mutating func service(_ ready: Readiness, now: Instant) throws(SourceError) -> TransportEvent? { nil }
  mutating func close() {}
}
