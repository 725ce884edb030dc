package import Base
internal import Decoders

/// Sets the primary address or the baud rate of one slave, which is named by its secondary address, and reads back what
/// stands (EN 13757-2, and EN 13757-3 for the contents).
///
/// It selects the slave, takes its identity from an answer, sends the order, and then reads the same identity at the new
/// address or rate. It gives no order if another slave answers at the new address.
package struct MBusCommissioning: Conversation {
  package enum Order: Equatable, Sendable {
    /// CI 51 with the record `01 7A`.
    case address(UInt8)
    /// CI B8 to BF. The slave acknowledges at the old rate.
    case baud(Int)
  }

  /// The rates that an order can name, in bits a second, from CI B8 on.
  package static let baudRates = MBusCommand.baudRates

  private enum Step: Equatable {
    /// Whether a slave has the new address.
    case resetOccupant, readOccupant
    case select
    case identify
    case order
    case deselect
    /// Whether the slave has the new address.
    case resetNew, readNew
    /// The port gets another rate.
    case change
    /// The last request, which ends a selection.
    case release
    case done
  }

  private let meter: MBusAddress
  private let order: Order
  private let line: LineSettings
  private let isOverNetwork: Bool
  private var requester: MBusRequester
  private var step: Step
  private var tries = 0
  private var form = 0
  private let forms: [MBusSelection]
  /// The slave at the new address, before the order.
  private var occupant: MBusSender?
  private var isOccupied = false
  /// The slave, before the order.
  private var before: MBusSender?
  private var orders = 0
  private var currentBaud: Int
  private var actions: [ConversationAction] = []
  package private(set) var outcome: MBusCommissioningOutcome?

  private static let tries = 3
  private static let mostOrders = 2

  /// - Parameters:
  ///   - order: what to set.
  ///   - meter: a secondary address; wildcards may stand in it as long as one slave matches.
  ///   - line: the settings of the port, for a bus behind a gateway those of the gateway.
  ///   - isOverNetwork: whether answers take the time of a network.
  package init(_ order: Order, of meter: MBusAddress, line: LineSettings, isOverNetwork: Bool) {
    self.order = order
    self.meter = meter
    self.line = line
    self.isOverNetwork = isOverNetwork
    currentBaud = line.baud
    forms = MBusSelection.forms(of: meter, accepted: nil, isFirstTry: true)
    requester = MBusRequester(MBusTiming(baud: line.baud, overNetwork: isOverNetwork))
    if case .address = order { step = .resetOccupant } else { step = .select }
  }

  // MARK: Events

  package var isDone: Bool { step == .done }
  package var deadline: Instant? { isDone || step == .change ? nil : requester.deadline }

  package mutating func opened(now: Instant) { ask(now: now) }

  package mutating func tuned(_ isDone: Bool, now: Instant) {
    guard step == .change, let before else { return }
    if isDone { return begin(.select, now: now) }
    requester = MBusRequester(MBusTiming(baud: line.baud, overNetwork: isOverNetwork))
    end(.notReadBack(before), now: now)
  }

  package mutating func received(_ input: LineInput, now: Instant) { requester.received(input, now: now) }

  package mutating func tick(now: Instant) {
    guard !isDone, step != .change, let result = requester.tick(now: now, into: &actions) else { return }
    switch step {
    case .resetOccupant:
      isOccupied = result != .silence
      begin(.readOccupant, now: now)
    case .readOccupant: readOccupant(result, now: now)
    case .select: selected(result, now: now)
    case .identify: identified(result, now: now)
    case .order: ordered(now: now)
    case .deselect: begin(.resetNew, now: now)
    case .resetNew: begin(.readNew, now: now)
    case .readNew: readNew(result, now: now)
    case .release: step = .done
    case .change, .done: break
    }
  }

  package mutating func takeActions() -> [ConversationAction] {
    defer { actions = [] }
    return actions
  }

  // MARK: Requests

  private mutating func begin(_ step: Step, now: Instant) {
    self.step = step
    tries = 0
    if step == .select { form = 0 }
    ask(now: now)
  }

  private mutating func again(now: Instant) -> Bool {
    tries += 1
    guard tries < Self.tries else { return false }
    ask(now: now)
    return true
  }

  private mutating func ask(now: Instant) {
    let request: MBusFrame
    switch step {
    case .resetOccupant, .resetNew: request = .short(control: 0x40, address: newAddress)
    case .readOccupant, .readNew: request = .short(control: 0x7B, address: newAddress)
    case .select: request = forms[form].frame(of: meter)
    case .identify: request = .short(control: 0x7B, address: MBusAddress.selected)
    case .order: request = orderFrame
    case .deselect, .release: request = .short(control: 0x40, address: MBusAddress.selected)
    case .change, .done: return
    }
    requester.ask(request, now: now)
  }

  private var newAddress: UInt8 { if case .address(let address) = order { address } else { MBusAddress.selected } }

  /// The frame count bit is 0: that of the request before it was 1.
  private var orderFrame: MBusFrame {
    switch order {
    case .address(let address):
      return .long(control: 0x53, address: MBusAddress.selected, information: 0x51, data: [0x01, 0x7A, address])
    case .baud(let rate):
      let place = UInt8(Self.baudRates.firstIndex(of: rate) ?? 0)
      return .long(control: 0x53, address: MBusAddress.selected, information: 0xB8 + place, data: [])
    }
  }

  private mutating func end(_ outcome: MBusCommissioningOutcome, now: Instant) {
    self.outcome = outcome
    begin(.release, now: now)
  }

  // MARK: Before the order

  private mutating func readOccupant(_ result: MBusRequester.Result, now: Instant) {
    switch result {
    case .silence:
      // An address is free if none of several requests brings anything.
      if tries + 1 < Self.tries, again(now: now) { return }
      if isOccupied { return end(.addressTaken(by: nil), now: now) }
    case .answer(_, let sender): occupant = sender
    case .acknowledged, .damage: return end(.addressTaken(by: nil), now: now)
    }
    begin(.select, now: now)
  }

  private mutating func selected(_ result: MBusRequester.Result, now: Instant) {
    switch result {
    case .acknowledged: begin(.identify, now: now)
    case .silence:
      form += 1
      if form < forms.count { return ask(now: now) }
      form = 0
      if !again(now: now) { notFound(now: now) }
    case .answer, .damage:
      if !again(now: now) { end(.severalMeters, now: now) }
    }
  }

  private mutating func identified(_ result: MBusRequester.Result, now: Instant) {
    switch result {
    case .answer(_, let sender) where sender.identity.count >= 4 && sender.fits(meter.selection):
      found(sender, now: now)
    case .answer, .damage: if !again(now: now) { end(.severalMeters, now: now) }
    case .silence, .acknowledged: if !again(now: now) { notFound(now: now) }
    }
  }

  private mutating func found(_ sender: MBusSender, now: Instant) {
    if let before {
      guard before.identity == sender.identity else { return end(.severalMeters, now: now) }
      return foundAgain(sender, now: now)
    }
    before = sender
    if let occupant, occupant.identity != sender.identity { return end(.addressTaken(by: occupant), now: now) }
    if case .address(sender.address) = order { return end(.done(sender, before: nil), now: now) }
    actions.append(.progress("found \(sender.title) at address \(sender.address)"))
    orders = 1
    begin(.order, now: now)
  }

  private mutating func notFound(now: Instant) {
    guard let before else { return end(.notFound, now: now) }
    guard case .baud(let rate) = order, currentBaud == rate else { return end(.lost(before), now: now) }
    // The slave falls back to its old rate if it was not understood.
    change(to: line.baud)
  }

  // MARK: After the order

  /// Acknowledged or not: only what is read back counts.
  private mutating func ordered(now: Instant) {
    switch order {
    case .address: begin(.deselect, now: now)
    case .baud(let rate): change(to: rate)
    }
  }

  private mutating func change(to baud: Int) {
    step = .change
    currentBaud = baud
    requester = MBusRequester(MBusTiming(baud: baud, overNetwork: isOverNetwork))
    var settings = line
    settings.baud = baud
    actions += [.progress("reading back at \(settings)"), .tune(settings)]
  }

  private mutating func readNew(_ result: MBusRequester.Result, now: Instant) {
    guard let before else { return }
    switch result {
    case .answer(_, let sender) where sender.identity == before.identity && sender.address == newAddress:
      end(.done(sender, before: before.address), now: now)
    default: if !again(now: now) { begin(.select, now: now) }
    }
  }

  /// The slave answers after the order: by its secondary address, at the rate of now.
  private mutating func foundAgain(_ sender: MBusSender, now: Instant) {
    if case .baud(let rate) = order, currentBaud == rate { return end(.done(sender, before: nil), now: now) }
    if case .address(sender.address) = order { return end(.shared(sender), now: now) }
    guard orders < Self.mostOrders else { return end(.unchanged(sender), now: now) }
    orders += 1
    begin(.order, now: now)
  }
}
