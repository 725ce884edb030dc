internal import Decoders

/// Asks for a slave at each primary address: SND_NKE, and REQ_UD2 where something answers.
struct PrimaryScan: Sendable {
  private enum Step { case reset, data }

  private var addresses: [UInt8]
  private var silent: [UInt8] = []
  private var step = Step.reset
  private var tries = ScanTries()
  private var pass = 1
  private let total: Int

  /// On a line with errors, silent addresses are asked so often.
  private static let mostPasses = 3

  init(_ addresses: [UInt8] = Array(0...250)) {
    self.addresses = addresses
    total = addresses.count
  }

  /// The part of the addresses that were asked.
  var progress: Double { pass > 1 ? 1 : Double(total - addresses.count) / Double(max(1, total)) }

  /// The next request; nil at the end.
  mutating func next(_ findings: ScanFindings) -> ScanRequest? {
    if addresses.isEmpty {
      let needed = findings.errors.passes(for: findings.meters.count)
      let passes = findings.errors.areNone ? 1 : min(Self.mostPasses, needed)
      guard pass < passes, !silent.isEmpty else { return nil }
      pass += 1
      (addresses, silent) = (silent, [])
      begin()
    }
    guard let address = addresses.first else { return nil }
    return step == .reset ? .reset(address) : .data(address)
  }

  mutating func take(_ answer: ScanAnswer, _ findings: inout ScanFindings) {
    guard let address = addresses.first else { return }
    switch (step, answer) {
    case (.reset, .silence):
      silent.append(address)
      goOn()
    case (.reset, .acknowledge): step = .data
    case (.reset, _):
      // Several slaves, or one on a bad line: the data tell.
      tries.wasDamaged(6)
      step = .data
    case (.data, .data(let frame, let sender)) where sender.address == address:
      tries.succeeded(bytes: frame.count + 5, into: &findings.errors)
      if pass > 1 { findings.errors.wasLost() }
      findings.add(frame, from: sender, isSelectable: false)
      goOn()
    case (.data, .silence), (.data, .acknowledge):
      tries.wasLost()
      step = .reset
      if tries.areOver {
        findings.mute.insert(address)
        goOn()
      }
    case (.data, .damage(let bytes)), (.data, .data(let bytes, _)):
      tries.wasDamaged(bytes.count)
      if tries.areOver {
        findings.shared.insert(address)
        goOn()
      }
    }
  }

  private mutating func goOn() {
    addresses.removeFirst()
    begin()
  }

  private mutating func begin() {
    step = .reset
    tries = ScanTries()
  }
}
