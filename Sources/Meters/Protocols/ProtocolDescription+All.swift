package import Decoders

extension ProtocolDescription {
  /// The table of protocols, in the order in which users see them.
  package static let all: [ProtocolDescription] = [
    .mbus,
    .p1,
    .dlms,
    .echonet,
  ]

  /// The protocol of a name.
  ///
  /// - Parameter name: as `protocol:` has it.
  package init?(named name: String) {
    guard let known = Self.all.first(where: { $0.name == name }) else { return nil }
    self = known
  }

  /// The protocol that prints a telegram's content; nil where the table has none.
  package init?(printing content: any TelegramContent) {
    guard let known = Self.all.first(where: { $0.content == type(of: content) }) else { return nil }
    self = known
  }

  /// The protocol that bytes are of, by what tells it first and surest; nil where nothing does.
  package static func recognise(_ bytes: Span<UInt8>) -> ProtocolDescription? {
    var best: (found: ProtocolDescription, by: Recognition)?
    for known in all {
      guard let recognition = known.recognise(bytes) else { continue }
      if best.map({ recognition < $0.by }) ?? true { best = (known, recognition) }
    }
    return best?.found
  }
}
