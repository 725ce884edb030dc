import Decoders

@testable import Base
@testable import Meters

/// A slave that takes orders: its address and its rate can be set.
final class CommissionedSlave {
  var address: UInt8
  var baud: Int
  let identity: [UInt8]
  /// Whether it obeys orders that it acknowledges.
  var obeys = true
  /// The answers, acknowledgements included, that are lost, counted from 1.
  var lost: Set<Int> = []
  private var answers = 0
  /// What else an order does.
  var whenOrdered: (CommissionedSlave) -> Void = { _ in }
  private(set) var orders = 0
  private var isSelected = false

  init(address: UInt8, number: [UInt8] = [0x78, 0x56, 0x34, 0x12], baud: Int = 2400) {
    self.address = address
    self.baud = baud
    identity = number + [0x2D, 0x2C, 0x01, 0x04]
  }

  func answer(to request: [UInt8], at rate: Int) -> [UInt8]? {
    guard rate == baud, let frame = try? MBusFrame(parsing: request.span) else { return nil }
    let answer = self.answer(to: frame)
    if answer != nil { answers += 1 }
    return lost.contains(answers) ? nil : answer
  }

  private func answer(to frame: MBusFrame) -> [UInt8]? {
    switch frame {
    case .short(0x40, let target) where concerns(target):
      if target == 0xFD { isSelected = false }
      return [0xE5]
    case .short(0x7B, let target) where concerns(target):
      // Volume in m³, eight digits.
      let header = identity + [1, 0, 0, 0]
      let data = header + [0x0C, 0x16, 0x27, 0x04, 0x85, 0x02]
      return MBusFrame.long(control: 0x08, address: address, information: 0x72, data: data).bytes
    case .long(_, 0xFD, 0x52, let data):
      isSelected = zip(data, identity).enumerated().allSatisfy { index, pair in
        index < 4 ? pair.0 == pair.1 : pair.0 == 0xFF || pair.0 == pair.1
      }
      return isSelected ? [0xE5] : nil
    case .long(0x53, let target, 0x51, let data) where concerns(target) && data.count == 3 && data[1] == 0x7A:
      orders += 1
      defer { whenOrdered(self) }
      if obeys { address = data[2] }
      return [0xE5]
    case .long(0x53, let target, let information, _) where concerns(target) && (0xB8...0xBF).contains(information):
      orders += 1
      defer { whenOrdered(self) }
      if obeys { baud = [300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400][Int(information - 0xB8)] }
      return [0xE5]
    default: return nil
    }
  }

  private func concerns(_ target: UInt8) -> Bool {
    target == address || target == 0xFE || target == 0xFD && isSelected
  }
}

/// A conversation on a bus of such slaves, in virtual time. It ends by itself, or the test fails by its limit.
struct ScriptedConversation<Held: Conversation> {
  var conversation: Held
  var slaves: [CommissionedSlave]
  /// The rate of the port.
  var baud = 2400
  var echoes = false
  /// Whether the port can change its rate.
  var takesOtherRates = true
  private(set) var now = Instant(milliseconds: 0)
  private(set) var sent: [[UInt8]] = []
  private(set) var told: [String] = []
  private var underWay: [(time: Instant, bytes: [UInt8])] = []

  init(_ conversation: Held, _ slaves: [CommissionedSlave]) {
    self.conversation = conversation
    self.slaves = slaves
  }

  /// Whether the conversation has ended within two minutes.
  mutating func run() -> Bool {
    conversation.opened(now: now)
    carryOut()
    while !conversation.isDone, now < Instant(milliseconds: 120_000) {
      let arrival = underWay.map(\.time).min()
      guard let next = [arrival, conversation.deadline].compactMap(\.self).min() else { return false }
      now = max(now, next)
      if let index = underWay.firstIndex(where: { $0.time <= now }) {
        conversation.received(LineInput(bytes: underWay.remove(at: index).bytes), now: now)
      }
      conversation.tick(now: now)
      carryOut()
    }
    return conversation.isDone
  }

  private mutating func carryOut() {
    for action in conversation.takeActions() {
      switch action {
      case .send(let request): transmit(request)
      case .progress(let text): told.append(text)
      case .tune(let line):
        if takesOtherRates { baud = line.baud }
        conversation.tuned(takesOtherRates, now: now)
        carryOut()
      }
    }
  }

  private mutating func transmit(_ request: [UInt8]) {
    sent.append(request)
    let left = now + Milliseconds(Int64(request.count) * 5)
    if echoes { underWay.append((left, request)) }
    let answers = slaves.compactMap { $0.answer(to: request, at: baud) }
    guard let first = answers.first else { return }
    // A 0 of any slave wins.
    let bytes = answers.dropFirst().reduce(first) { bytes, other in
      (0..<max(bytes.count, other.count)).map { index in
        (index < bytes.count ? bytes[index] : 0xFF) & (index < other.count ? other[index] : 0xFF)
      }
    }
    underWay.append((left + 50, bytes))
  }
}
