internal import Decoders

/// A secondary address with wildcards that several slaves answer, while it is split.
struct SearchNode: Sendable {
  /// The ways to split it, in order.
  enum Split: Equatable, Sendable {
    /// The same address once more: noise looks like several slaves.
    case again
    /// Ten digits at a place of the number.
    case digit(Int)
    /// A to F at the same place: some makers put them into a number. F itself is the wildcard.
    case hexadecimal(Int)
    case medium
    /// Enhanced selection, first with wildcards only: many slaves do not know it.
    case fabrication
    case fabricationDigit(Int)
    case manufacturer
    case version
  }

  let mask: SelectionMask
  /// Nothing answered yet at this address: it is left because all others were silent.
  let isDeduced: Bool
  private(set) var split = Split.again
  private var splits: [Split]
  /// The addresses that are still to be asked.
  private(set) var candidates: [SelectionMask] = []
  private var total = 1
  /// From here on candidates are only guesses.
  private var likely = 0
  /// Slaves below that are accounted for.
  var resolved = 0
  private var silent: [SelectionMask] = []
  /// Whether those that were silent are asked a second time: two slaves must be there.
  private(set) var isRepeating = false
  /// Whether it makes sense to ask them: not where silence is an answer too.
  private var mayRepeat = true
  /// Whether the address itself was asked although it was deduced.
  private var isDoubted = false

  init(_ mask: SelectionMask, place: Int?, isDeduced: Bool) {
    self.mask = mask
    self.isDeduced = isDeduced
    if let place {
      splits = [.digit(place), .hexadecimal(place), .again]
    } else if let fabrication = mask.fabrication {
      let free = fabrication.firstIndex(of: SelectionMask.anyDigit)
      splits = [.again] + (free.map { [.fabricationDigit($0)] } ?? [])
    } else {
      splits = [.again]
      if mask.medium == 0xFF { splits.append(.medium) }
      splits.append(.fabrication)
      if mask.manufacturer == 0xFFFF { splits.append(.manufacturer) }
      if mask.version == 0xFF { splits.append(.version) }
    }
  }

  /// The part that is done.
  var progress: Double { Double(total - candidates.count) / Double(total) }
  /// The part of one candidate.
  var share: Double { 1 / Double(total) }

  /// Whether the address of `next` needs no question: it is the last of ten digits, and no slave has one of the others.
  private(set) var isCertain = false

  /// The next address to ask; nil at the end.
  mutating func next(_ meters: [ScannedMeter]) -> SelectionMask? {
    while true {
      let isEnough = resolved >= 2 && total - candidates.count >= likely
      if !candidates.isEmpty, !isEnough {
        isCertain = candidates.count == 1 && silent.count == total - 1 && isOfDigits && !isRepeating
        return candidates.removeFirst()
      }
      guard resolved < 2 else { return nil }
      if isDeduced, isOfDigits, resolved == 0, !isDoubted {
        // Is anything there?
        isDoubted = true
        begin(.again, meters)
        continue
      }
      if mayRepeat, !silent.isEmpty {
        (candidates, silent) = (silent, [])
        (isRepeating, mayRepeat) = (true, false)
        (total, likely) = (candidates.count, candidates.count)
        continue
      }
      guard !splits.isEmpty else { return nil }
      begin(splits.removeFirst(), meters)
    }
  }

  private var isOfDigits: Bool { if case .digit = split { true } else { false } }

  mutating func wasSilent(_ mask: SelectionMask) { silent.append(mask) }

  /// Whether every way is exhausted and fewer slaves are found than answered.
  var isUnresolved: Bool { resolved < 2 && candidates.isEmpty && splits.isEmpty && !hasDissolved }
  /// Whether it was a single slave, or nothing, when it was asked again.
  private(set) var hasDissolved = false

  /// The address itself was asked again, and is not the answer of several slaves, but of one or none.
  mutating func dissolve(_ slaves: Int) {
    hasDissolved = true
    resolved = max(resolved, slaves)
    splits = []
    candidates = []
    silent = []
  }

  private mutating func begin(_ next: Split, _ meters: [ScannedMeter]) {
    split = next
    isRepeating = false
    mayRepeat = next != .again && next != .fabrication
    silent = []
    let (sure, guesses) = Self.masks(next, of: mask, meters)
    candidates = sure + guesses.filter { !sure.contains($0) }
    (total, likely) = (max(1, candidates.count), sure.count)
  }

  /// The addresses to ask: those that must all be asked, and those that may be left out once two slaves are found.
  private static func masks(
    _ split: Split, of mask: SelectionMask, _ meters: [ScannedMeter]
  ) -> ([SelectionMask], [SelectionMask]) {
    func with<Value: Hashable>(
      _ place: WritableKeyPath<SelectionMask, Value>, _ values: [Value]
    ) -> [SelectionMask] {
      var seen: Set<Value> = []
      return values.filter { seen.insert($0).inserted }.map { value in
        var mask = mask
        mask[keyPath: place] = value
        return mask
      }
    }
    let known = meters.map(\.sender.identity).filter { $0.count == 8 }
    switch split {
    case .again: return ([mask], [])
    case .digit(let place):
      // Those that probably answer come last, which are those of the same delivery: the last one may need no question.
      let delivery = mask.with(digit: SelectionMask.anyDigit, at: 0).with(digit: SelectionMask.anyDigit, at: 1)
      let there = meters.filter { delivery.fits($0.sender) }.compactMap(\.digits).map { $0[place] }
      let digits = (0...9).map { (digit: UInt8) in (digit: digit, count: there.count { $0 == digit }) }
      let ordered = digits.sorted { ($0.count, $0.digit) < ($1.count, $1.digit) }
      return (ordered.map { mask.with(digit: $0.digit, at: place) }, [])
    case .hexadecimal(let place): return ((10...14).map { mask.with(digit: $0, at: place) }, [])
    case .medium: return (with(\.medium, known.map { $0[7] } + usualMedia), with(\.medium, otherMedia))
    case .version: return (with(\.version, known.map { $0[6] }), [])
    case .manufacturer:
      let makers = known.map { UInt16($0[4]) | UInt16($0[5]) << 8 }
      return (with(\.manufacturer, makers), with(\.manufacturer, usualMakers))
    case .fabrication: return (with(\.fabrication, [[UInt8](repeating: SelectionMask.anyDigit, count: 8)]), [])
    case .fabricationDigit(let place):
      let digits = (0...9).map { (digit: UInt8) in
        var fabrication = mask.fabrication ?? []
        fabrication[place] = digit
        return fabrication as [UInt8]?
      }
      return (with(\.fabrication, digits), [])
    }
  }

  /// Media of most meters on a wire (EN 13757-3): water, heat, electricity, warm water, gas, heat in the flow pipe, heat and
  /// cooling, cold water, heat cost allocator, cooling.
  private static let usualMedia: [UInt8] = [0x07, 0x04, 0x02, 0x06, 0x03, 0x0C, 0x0D, 0x16, 0x08, 0x0A]
  private static let otherMedia: [UInt8] =
    [0x00, 0x01, 0x05, 0x09, 0x0B, 0x0E, 0x0F] + Array(0x14...0x1C) + [0x20, 0x21, 0x25, 0x28, 0x29, 0x31, 0x36, 0x37]

  /// Makers of meters on a wire. A manufacturer has no digits that could be searched.
  private static let usualMakers: [UInt16] = [
    "KAM", "LUG", "LGB", "HYD", "SEN", "EFE", "ITW", "ELS", "ABB", "SON", "ZRI", "QDS", "TCH", "DME", "EMH", "SPX",
    "AMT", "INM", "SEC", "GAV", "SLB", "GWF", "REL", "PAD", "NZR", "EMU", "FIN", "ACW", "BMT", "AXI",
  ].map { $0.utf8.reduce(0) { $0 << 5 | UInt16($1 - 0x40) } }
}
