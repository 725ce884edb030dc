package import Base
package import Decoders

/// Finds out what the bytes of a line are that give no telegram of its meter.
package struct LineDiagnosis: Sendable {
  private var settings: MeterSettings { _read { yield shared.value } }
  private let shared: Box<MeterSettings>
  /// The last bytes since the last telegram: the rejected ones, or all of a dongle, whose session drops line ends.
  private var bytes: [UInt8] = []
  private var examinedAt: Instant?
  private var finding: Finding?

  /// An examination reads all bytes several times, and a noisy line brings thousands a second.
  private static let pause = Milliseconds.seconds(2)
  /// A short piece of noise may look like anything.
  private static let enough = 16

  /// - Parameter settings: of a meter on the line; all of a line speak one protocol.
  package init(_ settings: Box<MeterSettings>) { shared = settings }

  /// A telegram could be decoded.
  package mutating func succeeded() {
    guard !bytes.isEmpty || finding != nil else { return }
    bytes = []
    examinedAt = nil
    finding = nil
  }

  /// Bytes came in.
  package mutating func heard(_ new: [UInt8]) { if hearsDongle { keep(new) } }

  /// Takes bytes that are not a telegram, and says what they and those before them are; nil if that is unknown.
  package mutating func rejected(_ new: [UInt8], _ error: DecodeError, now: Instant) -> Finding? {
    if !hearsDongle { keep(new) }
    switch error.code {
    // Whole telegrams, and only the check value tells that they are damaged.
    case .checksumMismatch, .checksumMissing: return .damaged
    default: break
    }
    // Damaged bytes may be a telegram with the wrong parity: they do not prove that the settings are right.
    if error.code != .parityError, isOwn(new) { return .damaged }
    if let examinedAt, now < examinedAt + Self.pause { return finding }
    examinedAt = now
    finding = examine(new)
    return finding
  }

  private var hearsDongle: Bool { settings.credentials != nil }

  private mutating func keep(_ new: [UInt8]) {
    bytes += new.suffix(Limits.diagnosedBytes)
    if bytes.count > Limits.diagnosedBytes { bytes.removeFirst(bytes.count - Limits.diagnosedBytes) }
  }

  /// Whether the bytes have the head of a telegram of the meter's protocol.
  private func isOwn(_ bytes: [UInt8]) -> Bool {
    guard case .telegram = settings.meterProtocol.recognise(bytes.span) else { return false }
    return true
  }

  private func examine(_ last: [UInt8]) -> Finding? {
    guard bytes.count >= Self.enough else { return nil }
    let known = settings.meterProtocol
    // Some telegrams are known only where they begin.
    for piece in [bytes, last] {
      let piece = Array(piece.drop { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") })
      let others = ProtocolDescription.all.filter { $0 != known && isSure($0.recognise(piece.span)) }
      if let other = others.first(where: { isTelegram(piece, of: $0) }) { return .other(other) }
    }
    // With seven data bits the eighth stays 0.
    for mask in [0xFF, 0x7F] as [UInt8] {
      let inverted = bytes.map { ~$0 & mask }
      if isOwn(inverted), isTelegram(inverted, of: known) { return .inverted }
    }
    return known.recogniseInverted(bytes.span) ? .inverted : nil
  }

  private func isSure(_ recognition: Recognition?) -> Bool {
    switch recognition {
    case .telegram, .beginning: true
    case .firstByte, nil: false
    }
  }

  /// Whether a protocol's framer cuts a telegram out of the bytes: heads of telegrams are in noise too.
  ///
  /// Two protocols may begin alike. Then the telegram is the meter's own, although it is damaged.
  private func isTelegram(_ bytes: [UInt8], of known: ProtocolDescription) -> Bool {
    var settings = settings
    settings.meterProtocol = known
    var framer = known.framer(settings)
    framer.append(bytes.span)
    framer.finish()
    while let framed = framer.next() {
      guard case .frame(let frame) = framed, isSure(known.recognise(frame.span)) else { continue }
      if known == self.settings.meterProtocol || self.settings.meterProtocol.recognise(frame.span) != .telegram(at: 0) {
        return true
      }
    }
    return false
  }
}
