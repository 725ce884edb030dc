internal import Decoders

/// Searches the slaves of a bus by their secondary addresses (EN 13757-3): depth first, one more digit where several answer.
///
/// A search by digits must ask for ten digits wherever several slaves answer. So the order of the digits counts. Meters come in
/// deliveries with consecutive numbers: the hundreds tell deliveries apart, the tens and ones the meters of each. Then comes
/// the digit in which the meters found so far differ most.
struct SecondarySearch: Sendable {
  private enum Step { case select, data }

  /// An address that is asked now.
  private struct Probe {
    let mask: SelectionMask
    var step = Step.select
    var tries = ScanTries()
    /// Whether a meter is asked that surely answers, to learn about the line.
    var isCheck = false
  }

  private var nodes: [SearchNode] = []
  private var probe: Probe?
  /// Addresses that begin a pass.
  private var roots: [SelectionMask]
  /// Addresses where nothing answered in this pass.
  private var silent: [SelectionMask] = []
  /// Addresses where one meter answered in the first pass. On a bad line the answer of another one may have been lost.
  private var single: [SelectionMask] = []
  private var pass = 1
  private var rootsOfPass = 1
  /// How often a meter answered that does not have the address that was selected. A late answer does so once.
  private var strangers: [[UInt8]: Int] = [:]

  /// Meters that were asked to learn about the line.
  private var checks = 0

  private static let firstPlaces = [2, 1, 0]
  /// So often, and the meter answers whatever is selected.
  private static let mostStrangers = 3

  init(_ root: SelectionMask = SelectionMask()) { roots = [root] }

  /// The part of all addresses that is done, in this pass.
  var progress: Double {
    var share = 1 / Double(max(1, rootsOfPass))
    var done = 1 - share * Double(roots.count + (nodes.isEmpty && probe == nil ? 0 : 1))
    for node in nodes {
      done += share * max(0, node.progress - node.share)
      share *= node.share
    }
    return min(1, max(0, done))
  }

  /// The next request; nil at the end.
  mutating func next(_ findings: inout ScanFindings) -> ScanRequest? {
    while probe == nil {
      if nodes.isEmpty {
        if let check = nextCheck(findings) {
          probe = Probe(mask: check, isCheck: true)
        } else if let root = nextRoot(findings) {
          probe = Probe(mask: root)
        } else {
          return nil
        }
      } else if let mask = nodes[nodes.count - 1].next(findings.meters) {
        // On a bad line several slaves may be none.
        if nodes[nodes.count - 1].isCertain, findings.errors.areNone {
          split(mask, findings, isDeduced: true)
        } else {
          probe = Probe(mask: mask)
        }
      } else {
        leave(nodes.removeLast(), &findings)
      }
    }
    return probe.map { $0.step == .select ? .select($0.mask) : .data(MBusAddress.selected) }
  }

  /// Few meters leave it open whether the line is good. Where that takes a fourth of the requests, they are asked more often,
  /// before every silent address would be asked again.
  private mutating func nextCheck(_ findings: ScanFindings) -> SelectionMask? {
    let missing = findings.errors.missing
    guard roots.isEmpty, pass == 1, findings.errors.areNone, missing > 0, missing * 4 < silent.count else { return nil }
    let numbers = findings.meters.filter(\.isSelectable).compactMap(\.digits)
    let sure = numbers.filter { number in
      !number.contains(SelectionMask.anyDigit) && numbers.count { $0 == number } == 1
    }
    guard !sure.isEmpty else { return nil }
    checks += 1
    return SelectionMask(digits: sure[checks % sure.count])
  }

  private mutating func checked(_ answer: ScanAnswer, _ errors: inout LineErrors) {
    switch answer {
    case .silence: errors.wasLost()
    case .acknowledge: errors.wasWhole(LineErrors.selection)
    case .data, .damage: errors.wasDamaged(LineErrors.selection)
    }
  }

  private mutating func nextRoot(_ findings: ScanFindings) -> SelectionMask? {
    if roots.isEmpty, !silent.isEmpty, pass < findings.errors.passes(for: findings.meters.count) {
      pass += 1
      (roots, silent) = (silent + (findings.errors.areNone ? [] : single), [])
      single = []
      rootsOfPass = roots.count
    }
    return roots.isEmpty ? nil : roots.removeFirst()
  }

  /// A node has been searched as far as it can be.
  private mutating func leave(_ node: SearchNode, _ findings: inout ScanFindings) {
    findings.isUnresolved(node.mask, node.isUnresolved)
    // On a good line an address that was only deduced may be the wrong one: the one above finds that out.
    let isDoubtful = node.isDeduced && (node.resolved == 0 || findings.errors.areNone)
    // Several answers, and fewer meters: one was lost, or noise. It is asked for in the next pass, and accounted for above, so
    // that it is one error. What cannot be told apart is accounted for too.
    let isShort = node.isUnresolved || node.hasDissolved && !isDoubtful
    if isShort {
      findings.errors.wasLost()
      silent.append(node.mask)
    }
    guard !nodes.isEmpty else { return }
    nodes[nodes.count - 1].resolved += isShort ? 2 : node.resolved
  }

  mutating func take(_ answer: ScanAnswer, _ findings: inout ScanFindings) {
    guard var now = probe else { return }
    probe = nil
    guard !now.isCheck else { return checked(answer, &findings.errors) }
    switch (now.step, answer) {
    case (.select, .silence):
      // It acknowledged before.
      if now.tries.count > 0 { findings.errors.wasLost() }
      nobody(now)
    case (.select, .acknowledge):
      now.step = .data
      probe = now
    case (.select, _): split(now.mask, findings)
    case (.data, .data(let frame, let sender)): heard(frame, sender, now, &findings)
    case (.data, .damage(let bytes)):
      now.tries.wasDamaged(bytes.count)
      // On a good line their acknowledgements were one.
      if now.tries.areOver || findings.errors.areNone { split(now.mask, findings) } else { probe = now }
    case (.data, .silence), (.data, .acknowledge): again(now, &findings)
    }
  }

  /// What acknowledged does not give data: it is selected once more.
  private mutating func again(_ lost: Probe, _ findings: inout ScanFindings) {
    var lost = lost
    lost.tries.wasLost()
    lost.step = .select
    guard lost.tries.areOver else {
      probe = lost
      return
    }
    findings.errors.wasLost()
    nobody(lost)
  }

  private mutating func nobody(_ silence: Probe) {
    silent.append(silence.mask)
    guard let last = nodes.indices.last else { return }
    if nodes[last].split == .again { nodes[last].dissolve(0) } else { nodes[last].wasSilent(silence.mask) }
  }

  private mutating func heard(_ frame: [UInt8], _ sender: MBusSender, _ now: Probe, _ findings: inout ScanFindings) {
    guard now.mask.fits(sender) else {
      strangers[sender.identity, default: 0] += 1
      findings.add(frame, from: sender, isSelectable: false)
      guard strangers[sender.identity] == Self.mostStrangers else { return again(now, &findings) }
      findings.intruder = ScannedMeter(frame: frame, sender: sender, baud: findings.baud, isSelectable: false)
      (nodes, roots, silent) = ([], [], [])
      return
    }
    now.tries.succeeded(bytes: frame.count + 5, into: &findings.errors)
    let isNew = findings.add(frame, from: sender, isSelectable: true)
    // It did not answer when it was asked before.
    if isNew, nodes.last?.isRepeating ?? (pass > 1) { findings.errors.wasLost() }
    findings.isUnresolved(now.mask, false)
    if pass == 1 { single.append(now.mask) }
    guard let last = nodes.indices.last else { return }
    if nodes[last].split == .again { nodes[last].dissolve(1) } else { nodes[last].resolved += 1 }
  }

  /// Several slaves answer.
  private mutating func split(_ mask: SelectionMask, _ findings: ScanFindings, isDeduced: Bool = false) {
    // It was asked again, and it is the same as before.
    if let last = nodes.last, last.split == .again, last.mask == mask { return }
    nodes.append(SearchNode(mask, place: Self.place(in: mask, findings.meters), isDeduced: isDeduced))
  }

  /// The digit to ask for next; nil if the number is complete.
  private static func place(in mask: SelectionMask, _ meters: [ScannedMeter]) -> Int? {
    let free = mask.freeDigits
    if let place = firstPlaces.first(where: free.contains) { return place }
    let digits = meters.compactMap(\.digits)
    let kinds = free.map { place in (place, count: Set(digits.map { $0[place] }).count) }
    return kinds.max { ($0.count, -$0.0) < ($1.count, -$1.0) }?.0
  }
}
