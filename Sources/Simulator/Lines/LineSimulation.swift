package import Base
package import Meters

/// The two clocks of a simulation: that of the line, and that of the house, which may run faster.
package struct SimulatedMoment: Sendable {
  var now: Instant
  var world: WallTime
}

/// Bytes on their way, and when the first of them begins.
package struct Transmission: Equatable, Sendable {
  var bytes: [UInt8]
  var start: Instant
}

/// The meters at one end of a line, without the line.
package protocol LineSimulation: Sendable {
  /// Speed and framing of the characters.
  var line: LineSettings { get }
  /// When `due` has something to say by itself; nil for meters that only answer.
  var wakes: Instant? { get }
  /// What is sent without being asked.
  mutating func due(at moment: SimulatedMoment) -> [Transmission]
  /// Bytes that came in, and the answers to them.
  mutating func receive(_ bytes: [UInt8], at moment: SimulatedMoment) -> [Transmission]
  /// Nobody is at the other end any more.
  mutating func listenerLeft()
  /// What it is told while it runs, word by word, and its answer; nil where it takes no such order.
  mutating func obey(_ words: [String], at moment: SimulatedMoment) -> String?
  /// What it has counted, in one line; nil for meters that count nothing.
  var counted: String? { get }
}

extension LineSimulation {
  mutating func obey(_ words: [String], at moment: SimulatedMoment) -> String? { nil }
  var counted: String? { nil }
}

/// Lets bytes out at the speed of a serial line.
struct LinePacer: Sendable {
  /// Bytes go out in bites of at least this long, as a serial adapter hands them over.
  static let bite: Milliseconds = 10

  private let bitsPerSecond: Int64
  private let bitsPerByte: Int64
  private var queue: [Transmission] = []
  /// Bytes of the first transmission that are out.
  private var sent = 0

  init(_ line: LineSettings) {
    bitsPerSecond = Int64(max(1, line.baud))
    bitsPerByte = Int64(1 + line.dataBits + (line.parity == .none ? 0 : 1) + line.stopBits)
  }

  var isEmpty: Bool { queue.isEmpty }

  /// Queues bytes; they wait for those before them.
  mutating func add(_ transmission: Transmission) {
    guard !transmission.bytes.isEmpty else { return }
    var transmission = transmission
    if let last = queue.last {
      transmission.start = max(transmission.start, last.start + duration(of: last.bytes.count))
    }
    queue.append(transmission)
  }

  /// The bytes that have reached the other end since the last call.
  mutating func take(at now: Instant) -> [UInt8] {
    var bytes: [UInt8] = []
    while let first = queue.first, now >= first.start {
      let elapsed = (now - first.start).count
      let whole = elapsed * bitsPerSecond / (bitsPerByte * 1000)
      let end = Int(min(Int64(first.bytes.count), whole))
      if end > sent { bytes.append(contentsOf: first.bytes[sent..<end]) }
      sent = max(sent, end)
      guard sent == first.bytes.count else { break }
      queue.removeFirst()
      sent = 0
    }
    return bytes
  }

  /// When the next bite is there.
  var wakes: Instant? {
    guard let first = queue.first else { return nil }
    let bite = max(1, Int(Self.bite.count * bitsPerSecond / (bitsPerByte * 1000)))
    return first.start + duration(of: min(first.bytes.count, sent + bite))
  }

  /// Forgets what is not out yet.
  mutating func clear() {
    queue = []
    sent = 0
  }

  /// How long so many bytes take.
  func duration(of count: Int) -> Milliseconds {
    Milliseconds((Int64(count) * bitsPerByte * 1000 + bitsPerSecond - 1) / bitsPerSecond)
  }
}
