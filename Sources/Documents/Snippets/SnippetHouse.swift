package import Base
internal import Decoders
package import Meters

/// The meters of a configuration and the way to their values, as other programs must know them.
package struct SnippetHouse: Equatable, Sendable {
  /// A meter or sub-meter with the fields that it has sent.
  package struct Meter: Equatable, Sendable {
    package var device: Device
    package var fields: [FieldDescription]
    /// After this time a topic is published again, although its value is the same.
    package var heartbeat: Milliseconds
    /// The time between two telegrams; nil while it is unknown.
    package var interval: Milliseconds?

    package init(
      _ device: Device, fields: [FieldDescription], heartbeat: Milliseconds, interval: Milliseconds? = nil
    ) {
      self.device = device
      self.fields = fields
      self.heartbeat = heartbeat
      self.interval = interval
    }
  }

  /// The broker as this machine reaches it, without credentials.
  package var host: String
  package var port: UInt16
  package var usesTLS = false
  package var baseTopic: String
  /// In the order of the configuration, sub-meters behind their meter.
  package var meters: [Meter]

  package init(host: String, port: UInt16, usesTLS: Bool = false, baseTopic: String, meters: [Meter]) {
    self.host = host
    self.port = port
    self.usesTLS = usesTLS
    self.baseTopic = baseTopic
    self.meters = meters
  }

  func topic(_ meter: Meter, _ level: String) -> String { "\(baseTopic)/\(meter.device.id)/\(level)" }

  /// What a program on another machine must change.
  var hostNote: String {
    let isHere = host == "localhost" || host == "::1" || host.hasPrefix("127.")
    return "The broker is \(host):\(port)"
      + (isHere ? ": on another machine write the name of this one." : ".")
      + " User name and password are yours to add."
  }
}

extension SnippetHouse.Meter {
  var id: String { device.id }

  /// The name of the configuration, else maker and model, else the id.
  var title: String {
    let made = [device.manufacturer, device.model].compactMap { $0 }.joined(separator: " ")
    return device.name ?? (made.isEmpty ? id : made)
  }

  /// The fields that users see: current values with a name, without those that Home Assistant would hide.
  var shownFields: [FieldDescription] {
    fields.filter { $0.key.name != .code && !$0.key.isHistory && $0.key.name.entry.isEnabled && $0.key.phase == .none }
  }

  /// All numbers with a name.
  var numbers: [FieldDescription] { fields.filter { $0.isNumber && $0.key.name != .code } }

  subscript(name: FieldName, phase phase: FieldKey.Phase = .none) -> FieldDescription? {
    fields.first { $0.isNumber && $0.key == FieldKey(name, phase: phase) }
  }

  /// How old a value may become while all is well: a telegram late behind the heartbeat, and another one.
  var patience: Milliseconds {
    let wait = heartbeat.count + 2 * (interval ?? .seconds(10)).count
    // A reader with less than half a minute gives up during every restart of the broker.
    guard wait > 30_000 else { return .seconds(30) }
    let step: Int64 = wait > 60_000 ? 60_000 : 10_000
    return Milliseconds((wait + step - 1) / step * step)
  }
}

extension Milliseconds {
  /// As evcc (Go) writes a time, `6m`.
  var inWords: String { count % 60_000 == 0 ? "\(count / 60_000)m" : "\(count / 1000)s" }
}
