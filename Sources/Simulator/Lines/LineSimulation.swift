package import Base
package import Meters

/// The two clocks of a simulation: that of the line, and that of the house, which may run faster.
package struct SimulatedMoment: Sendable {
  var now: Instant
  var world: WallTime
}

/// Bytes on the line, and when the first of them begins.
package struct Transmission: Equatable, Sendable {
  var bytes: [UInt8]
  var start: Instant
}

/// The meters at one end of a line, without the line.
package protocol LineSimulation: Sendable {
  /// Speed and framing of the characters.
  var line: LineSettings { get }
  /// When `due` has bytes to send; nil for meters that only answer.
  var wakes: Instant? { get }
  /// Bytes that the meter pushes.
  mutating func due(at moment: SimulatedMoment) -> [Transmission]
  /// Takes received bytes and returns the answers.
  mutating func receive(_ bytes: [UInt8], at moment: SimulatedMoment) -> [Transmission]
  /// The reader at the other end sends at this speed, in bits a second. Only a pty tells it.
  mutating func tuned(to baud: Int)
  /// Whether several devices share the line, and each sends at its moment.
  var isShared: Bool { get }
  /// Whether the meter has a speed of its own, so that a reader at another one gets rubbish.
  var keepsSpeed: Bool { get }
  /// The reader at the other end has gone.
  mutating func listenerLeft()
  /// Carries out an order, given in words, and returns its answer; nil for an unknown order.
  mutating func obey(_ words: [String], at moment: SimulatedMoment) -> String?
  /// Its counters in one line; nil without counters.
  var counted: String? { get }
}

extension LineSimulation {
  mutating func tuned(to baud: Int) {}
  var isShared: Bool { false }
  var keepsSpeed: Bool { false }
  mutating func obey(_ words: [String], at moment: SimulatedMoment) -> String? { nil }
  var counted: String? { nil }
}

/// Paces bytes to the speed of a serial line.
struct LinePacer: Sendable {
  /// The least time between two pieces, as with a serial adapter.
  static let bite: Milliseconds = 10

  private let bitsPerSecond: Int64
  private let bitsPerByte: Int64
  private let isShared: Bool
  private let isPacked: Bool
  /// Transmissions with the moments at which they wanted to begin; `start` is when they can.
  private var queue: [(wanted: Instant, transmission: Transmission)] = []
  /// Bytes of the first transmission that are out.
  private var sent = 0

  /// - Parameters:
  ///   - line: The speed and framing of the characters.
  ///   - isShared: Whether several devices send, each at its moment. One device sends in the order of its bytes.
  ///   - isPacked: Whether each transmission arrives in one piece when its last byte is out, as from a gateway that fills
  ///     packets.
  init(_ line: LineSettings, isShared: Bool = false, isPacked: Bool = false) {
    self.isShared = isShared
    self.isPacked = isPacked
    bitsPerSecond = Int64(max(1, line.baud))
    bitsPerByte = Int64(1 + line.dataBits + (line.parity == .none ? 0 : 1) + line.stopBits)
  }

  var isEmpty: Bool { queue.isEmpty }

  /// Queues bytes. They wait for those before them; on a shared line, for those that want to begin before them.
  mutating func add(_ transmission: Transmission) {
    guard !transmission.bytes.isEmpty else { return }
    // Bytes of the first one may be out already.
    let movable = queue.indices.dropFirst(sent > 0 ? 1 : 0)
    let place = isShared ? movable.first { queue[$0].wanted > transmission.start } ?? queue.endIndex : queue.endIndex
    queue.insert((wanted: transmission.start, transmission), at: place)
    for index in queue.indices.dropFirst(place) {
      let free = index == 0 ? nil : queue[index - 1].transmission
      queue[index].transmission.start = max(
        queue[index].wanted, free.map { $0.start + duration(of: $0.bytes.count) } ?? queue[index].wanted)
    }
  }

  /// The bytes that have reached the other end since the last call.
  mutating func take(at now: Instant) -> [UInt8] {
    var bytes: [UInt8] = []
    while let first = queue.first?.transmission, now >= first.start {
      let elapsed = (now - first.start).count
      let whole = elapsed * bitsPerSecond / (bitsPerByte * 1000)
      let out = Int(min(Int64(first.bytes.count), whole))
      let end = isPacked && out < first.bytes.count ? 0 : out
      if end > sent { bytes.append(contentsOf: first.bytes[sent..<end]) }
      sent = max(sent, end)
      guard sent == first.bytes.count else { break }
      queue.removeFirst()
      sent = 0
    }
    return bytes
  }

  /// The bytes that are not out yet.
  mutating func takeAll() -> [UInt8] {
    defer { clear() }
    return Array(queue.flatMap(\.transmission.bytes).dropFirst(sent))
  }

  /// When the next piece is out.
  var wakes: Instant? {
    guard let first = queue.first?.transmission else { return nil }
    let bite = isPacked ? .max : max(1, Int(Self.bite.count * bitsPerSecond / (bitsPerByte * 1000)))
    return first.start + duration(of: bite < first.bytes.count - sent ? sent + bite : first.bytes.count)
  }

  /// Drops the bytes that are not out yet.
  mutating func clear() {
    queue = []
    sent = 0
  }

  /// How long so many bytes take.
  func duration(of count: Int) -> Milliseconds {
    Milliseconds((Int64(count) * bitsPerByte * 1000 + bitsPerSecond - 1) / bitsPerSecond)
  }
}
