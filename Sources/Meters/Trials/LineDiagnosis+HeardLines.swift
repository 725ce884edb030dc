internal import Base
internal import Decoders

extension LineDiagnosis.Finding {
  /// Explains bytes that gave no telegram with any line settings; nil if not a byte came.
  ///
  /// - Parameter heard: what came with each of the settings.
  package init?(_ heard: [HeardLine]) {
    let heard = heard.filter { $0.count > 0 }
    guard !heard.isEmpty else { return nil }
    let count = heard.reduce(0) { $0 + $1.count }
    let damaged = heard.reduce(0) { $0 + $1.damaged }
    if heard.allSatisfy({ $0.breaks == $0.count }) {
      self = .heldLow
    } else if let found = heard.lazy.compactMap({ Self.parity($0) }).first {
      self = found
    } else if heard.contains(where: { Self.isInverted($0.bytes) }) {
      self = .inverted
    } else if damaged * Self.fewestSound >= count {
      self = .framingErrors(bytes: count, damaged: damaged)
    } else {
      self = .noTelegram(bytes: count)
    }
  }

  /// Explains that not a byte came.
  ///
  /// - Parameters:
  ///   - address: the source.
  ///   - wasAsked: whether requests were sent, so that meters that only answer count too.
  /// - Returns: a sentence for each kind of cable, and then one for each protocol.
  package static func silence(on address: SourceAddress, wasAsked: Bool) -> [String] {
    let general: Self = address.isSocket ? .silentGateway : .silentPort
    let protocols = ProtocolDescription.all.filter { $0.inquiry == nil || wasAsked }
    return [general.description] + protocols.compactMap { known in known.silenceAdvice.map { "\(known.title): \($0)" } }
  }

  /// One damaged byte in so many is more than a bad contact makes.
  private static let fewestSound = 8

  /// A telegram in bytes that the port does not pass on as it should. A meter's own settings would have given it whole.
  private static func parity(_ heard: HeardLine) -> Self? {
    if heard.damaged > 0, let known = protocolOf(heard.bytes) { return .otherParity(known, heard.line) }
    guard heard.bytes.contains(where: { $0 > 0x7F }) else { return nil }
    return protocolOf(heard.bytes.map { $0 & 0x7F }).map { .parityAsData($0) }
  }

  private static func isInverted(_ bytes: [UInt8]) -> Bool {
    ProtocolDescription.all.contains { $0.recogniseInverted(bytes.span) }
      || ([0xFF, 0x7F] as [UInt8]).contains { mask in protocolOf(bytes.map { ~$0 & mask }) != nil }
  }

  /// The protocol of a whole telegram in bytes.
  private static func protocolOf(_ bytes: [UInt8]) -> ProtocolDescription? {
    var trial = TelegramTrial(ProtocolDescription.all)
    trial.append(bytes)
    return trial.look()?.meterProtocol
  }
}
