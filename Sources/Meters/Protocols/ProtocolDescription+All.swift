internal import Base
package import Decoders

extension ProtocolDescription {
  /// The table of protocols, in the order in which users see them.
  package static let all: [ProtocolDescription] = [
    .mbus,
    .p1,
    .dlms,
    .sml,
    .d0,
    .echonet,
  ]

  /// These and those that nothing on a line tells for certain: a wireless frame without check values looks like noise.
  package static let configurable = all + [.wmbus]

  /// The place that a description of the table has in memory, for all meters.
  var shared: Box<ProtocolDescription> { Self.places[name] ?? Box(self) }

  private static let places = Dictionary(configurable.map { ($0.name, Box($0)) }) { first, _ in first }

  /// - Parameter name: as in `protocol:`; nil for an unknown one.
  package init?(named name: String) {
    guard let known = Self.configurable.first(where: { $0.name == name }) else { return nil }
    self = known
  }

  /// The protocol that prints a telegram's content; nil if the table has no such protocol.
  package init?(printing content: any TelegramContent) {
    guard let known = Self.configurable.first(where: { $0.content == type(of: content) }) else { return nil }
    self = known
  }

  /// Finds the protocol of some bytes by the surest and first sign in them; nil if no protocol finds one.
  package static func recognise(_ bytes: Span<UInt8>) -> ProtocolDescription? {
    var best: (found: ProtocolDescription, by: Recognition)?
    for known in configurable {
      guard let recognition = known.recognise(bytes) else { continue }
      if best.map({ recognition < $0.by }) ?? true { best = (known, recognition) }
    }
    return best?.found
  }
}
