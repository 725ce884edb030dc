package import Base
package import Decoders

/// A telegram that was decoded, with its bytes.
package struct ReceivedTelegram: Sendable {
  /// The meter's id in the configuration.
  package var meter: String
  package var received: WallTime
  /// As received, without secrets.
  package var bytes: [UInt8]
  package var content: Telegram

  package init(meter: String, received: WallTime, bytes: [UInt8], content: Telegram) {
    self.meter = meter
    self.received = received
    self.bytes = bytes
    self.content = content
  }
}
