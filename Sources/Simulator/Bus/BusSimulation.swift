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
  /// The fates of the next answers, in order.
  var faults: [Fault] = []
  /// Addresses that never answer.
  var silent: Set<UInt8> = []
  /// The level converter sends the master's own bytes back.
  var echoes = false
  /// From the request's last bit to the answer's first.
  var reaction: Milliseconds = 20
  let line: LineSettings
  private var framer = MBusFramer()
  private var lastByte: Instant?

  /// A pause that ends a request, whole or not.
  private static let quiet: Milliseconds = 200

  init(_ slaves: [MBusSlave], baud: Int = 2400) {
    self.slaves = slaves
    line = LineSettings(baud: baud, dataBits: 8, parity: .even, stopBits: 1)
  }

  var wakes: Instant? { nil }

  mutating func due(at moment: SimulatedMoment) -> [Transmission] { [] }

  mutating func listenerLeft() {
    framer = MBusFramer()
    lastByte = nil
  }

  mutating func receive(_ bytes: [UInt8], at moment: SimulatedMoment) -> [Transmission] {
    if let lastByte, moment.now - lastByte > Self.quiet { framer = MBusFramer() }
    lastByte = moment.now
    var out: [Transmission] = []
    if echoes { out.append(Transmission(bytes: bytes, start: moment.now)) }
    framer.append(bytes.span)
    // A pty hands the request over at once; on the line it would take its time.
    let requestEnd = moment.now + LinePacer(line).duration(of: bytes.count)
    while let framed = framer.next() {
      guard case .frame(let bytes) = framed, let frame = try? MBusFrame(parsing: bytes.span) else { continue }
      out += answers(to: frame, at: moment.world, after: requestEnd)
    }
    return out
  }

  private mutating func answers(to frame: MBusFrame, at time: WallTime, after end: Instant) -> [Transmission] {
    var answers: [Transmission] = []
    for index in slaves.indices {
      guard let answer = slaves[index].answer(to: frame, at: time), !silent.contains(slaves[index].address) else {
        continue
      }
      answers.append(Transmission(bytes: answer.bytes, start: end + reaction + slaves[index].settings.delay))
    }
    return together(answers.sorted { $0.start < $1.start }).compactMap { damaged($0) }
  }

  /// Answers that overlap become one; later ones stay alone.
  private func together(_ answers: [Transmission]) -> [Transmission] {
    var groups: [[Transmission]] = []
    var end = Instant.past
    for answer in answers {
      if groups.isEmpty || answer.start >= end { groups.append([]) }
      groups[groups.count - 1].append(answer)
      end = max(end, answer.start + LinePacer(line).duration(of: answer.bytes.count))
    }
    return groups.map { Transmission(bytes: overlaid($0), start: $0[0].start) }
  }

  /// Answers at the same time: a 0 of any of them wins (current on the bus), and no two begin at the same moment.
  private func overlaid(_ answers: [Transmission]) -> [UInt8] {
    let shifted = answers.map { answer in
      var shift = 0
      while answers[0].start + LinePacer(line).duration(of: shift + 1) <= answer.start { shift += 1 }
      return Array(repeating: 0xFF, count: shift) + answer.bytes
    }
    let length = shifted.map(\.count).max() ?? 0
    return (0..<length).map { index in
      shifted.enumerated().reduce(UInt8(0xFF)) { bits, answer in
        guard index < answer.element.count else { return bits }
        let byte = answer.element[index]
        // Each later one is a bit behind.
        return bits & (answer.offset == 0 ? byte : byte << 1 | 1)
      }
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
