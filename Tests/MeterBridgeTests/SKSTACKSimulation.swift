import Decoders
import MQTT
import Testing

@testable import MeterBridge

/// Days with a session that lasts an hour, and everything that can go wrong, at random.
@Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
private func everyGapEndsWhateverHappens(_ seed: UInt64) {
  var random = SplitMix64(seed: seed)
  let dongle = SKSTACKFakeDongle()
  dongle.options.lifetime = .minutes(60)
  dongle.options.isSided = seed % 2 == 0
  dongle.options.writesBinary = seed % 3 == 0
  dongle.options.piece = seed % 2 == 0 ? 7 : .max
  dongle.properties[0xD3] = [0, 0, 0, 30]
  var rig = SKSTACKRig(dongle, seed: seed)
  var energy: UInt32 = 12345
  for _ in 0..<150 {
    cause(Int.random(in: 0..<16, using: &random), &rig, &random)
    rig.run(Milliseconds(Int64.random(in: 1_000...1_200_000, using: &random)))
    // Every outage ends, and at last everything is well.
    heal(&rig)
    energy += 1
    dongle.properties[0xE0] = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: energy >> $0) }
    let before = rig.lastPower
    let isBack = rig.run(atMost: .minutes(25)) { $0.lastPower != before }
    #expect(isBack, "seed \(seed): \(rig.session.phase), \(rig.troubles.suffix(5))")
    guard isBack else { return }
    // Whatever was refused or lost: no energy without its coefficient of 30, in tenths.
    if let value = rig.values["energy_import"] { #expect(value.hasSuffix(".0") && value.count == 7, "\(value)") }
    #expect(rig.values["power"] == "500")
  }
  rig.run(.minutes(20))
  #expect(rig.values["energy_import"] == FixedDecimal(Int64(energy) * 30, exponent: -1).description)
  #expect(!rig.told.tells(SKSTACKFakeDongle.identifier) && !rig.told.tells(SKSTACKFakeDongle.password))
  #expect(dongle.count("WOPT") == 0)
}

private func cause(_ kind: Int, _ rig: inout SKSTACKRig, _ random: inout SplitMix64) {
  let dongle = rig.dongle
  switch kind {
  case 0: dongle.isReachable = false
  case 1: dongle.accepts = false
  case 2: dongle.joinIsSilent = true
  case 3: dongle.hangUp(now: rig.now)
  case 4: dongle.cyclePower()
  case 5:
    dongle.network.channel = UInt8.random(in: 0x21...0x3C, using: &random)
    dongle.network.pan = UInt16.random(in: 1...0xFFFE, using: &random)
    dongle.hangUp(now: rig.now)
  case 6:
    dongle.isLimited = true
    dongle.event("32", now: rig.now)
  case 7: dongle.notify(.confirmedNotification, transaction: UInt16.random(in: 0...9, using: &random), now: rig.now)
  case 8: dongle.emit(raw: (0..<60).map { _ in UInt8.random(in: 0...255, using: &random) }, now: rig.now)
  case 9: dongle.isPowered = false
  case 10:
    rig.session.closed(now: rig.now)
    rig.session.opened(now: rig.now)
    rig.carryOut()
  default:
    dongle.faults = (0..<Int.random(in: 1...8, using: &random)).compactMap { _ in
      SKSTACKFakeDongle.Fault.allCases.randomElement(using: &random)
    }
  }
}

private func heal(_ rig: inout SKSTACKRig) {
  let dongle = rig.dongle
  dongle.isReachable = true
  dongle.accepts = true
  dongle.joinIsSilent = false
  dongle.isPowered = true
  if dongle.isLimited {
    dongle.isLimited = false
    dongle.event("33", now: rig.now)
  }
}
