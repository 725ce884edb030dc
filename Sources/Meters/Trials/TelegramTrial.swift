internal import Base
package import Decoders

/// Finds out which protocol some bytes are of: the one that finds and decodes a telegram in them.
///
/// A sign of a protocol, such as `/` and three letters, also comes up in noise. So only a whole telegram counts.
package struct TelegramTrial: Sendable {
  /// A telegram of a protocol.
  package struct Finding: Equatable, Sendable {
    package var meterProtocol: ProtocolDescription
    /// The meter; nil if the telegram can only be recognised.
    package var meter: HeardMeter?
    /// Why the telegram cannot be decoded: it is enciphered, for instance.
    package var trouble: DecodeError?
    /// Whether it begins with a mark that the telegrams of other protocols do not have.
    package var isMarked: Bool
    /// The version of the standard, for people; nil if the telegram does not tell.
    package var version: String?
  }

  private let candidates: [ProtocolDescription]
  private var bytes: [UInt8] = []
  /// The number of all bytes so far, damaged ones too.
  package private(set) var count = 0
  /// Bytes with bad parity or without a stop bit.
  package private(set) var damaged = 0
  /// Whether `look` has seen every byte.
  private var isSeen = true

  /// - Parameter candidates: the protocols to try.
  package init(_ candidates: [ProtocolDescription]) { self.candidates = candidates }

  /// Takes bytes as they come off a line. Beyond `Limits.trialBytes` the oldest go.
  package mutating func append(_ input: LineInput) {
    count += input.bytes.count
    damaged += input.damaged.count
    for case .sound(let piece) in input.pieces { bytes += piece }
    if bytes.count > Limits.trialBytes { bytes.removeFirst(bytes.count - Limits.trialBytes) }
    isSeen = false
  }

  /// Takes bytes that another framer has rejected.
  package mutating func append(_ rejected: [UInt8]) { append(LineInput(bytes: rejected)) }

  /// Looks for a telegram in the bytes so far.
  ///
  /// - Parameter key: the meter's, if it is known.
  /// - Returns: the telegram that says most; nil for none.
  package mutating func look(key: MeterKey? = nil) -> Finding? {
    guard !isSeen || key != nil else { return nil }
    isSeen = true
    var recognised: [(found: ProtocolDescription, by: Recognition)] = []
    for candidate in candidates {
      if let sign = candidate.recognise(bytes.span) { recognised.append((candidate, sign)) }
    }
    recognised.sort { $0.by < $1.by }
    let others = candidates.filter { candidate in !recognised.contains { $0.found == candidate } }
    var enciphered: Finding?
    for candidate in recognised.map(\.found) + (key == nil ? [] : others) {
      let isMarked = recognised.contains { if case .telegram = $0.by { $0.found == candidate } else { false } }
      guard let finding = read(as: candidate, key, isMarked: isMarked) else { continue }
      if finding.trouble == nil { return finding }
      enciphered = enciphered ?? finding
    }
    return enciphered
  }

  /// Reads the bytes as a protocol; nil without a telegram of it.
  ///
  /// A telegram whose key is missing counts if the protocol's mark begins it, or if it names its meter.
  private func read(as candidate: ProtocolDescription, _ key: MeterKey?, isMarked: Bool) -> Finding? {
    var settings = MeterSettings(id: "", meterProtocol: candidate, source: .standardInput, sourceText: "-")
    settings.key = key
    var framer = candidate.framer(settings)
    framer.append(bytes.span)
    framer.finish()
    var decoder = candidate.decoder(settings)
    var adjustment = Adjustment(settings)
    var trouble: DecodeError?
    var best: HeardMeter?
    var version: String?
    while case let framed? = framer.next() {
      guard case .frame(let frame) = framed else { continue }
      var telegrams: [Telegram] = []
      do throws(DecodeError) { try decoder.decode(frame.span, into: &telegrams) } catch {
        if error.code.isOfCipher, isMarked || error.namesMeter { trouble = trouble ?? error }
      }
      for var telegram in telegrams {
        // A DLMS envelope may hold the text of a P1 port.
        guard candidate.content == type(of: telegram.content) else { continue }
        adjustment.apply(to: &telegram)
        let heard = HeardMeter(telegram.readings[0])
        if heard.values > best?.values ?? 0 { best = heard }
        version = version ?? candidate.version(telegram)
      }
    }
    if let best { return Finding(meterProtocol: candidate, meter: best, isMarked: isMarked, version: version) }
    return trouble.map { Finding(meterProtocol: candidate, trouble: $0, isMarked: isMarked) }
  }
}

extension DecodeError {
  /// Whether an error about a key has the system title of the meter.
  fileprivate var namesMeter: Bool { expected != 0 }
}
