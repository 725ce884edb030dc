internal import Base
internal import Decoders
internal import Meters

/// A receiver of wireless M-Bus, and the meters in the air around it.
///
/// Their telegrams are spread over the interval, one meter after the other. In the air some are damaged, and some come again
/// through a repeater, which marks them.
struct RadioSimulation: LineSimulation {
  /// What the receiver has handed over since the start.
  struct Counters: Equatable, Sendable {
    /// Whole telegrams, without copies and without those of strangers.
    var telegrams = 0
    var strangers = 0
    var copies = 0
    var damaged = 0
  }

  var meters: [SimulatedWirelessMeter]
  let settings: RadioSettings
  private(set) var receiver: RadioReceiver
  private(set) var counters = Counters()
  private var random: SplitMix64
  /// When the first telegram was due, and how many have been since.
  private var start: Instant?
  private var sent: Int64 = 0
  /// Copies on their way, and when they come.
  private var relayed: [(frame: [UInt8], meter: Int, at: Instant)] = []

  /// The levels of the meters in dBm.
  private static let levels = -95 ... -55

  init(_ model: RadioReceiver.Model, _ settings: RadioSettings, ordinal: Int = 0, seed: UInt64) {
    self.settings = settings
    receiver = RadioReceiver(model)
    random = SplitMix64(seed: seed)
    let kinds = SimulatedWirelessMeter.Model.allCases
    let cipher = WirelessCipher(nil)
    let count = settings.meters + settings.strangers
    let first = ordinal * ((count + kinds.count - 1) / kinds.count)
    meters = (0..<count).map { index in
      SimulatedWirelessMeter(
        kinds[index % kinds.count], ordinal: first + index / kinds.count, cipher: cipher,
        seed: seed &+ UInt64(index) &* 1000)
    }
  }

  var line: LineSettings { receiver.line }
  var keepsSpeed: Bool { receiver.keepsSpeed }
  var counted: String? {
    "\(counters.telegrams) telegrams, \(counters.copies) copies, \(counters.damaged) damaged, "
      + "\(counters.strangers) of others"
  }

  var wakes: Instant? { [start == nil ? nil : next, relayed.map(\.at).min()].compactMap(\.self).min() }

  /// When the next telegram is due.
  private var next: Instant? {
    start.map { $0 + Milliseconds(sent * settings.interval.count / Int64(meters.count)) }
  }

  mutating func due(at moment: SimulatedMoment) -> [Transmission] {
    // What was missed for a whole interval is not sent later.
    if next.map({ moment.now > $0 + settings.interval }) ?? true { (start, sent) = (moment.now, 0) }
    var bytes: [UInt8] = []
    while let next, next <= moment.now {
      let meter = Int(sent % Int64(meters.count))
      sent += 1
      bytes += send(meter, at: moment)
    }
    while let place = relayed.firstIndex(where: { $0.at <= moment.now }) {
      let copy = relayed.remove(at: place)
      let delivered = receiver.deliver(
        copy.frame, meters[copy.meter].model.mode, level: level(copy.meter), isDamaged: false, at: moment.world)
      if !delivered.isEmpty { counters.copies += 1 }
      bytes += delivered
    }
    return bytes.isEmpty ? [] : [Transmission(bytes: bytes, start: moment.now)]
  }

  mutating func receive(_ bytes: [UInt8], at moment: SimulatedMoment) -> [Transmission] {
    let answer = receiver.receive(bytes)
    return answer.isEmpty ? [] : [Transmission(bytes: answer, start: moment.now)]
  }

  mutating func tuned(to baud: Int) { receiver.heardAt = baud }

  mutating func listenerLeft() {
    (start, sent) = (nil, 0)
    relayed = []
    receiver = RadioReceiver(receiver.model)
  }

  /// The next telegram of a meter, as the receiver hands it over; empty if it does not hear it.
  private mutating func send(_ meter: Int, at moment: SimulatedMoment) -> [UInt8] {
    let frame = meters[meter].telegram(at: moment.world)
    let isDamaged = happens(oneIn: settings.damaged)
    let delivered = receiver.deliver(
      frame, meters[meter].model.mode, level: level(meter), isDamaged: isDamaged, at: moment.world)
    if !delivered.isEmpty {
      if isDamaged {
        counters.damaged += 1
      } else if meter < settings.meters {
        counters.telegrams += 1
      } else {
        counters.strangers += 1
      }
    }
    if happens(oneIn: settings.copies), !isDamaged {
      // From 0.2 to 2 s for a meter that sends every 16 s.
      let interval = settings.interval.count
      let at = moment.now + Milliseconds(Int64.random(in: interval / 80...interval / 8, using: &random))
      relayed.append((Self.relayed(frame), meter, at))
    }
    return delivered
  }

  private mutating func happens(oneIn count: UInt64) -> Bool {
    count > 0 && UInt64.random(in: 0..<count, using: &random) == 0
  }

  /// In dBm: each meter has its usual one.
  private mutating func level(_ meter: Int) -> Int {
    let usual = Self.levels.lowerBound + meter * 7 % Self.levels.count
    return usual + Int.random(in: -2...2, using: &random)
  }

  /// As a repeater sends it: a bit of the extended link layer says so, or one of the configuration word.
  private static func relayed(_ frame: [UInt8]) -> [UInt8] {
    var frame = frame
    switch frame[10] {
    case 0x8C, 0x8D: frame[11] |= 0x10
    default: frame[13] |= 0x01
    }
    return frame
  }
}
