package import Base
internal import Decoders

/// Finds out whether meters answer on an M-Bus: SND_NKE, then REQ_UD2, at the test address that all meters answer, then at
/// the address of new meters (EN 13757-2).
package struct MBusInquiry: Inquiry {
  private enum Step {
    case reset
    case data
  }

  private var requester: MBusRequester
  /// Addresses still to be asked; the first is asked now.
  private var targets: ArraySlice<UInt8>
  private var step = Step.reset
  /// Failed requests for data at this address.
  private var tries = 0
  /// Whether anything has come back at this address.
  private var isHeard = false
  private var actions: [ConversationAction] = []
  package private(set) var answer: InquiryAnswer?

  private static let addressOfNewMeters: UInt8 = 0
  /// Where something has come back, a request is repeated; silence is believed at once.
  private static let tries = 3

  package init(timing: MBusTiming) {
    requester = MBusRequester(timing)
    targets = [MBusAddress.test, Self.addressOfNewMeters]
  }

  package var isDone: Bool { targets.isEmpty }
  package var deadline: Instant? { isDone ? nil : requester.deadline }

  package mutating func opened(now: Instant) { ask(.reset, now: now) }

  package mutating func received(_ input: LineInput, now: Instant) { requester.received(input, now: now) }

  package mutating func tick(now: Instant) {
    guard !isDone, let result = requester.tick(now: now, into: &actions), let target = targets.first else { return }
    if result != .silence { isHeard = true }
    switch (step, result) {
    case (.reset, _): ask(.data, now: now)
    case (.data, .answer(let frame, _)): end(.meter(frame: frame, address: .primary(target)))
    case (.data, _):
      tries += 1
      if isHeard, tries < Self.tries { return ask(.data, now: now) }
      // A meter that acknowledges answers too: if nothing of it arrives whole, there are more than one.
      if isHeard { return end(.several) }
      targets.removeFirst()
      tries = 0
      if !isDone { ask(.reset, now: now) }
    }
  }

  package mutating func takeActions() -> [ConversationAction] {
    defer { actions = [] }
    return actions
  }

  private mutating func ask(_ step: Step, now: Instant) {
    guard let target = targets.first else { return }
    self.step = step
    requester.ask(.short(control: step == .reset ? 0x40 : 0x7B, address: target), now: now)
  }

  private mutating func end(_ answer: InquiryAnswer) {
    self.answer = answer
    targets = []
  }
}
