package import Base

/// A telegram that is sent on to a topic. The journal keeps it as it keeps readings, with everything that it goes out with.
package struct ForwardedTelegram: Equatable, Sendable {
  /// The meter's id in the configuration.
  package var meter: String
  package var topic: String
  package var received: WallTime
  /// The source as configured, without secrets.
  package var source: String
  package var protocolName: String
  /// All frames of one readout, as received.
  package var bytes: [UInt8]

  package init(
    meter: String, topic: String, received: WallTime, source: String, protocolName: String, bytes: [UInt8]
  ) {
    self.meter = meter
    self.topic = topic
    self.received = received
    self.source = source
    self.protocolName = protocolName
    self.bytes = bytes
  }
}

extension ForwardedTelegram {
  /// What the journal has behind a meter's id. No id has a slash.
  private static let mark = "/forward"

  /// The name in the journal of a meter's forwarded telegrams.
  package var journalName: String { meter + Self.mark }

  /// The meter that a name in the journal belongs to; nil for the name of a meter's readings.
  package static func meter(of name: String) -> String? {
    name.hasSuffix(mark) ? String(name.dropLast(mark.count)) : nil
  }

  /// Four lines, and the bytes.
  package var document: [UInt8] {
    [topic, "\(received)", source, protocolName].flatMap { Array($0.utf8) + [UInt8(ascii: "\n")] } + bytes
  }

  /// Reads `document`; nil for other bytes.
  package init?(_ document: [UInt8], of name: String) {
    let parts = document.split(separator: UInt8(ascii: "\n"), maxSplits: 4, omittingEmptySubsequences: false)
    guard let meter = Self.meter(of: name), parts.count == 5 else { return nil }
    let texts = parts.prefix(4).map { String(decoding: $0, as: UTF8.self) }
    guard let received = WallTime(texts[1]) else { return nil }
    self.init(
      meter: meter, topic: texts[0], received: received, source: texts[2], protocolName: texts[3],
      bytes: Array(parts[4]))
  }
}
