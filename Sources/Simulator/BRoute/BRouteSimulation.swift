internal import Base
internal import Decoders
internal import Meters

/// A simulated Wi-SUN dongle with a Japanese smart meter behind it (`simulate route-b`).
///
/// Bytes and time go in, bytes come out. Commands take effect at once. The radio takes its time, so an agenda holds what
/// it does later.
struct BRouteSimulation: LineSimulation {
  /// An entry of the agenda.
  enum Happening: Sendable {
    case output([UInt8])
    case beacon
    case scanned
    case joinDecided(isHeard: Bool)
    case answer(to: [UInt8], BRouteFault?)
    case renewal
    case renewed
    case closed
    /// The meter announces its energies, and repeats that so many times unless it is confirmed.
    case announcement(ECHONETService, transaction: UInt16, repeats: Int)
    case halfHour
    case order(BRouteOrder)
  }

  private struct Entry: Sendable {
    var at: Instant
    var order: Int
    var happening: Happening
  }

  var settings: DongleSettings
  var credentials: SKSTACKCredentials
  var meter: SimulatedSmartMeter
  /// The meter's real network.
  var network: SKSTACKNetwork
  var counters = BRouteCounters()

  var input: SKSTACKInput
  var module = BRouteModule()
  /// Faults that last until an order ends them.
  var lasting: Set<BRouteFault> = []
  /// Faults that strike once, oldest first.
  var pending: [BRouteFault] = []
  var moves = 0
  /// The transaction of the last announcement. `isConfirmed` belongs to it.
  var announced: UInt16 = 0x7000
  var isConfirmed = true
  let chance: Chance

  private let speed: Int64
  private var agenda: [Entry] = []
  private var entries = 0
  private var outbox: [Transmission] = []
  private var hasStarted = false
  /// No program listens, so the output is lost.
  private var isUnheard = false

  /// - Parameters:
  ///   - settings: which dongle and which meter.
  ///   - ordinal: 0 for the first. Each simulation has credentials, addresses and a number of its own.
  ///   - speed: simulated seconds a second, for the radio too; 0 lets the registers stand and the radio take its time.
  ///   - seed: equal seeds give equal days.
  init(_ settings: DongleSettings = DongleSettings(), ordinal: Int = 0, speed: Int = 1, seed: UInt64 = 1) {
    self.settings = settings
    self.speed = Int64(speed)
    credentials = Self.credentials(ordinal)
    meter = SimulatedSmartMeter(settings.profile, properties: settings.properties, ordinal: ordinal, seed: seed)
    let address = 0x0000_5EFF_FE00_5301 &+ UInt64(ordinal) &* 0x100
    network = SKSTACKNetwork(channel: 0x2B, pan: 0x4D42 &+ UInt16(truncatingIfNeeded: ordinal), address: address)
    input = SKSTACKInput(isSided: settings.model.isSided)
    module.writesBinary = settings.writesBinary
    chance = Chance(seed: seed)
  }

  /// Credentials of a simulated meter protect nothing and may be public.
  private static func credentials(_ ordinal: Int) -> SKSTACKCredentials {
    let number = String(0xC6D7_E8F9 &+ UInt32(truncatingIfNeeded: ordinal), radix: 16, uppercase: true)
    let last = String(ordinal % 1000 + 1000).dropFirst()
    return SKSTACKCredentials(
      identifier: Secret("0A1B2C3D4E5F60718293A4B5\(number)"), password: Secret("Q7W8E9R0T\(last)"))
  }

  // MARK: The line

  var line: LineSettings { LineSettings(baud: 115_200, dataBits: 8, parity: .none, stopBits: 1) }

  var wakes: Instant? { agenda.map(\.at).min() }

  mutating func receive(_ bytes: [UInt8], at moment: SimulatedMoment) -> [Transmission] {
    catchUp(to: moment)
    guard !lasting.contains(.noPower) else { return [] }
    if settings.model == .j11 {
      if bytes.contains(0xD0) { schedule(.output([0xD0, 0xF9, 0xEE, 0x5D, 0x20, 0x6B]), after: 50, moment) }
      return []
    }
    input.append(bytes)
    while let item = nextCommand() { execute(item, at: moment) }
    return []
  }

  private mutating func nextCommand() -> SKSTACKInput.Item? {
    var isStruck = false
    let strikes = pending.contains(.bytesLost)
    let item = input.next {
      defer { isStruck = strikes }
      return strikes && !isStruck
    }
    if isStruck { _ = strike { $0 == .bytesLost } }
    return item
  }

  mutating func due(at moment: SimulatedMoment) -> [Transmission] {
    catchUp(to: moment)
    defer { outbox = [] }
    return outbox
  }

  /// The module and the meter go on, but their output is lost.
  mutating func listenerLeft() {
    outbox = []
    isUnheard = true
  }

  mutating func obey(_ words: [String], at moment: SimulatedMoment) -> String? {
    guard let order = BRouteOrder(words) else { return nil }
    catchUp(to: moment)
    obey(order, at: moment)
    return order == .counters ? counters.description : "done"
  }

  var counted: String? { counters.description }

  /// Carries out the entries of the agenda that are due.
  private mutating func catchUp(to moment: SimulatedMoment) {
    start(at: moment)
    while let place = nextPlace, agenda[place].at <= moment.now {
      let entry = agenda.remove(at: place)
      let early = (moment.now - entry.at).count * speed
      happen(
        entry.happening,
        at: SimulatedMoment(now: entry.at, world: WallTime(milliseconds: moment.world.milliseconds - early)))
      if case .halfHour = entry.happening { scheduleHalfHour(moment) }
    }
    if isUnheard { outbox = [] }
    isUnheard = false
    meter.advance(to: moment.world)
  }

  private var nextPlace: Int? {
    agenda.indices.min { (agenda[$0].at, agenda[$0].order) < (agenda[$1].at, agenda[$1].order) }
  }

  private mutating func start(at moment: SimulatedMoment) {
    guard !hasStarted else { return }
    hasStarted = true
    scheduleHalfHour(moment)
    for timed in settings.orders { schedule(.order(timed.order), after: timed.after.count, moment) }
  }

  private mutating func scheduleHalfHour(_ moment: SimulatedMoment) {
    guard speed > 0, settings.announcement != nil else { return }
    let halfHour: Int64 = 1_800_000
    let next = (moment.world.milliseconds.quotient(flooring: halfHour) + 1) * halfHour
    schedule(.halfHour, after: next - moment.world.milliseconds, moment)
  }

  // MARK: The agenda

  /// Adds an entry to the agenda, so many simulated milliseconds from now.
  ///
  /// It rounds up: a half hour that came too early would be planned again at once, for ever.
  mutating func schedule(_ happening: Happening, after delay: Int64, _ moment: SimulatedMoment) {
    entries += 1
    let divisor = max(1, speed)
    let real = Milliseconds((delay + divisor - 1) / divisor)
    agenda.append(Entry(at: moment.now + real, order: entries, happening: happening))
  }

  mutating func cancel(_ isCancelled: (Happening) -> Bool) { agenda.removeAll { isCancelled($0.happening) } }

  /// Puts bytes on the serial line.
  mutating func send(_ bytes: [UInt8], at moment: SimulatedMoment) {
    guard !lasting.contains(.noPower) else { return }
    let size = settings.chunk ?? bytes.count
    for (place, start) in stride(from: 0, to: bytes.count, by: max(1, size)).enumerated() {
      let piece = Array(bytes[start..<min(start + size, bytes.count)])
      outbox.append(Transmission(bytes: piece, start: moment.now + Milliseconds(Int64(place) * 20 / max(1, speed))))
    }
  }

  /// Takes the oldest pending fault that strikes here.
  mutating func strike(where strikes: (BRouteFault) -> Bool) -> BRouteFault? {
    pending.firstIndex(where: strikes).map { pending.remove(at: $0) }
  }

  private mutating func happen(_ happening: Happening, at moment: SimulatedMoment) {
    meter.advance(to: moment.world)
    switch happening {
    case .output(let bytes): send(bytes, at: moment)
    case .beacon: beacon(at: moment)
    case .scanned: scanned(at: moment)
    case .joinDecided(let isHeard): decideJoin(isHeard: isHeard, at: moment)
    case .answer(let request, let fault): answer(request, fault, at: moment)
    case .renewal: renew(at: moment)
    case .renewed: renewed(at: moment)
    case .closed: closed(at: moment)
    case .announcement(let service, let transaction, let repeats):
      announce(service, transaction: transaction, repeats: repeats, at: moment)
    case .halfHour:
      let delay = 3_000 + chance.below(60_000, slot: moment.world.milliseconds / 1_800_000, stream: 95)
      if let service = settings.announcement { startAnnouncement(service, after: delay, at: moment) }
    case .order(let order): obey(order, at: moment)
    }
  }

  // MARK: Orders

  mutating func obey(_ order: BRouteOrder, at moment: SimulatedMoment) {
    switch order {
    case .fault(let fault, let count): begin(fault, count: count, at: moment)
    case .end(let fault):
      let wasThere = lasting.remove(fault) != nil
      if fault == .airtimeLimit, wasThere { event("33", at: moment) }
    case .property(let code, let data): meter.properties[code] = data
    case .counters: break
    }
  }

  private mutating func begin(_ fault: BRouteFault, count: Int, at moment: SimulatedMoment) {
    switch fault.duration {
    case .once: pending += Array(repeating: fault, count: count)
    case .lasting: beginLasting(fault, at: moment)
    case .moment: beginMoment(fault, at: moment)
    }
  }

  private mutating func beginLasting(_ fault: BRouteFault, at moment: SimulatedMoment) {
    let isNew = lasting.insert(fault).inserted
    if fault == .airtimeLimit, isNew { event("32", at: moment) }
    if fault == .noPower { cyclePower() }
  }

  private mutating func beginMoment(_ fault: BRouteFault, at moment: SimulatedMoment) {
    switch fault {
    case .hangUp: hangUp(at: moment)
    case .powerCycle: cyclePower()
    case .move:
      moves += 1
      network.channel = UInt8(0x21 + chance.below(28, slot: Int64(moves), stream: 96))
      network.pan = UInt16(1 + chance.below(0xFFFD, slot: Int64(moves), stream: 97))
    case .noise:
      let bytes = (0..<60).map { UInt8(chance.below(256, slot: moment.now.milliseconds + $0, stream: 98)) }
      send(bytes, at: moment)
    case .renewal: if module.session != nil { renew(at: moment) }
    case .notification: startAnnouncement(.notification, after: 0, at: moment)
    case .confirmedNotification: startAnnouncement(.confirmedNotification, after: 0, at: moment)
    default: break
    }
  }

  /// The module restarts and loses registers, session and half a command. Its flash memory stays.
  private mutating func cyclePower() {
    input = SKSTACKInput(isSided: settings.model.isSided)
    module.reset()
    outbox = []
    cancel { happening in
      switch happening {
      case .halfHour, .order, .announcement: false
      default: true
      }
    }
  }
}
