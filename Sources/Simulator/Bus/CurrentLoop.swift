/// The characters that a receiver reads where several slaves send at the same time.
///
/// A slave sends a 0 by drawing current, and a 1 by drawing none (EN 13757-2). So a 0 of any slave wins:
///
///     first     ___|‾‾‾|___|‾‾‾‾‾‾‾‾‾‾‾
///     second    ‾‾‾‾‾‾‾|___|‾‾‾|___|‾‾‾
///     received  ___|‾‾‾|___|‾‾‾|___|‾‾‾
enum CurrentLoop {
  /// Bytes that one slave sends without a pause.
  struct Signal: Equatable {
    var bytes: [UInt8]
    /// Bit times after the request.
    var start: Int
  }

  /// A start bit, eight data bits, the parity bit and a stop bit.
  static let bitsOfCharacter = 11

  /// Overlays signals.
  ///
  /// - Parameter signals: what each slave sends, in any order.
  /// - Returns: what is received, in order. A character begins with the first 0 after a stop bit. One with wrong parity or
  ///   without a stop bit comes as FF: a pty has no marks for it.
  static func overlay(_ signals: [Signal]) -> [Signal] {
    let ordered = signals.filter { !$0.bytes.isEmpty }.sorted { $0.start < $1.start }
    var groups: [[Signal]] = []
    var end = Int.min
    for signal in ordered {
      if signal.start >= end { groups.append([]) }
      groups[groups.count - 1].append(signal)
      end = max(end, signal.start + signal.bytes.count * bitsOfCharacter)
    }
    return groups.flatMap { $0.count == 1 ? $0 : received($0) }
  }

  private static func received(_ signals: [Signal]) -> [Signal] {
    let start = signals[0].start
    let end = signals.map { $0.start + $0.bytes.count * bitsOfCharacter }.max() ?? start
    var isIdle = [Bool](repeating: true, count: end - start)
    for signal in signals {
      for (index, byte) in signal.bytes.enumerated() {
        let first = signal.start - start + index * bitsOfCharacter
        for (bit, isOne) in bits(of: byte).enumerated() where !isOne { isIdle[first + bit] = false }
      }
    }
    return characters(isIdle, from: start)
  }

  /// Start bit, data from the lowest bit on, even parity, stop bit.
  private static func bits(of byte: UInt8) -> [Bool] {
    [false] + (0..<8).map { byte >> $0 & 1 == 1 } + [byte.nonzeroBitCount % 2 == 1, true]
  }

  private static func characters(_ isIdle: [Bool], from start: Int) -> [Signal] {
    var found: [Signal] = []
    var place = 0
    while place < isIdle.count {
      guard !isIdle[place] else {
        place += 1
        continue
      }
      func isOne(_ bit: Int) -> Bool { place + bit >= isIdle.count || isIdle[place + bit] }
      let byte = (0..<8).reduce(UInt8(0)) { $0 | (isOne(1 + $1) ? 1 << $1 : 0) }
      let isSound = isOne(9) == (byte.nonzeroBitCount % 2 == 1) && isOne(10)
      append(isSound ? byte : 0xFF, at: start + place, to: &found)
      place += bitsOfCharacter
      // Without a stop bit the receiver waits for the line to be idle.
      if place <= isIdle.count, !isIdle[place - 1] {
        while place < isIdle.count, !isIdle[place] { place += 1 }
      }
    }
    return found
  }

  private static func append(_ byte: UInt8, at start: Int, to signals: inout [Signal]) {
    if let last = signals.last, start - (last.start + last.bytes.count * bitsOfCharacter) < bitsOfCharacter {
      signals[signals.count - 1].bytes.append(byte)
    } else {
      signals.append(Signal(bytes: [byte], start: start))
    }
  }
}
