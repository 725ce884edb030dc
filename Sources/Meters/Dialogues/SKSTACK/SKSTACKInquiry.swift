package import Base
internal import Decoders

/// Finds out whether a Wi-SUN dongle with SKSTACK commands is on a line: it asks for the version (`SKVER`). It sends no
/// secret.
package struct SKSTACKInquiry: Inquiry {
  private enum Phase {
    case closed
    /// Answers to the line ends pass.
    case settling(until: Instant)
    case asking(until: Instant)
    case done
  }

  private var probe = SKSTACKProbe()
  private var phase = Phase.closed
  /// The line that has begun.
  private var line: [UInt8] = []
  private var actions: [ConversationAction] = []
  package private(set) var answer: InquiryAnswer?

  private static let patience = Milliseconds.seconds(1)
  private static let request = Array("SKVER\r\n".utf8)
  private static let sign = "EVER "
  private static let longestLine = 64

  package init() {}

  package var isDone: Bool { if case .done = phase { true } else { false } }

  package var deadline: Instant? {
    switch phase {
    case .closed, .done: nil
    case .settling(let until), .asking(let until): until
    }
  }

  package mutating func opened(now: Instant) { wake(now: now) }

  package mutating func received(_ input: LineInput, now: Instant) {
    guard !isDone else { return }
    if probe.isForeign(input.bytes) { return end(.unsupported(SKSTACKTrouble.unsupportedDongle.description)) }
    for byte in input.bytes {
      guard byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") else {
        line.append(byte)
        if line.count > Self.longestLine { line.removeFirst() }
        continue
      }
      let text = String(decoding: line, as: UTF8.self)
      line = []
      // Only the answer to the question counts, whole, and not a rest of an earlier one.
      guard case .asking = phase, text.hasPrefix(Self.sign) else { continue }
      let version = text.dropFirst(Self.sign.count)
      guard version.utf8.contains(where: isDigit), version.utf8.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: ".") })
      else { continue }
      return end(.dongle("a Wi-SUN dongle with SKSTACK \(version)"))
    }
  }

  package mutating func tick(now: Instant) {
    switch phase {
    case .settling(let until) where now >= until:
      phase = .asking(until: now + Self.patience)
      actions.append(.send(Self.request))
    case .asking(let until) where now >= until:
      if probe.beginNextTry() { wake(now: now) } else { phase = .done }
    default: break
    }
  }

  package mutating func takeActions() -> [ConversationAction] {
    defer { actions = [] }
    return actions
  }

  private mutating func wake(now: Instant) {
    phase = .settling(until: now + SKSTACKProbe.settling)
    actions.append(.send(probe.wake))
  }

  private mutating func end(_ answer: InquiryAnswer) {
    self.answer = answer
    phase = .done
  }
}
