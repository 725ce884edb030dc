import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters

private let total = FieldKey(.energyImport)

/// The rules once more, as plainly as can be: whole watt-hours, one register, a telegram each minute.
private struct Model {
  var last: Int?
  var lastMinute = 0
  var agreeing: [(value: Int, minute: Int)] = []

  private func fits(_ value: Int, after old: Int, minutes: Int) -> Bool {
    value >= old && value - old <= max(15, minutes) * 100_000 / 60
  }

  mutating func send(_ value: Int, minute: Int) -> Bool {
    guard let old = last else {
      (last, lastMinute) = (value, minute)
      return true
    }
    if fits(value, after: old, minutes: minute - lastMinute) {
      (last, lastMinute, agreeing) = (value, minute, [])
      return true
    }
    if let newest = agreeing.last, !fits(value, after: newest.value, minutes: minute - newest.minute) { agreeing = [] }
    agreeing.append((value, minute))
    guard agreeing.count == 5 else { return false }
    (last, lastMinute, agreeing) = (value, minute, [])
    return true
  }
}

@Test("a random walk follows the rules", arguments: 1...40)
func randomWalk(seed: Int) {
  var random = SplitMix64(seed: UInt64(seed))
  var harness = GuardHarness()
  var model = Model()
  var meter = Int.random(in: 20_000_000..<80_000_000, using: &random)
  var minute = 0
  var published: Int?
  for _ in 0..<2_000 {
    let pause = Int.random(in: 0..<20, using: &random) == 0 ? Int.random(in: 1...3_000, using: &random) : 1
    minute += pause
    meter += Int.random(in: 0...1_500, using: &random) * min(pause, 60)
    switch Int.random(in: 0..<400, using: &random) {
    case 0: meter = Int.random(in: 20_000_000..<80_000_000, using: &random)
    case 1: meter += Int.random(in: 0...60_000, using: &random)
    default: break
    }
    let isGlitch = Int.random(in: 0..<8, using: &random) == 0
    let glitches = [
      0, meter - Int.random(in: 0...3_000, using: &random), Int.random(in: 0..<90_000_000, using: &random),
    ]
    let value = isGlitch ? glitches[Int.random(in: 0..<3, using: &random)] : meter
    let key = [(total, FixedDecimal(Int64(value), exponent: -3).description), (FieldKey(.onTime), "1")]
    let sent = harness.send(key, after: .minutes(Int64(pause)))
    let isOut = sent.values.contains { $0.hasPrefix("energy_import ") }
    #expect(isOut == model.send(value, minute: minute), "seed \(seed), minute \(minute), \(value)")
    guard isOut else { continue }
    let isConfirmed = sent.outcome.findings.contains { $0.verdict == .confirmed }
    if let published, value < published || value - published > max(pause * 100_000 / 60, 2_000_000) {
      #expect(isConfirmed || value > published, "seed \(seed): \(published) then \(value)")
    }
    published = value
  }
}
