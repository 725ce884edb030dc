internal import Base
internal import Decoders
internal import Meters

/// Several meters on one M-Bus, with faults on the line.
struct BusSimulation: LineSimulation {
  /// The fate of one answer.
  enum Fault: Equatable, Sendable {
    /// It arrives whole.
    case none
    /// It is lost.
    case silent
    /// A bit of this byte is flipped; the checksum stays.
    case garbled(Int)
    /// Only its checksum is wrong.
    case badChecksum
    /// So many bytes are lost from this one on.
    case lostBytes(at: Int, count: Int)
    /// Noise before it.
    case noise([UInt8])
    /// It comes so much later.
    case slow(Milliseconds)
  }

  var slaves: [MBusSlave]
  /// What goes wrong at random, beside the script of `faults`.
  var disturbance = BusDisturbance()
  /// What the master has asked so far.
  private(set) var requests = BusRequests()
  /// Whether the counts are shown when the simulator ends.
  var showsCounts = false
  /// The fates of the next answers, in order.
  var faults: [Fault] = []
  /// Addresses that never answer.
  var silent: Set<UInt8> = []
  /// The level converter sends the master's own bytes back.
  var echoes = false
  /// From the request's last bit to the answer's first.
  var reaction: Milliseconds = 20
  private(set) var line: LineSettings
  private var framer = MBusFramer()
  private var lastByte: Instant?
  private var random: SplitMix64

  /// A pause that ends a request, whole or not.
  private static let quiet: Milliseconds = 200

  init(_ slaves: [MBusSlave], baud: Int = 2400, seed: UInt64 = 1) {
    self.slaves = slaves
    random = SplitMix64(seed: seed)
    line = LineSettings(baud: baud, dataBits: 8, parity: .even, stopBits: 1)
  }

  var wakes: Instant? { nil }
  var isShared: Bool { true }

  mutating func due(at moment: SimulatedMoment) -> [Transmission] { [] }

  mutating func listenerLeft() {
    framer = MBusFramer()
    lastByte = nil
  }

  mutating func tuned(to baud: Int) { line.baud = baud }

  var counted: String? { showsCounts ? "\(requests)" : nil }

  mutating func receive(_ bytes: [UInt8], at moment: SimulatedMoment) -> [Transmission] {
    if let lastByte, moment.now - lastByte > Self.quiet { framer = MBusFramer() }
    lastByte = moment.now
    var out: [Transmission] = []
    if echoes || disturbance.echoes { out.append(Transmission(bytes: noisy(bytes), start: moment.now)) }
    framer.append(noisy(bytes).span)
    // A pty hands the request over at once; on the line it would take its time.
    let requestEnd = moment.now + LinePacer(line).duration(of: bytes.count)
    while let framed = framer.next() {
      guard case .frame(let bytes) = framed, let frame = try? MBusFrame(parsing: bytes.span) else { continue }
      requests.count(frame)
      out += answers(to: frame, at: moment.world, after: requestEnd)
    }
    return out
  }

  private mutating func answers(to frame: MBusFrame, at time: WallTime, after end: Instant) -> [Transmission] {
    var signals: [CurrentLoop.Signal] = []
    for index in slaves.indices where slaves[index].understands(line.baud, at: time) {
      guard let answer = slaves[index].answer(to: frame, at: time), !silent.contains(slaves[index].address),
        !happens(oneIn: disturbance.lost)
      else { continue }
      signals.append(CurrentLoop.Signal(bytes: answer.bytes, start: start(of: index)))
    }
    var answers: [Transmission] = []
    for signal in CurrentLoop.overlay(signals) {
      let bits = Int64(signal.start) * 1000
      let start = end + Milliseconds((bits + Int64(line.baud) - 1) / Int64(line.baud))
      if let answer = damaged(Transmission(bytes: noisy(signal.bytes), start: start)) { answers.append(answer) }
    }
    return answers
  }

  /// Bit times from the request to the answer of a slave.
  private mutating func start(of index: Int) -> Int {
    let settings = slaves[index].settings
    var delay = reaction.count + settings.delay.count
    if happens(oneIn: disturbance.late) { delay += Int64.random(in: BusDisturbance.lateness, using: &random) }
    let jitter = settings.jitterBits > 0 ? Int.random(in: 0...settings.jitterBits, using: &random) : 0
    return Int(delay) * line.baud / 1000 + (settings.reactionBits ?? index) + jitter
  }

  private mutating func happens(oneIn count: UInt64) -> Bool {
    count > 0 && UInt64.random(in: 0..<count, using: &random) == 0
  }

  /// Bytes after their way over the line.
  private mutating func noisy(_ bytes: [UInt8]) -> [UInt8] {
    guard disturbance.noise > 0 else { return bytes }
    return bytes.map { byte in
      happens(oneIn: disturbance.noise) ? byte ^ UInt8.random(in: 1...255, using: &random) : byte
    }
  }

  private mutating func damaged(_ answer: Transmission) -> Transmission? {
    guard !faults.isEmpty else { return answer }
    var answer = answer
    let count = answer.bytes.count
    switch faults.removeFirst() {
    case .none: break
    case .silent: return nil
    case .garbled(let index): if answer.bytes.indices.contains(index) { answer.bytes[index] ^= 0x10 }
    case .badChecksum: if count >= 2 { answer.bytes[count - 2] &+= 1 }
    case .lostBytes(let index, let lost):
      let start = min(max(0, index), count)
      answer.bytes.removeSubrange(start..<min(count, start + max(0, lost)))
    case .noise(let noise): answer.bytes = noise + answer.bytes
    case .slow(let delay): answer.start = answer.start + delay
    }
    return answer
  }
}
