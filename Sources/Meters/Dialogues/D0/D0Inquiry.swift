package import Base
internal import Decoders

/// Finds out whether a meter answers at an optical head: it asks whoever is there, then once more behind NULs, which wake a
/// meter with a battery. An identification is answer enough.
package struct D0Inquiry: Inquiry {
  private enum Phase { case closed, waking, asking, done }

  private let line: LineSettings
  private let patience: Milliseconds
  private let isOverNetwork: Bool
  private var phase = Phase.closed
  private var until = Instant(milliseconds: 0)
  private var isWoken = false
  private var heard: [UInt8] = []
  private var actions: [ConversationAction] = []
  package private(set) var answer: InquiryAnswer?

  package init(line: LineSettings, overNetwork: Bool) {
    self.line = line
    isOverNetwork = overNetwork
    patience = overNetwork ? D0Timing.answerOverNetwork : D0Timing.answer
  }

  package var isDone: Bool { phase == .done }
  package var deadline: Instant? { phase == .closed || phase == .done ? nil : until }

  package mutating func opened(now: Instant) { ask(now: now) }

  package mutating func received(_ input: LineInput, now: Instant) {
    guard phase == .asking else { return }
    var bytes = input.bytes
    for index in input.damaged { bytes[index] = 0 }
    heard = (heard + bytes).suffix(Limits.frameBytes)
    guard let range = D0Identification.first(in: heard.span) else { return }
    let found = heard[range].map { $0 & 0x7F }
    let meter = D0Identification(found.span)
    let model = String(decoding: found[meter.model.indices], as: UTF8.self)
    let maker = MeterIdentity.letters(meter.manufacturer) ?? ""
    let name = onOneLine("a D0 meter that answers requests: \(maker) \(model)".unicodeScalars)
    // Landis+Gyr's heat meters give all of their values to a request of their own.
    answer = .optical(name, maker == "LUG" ? .uh50 : isWoken ? .nulls : .none)
    phase = .done
  }

  package mutating func tick(now: Instant) {
    guard phase != .closed, phase != .done, now >= until else { return }
    if phase == .waking || isWoken {
      if phase == .waking { ask(now: now) } else { phase = .done }
      return
    }
    isWoken = true
    phase = .waking
    until = now + D0Timing.transmission(D0Timing.nulls, baud: line.baud) + D0Timing.waking
    actions.append(.send([UInt8](repeating: 0, count: D0Timing.nulls)))
  }

  package mutating func takeActions() -> [ConversationAction] {
    defer { actions = [] }
    return actions
  }

  private mutating func ask(now: Instant) {
    heard = []
    let request = D0Request.request(D0Polling())
    phase = .asking
    until = now + D0Timing.transmission(request.count, baud: line.baud) + patience
    // A gateway's port may have eight bits, which nobody tells. One with seven drops the eighth.
    actions.append(.send(isOverNetwork ? D0Request.withParity(request) : request))
  }
}
