import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import Simulator

private struct Dialect: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var change: @Sendable (inout DongleSettings) -> Void

  init(_ name: String, _ change: @escaping @Sendable (inout DongleSettings) -> Void) {
    (testDescription, self.change) = (name, change)
  }
}

private let dialects = [
  Dialect("BP35C2, text") { _ in },
  Dialect("BP35C2, binary") { $0.writesBinary = true },
  Dialect("BP35A1, text") { $0.model = .bp35a1 },
  Dialect("BP35A1, binary, a byte at a time") { settings in
    settings.model = .bp35a1
    settings.writesBinary = true
    settings.chunk = 1
  },
  Dialect("RL7023 DSS, no ROPT") { $0.model = .rl7023 },
  Dialect("no echo") { $0.hasEcho = false },
  Dialect("BP35C2 that looks like a BP35A1") { $0.hidesDialect = true },
  Dialect("BP35A1 that looks like a BP35C2") { settings in
    settings.model = .bp35a1
    settings.hidesDialect = true
  },
  Dialect("beacon only in a long scan") { $0.beacon = 7 },
]

@Suite struct SKSTACKSessionTests {
  @Test("a cold start finds the meter and reads it", arguments: dialects)
  private func coldStart(_ dialect: Dialect) throws {
    var settings = DongleSettings.still
    dialect.change(&settings)
    let dongle = SimulatedDongle(settings)
    var harness = SKSTACKHarness(dongle)
    #expect(harness.run(atMost: .minutes(3)) { $0.values["energy_import"] != nil && $0.values["power"] != nil })
    #expect(harness.values["power"] == "500")
    #expect(harness.values["current_r"] == "5.0")
    #expect(harness.values["current_t"] == nil)
    #expect(harness.values["energy_import"] == "1234.5")
    #expect(harness.values["energy_export"] == "0.7")
    #expect(harness.networks == [dongle.simulation.network])
    #expect(dongle.count("WOPT") == 0)
    #expect(harness.rejected == [])
    #expect(!harness.told.tells(SimulatedDongle.credentials))
    harness.run(.minutes(10))
    #expect(dongle.count("SKJOIN") == 1)
    harness.session.leave(now: harness.now)
    harness.carryOut()
    #expect(!harness.session.hasLeft)
    #expect(harness.run(atMost: .seconds(10)) { $0.session.hasLeft })
    #expect(dongle.count("SKTERM") == 1)
  }

  @Test("a warm start does not scan and keeps the network") func warmStart() {
    var harness = SKSTACKHarness.warm()
    #expect(harness.run(atMost: .seconds(30)) { $0.values["power"] != nil })
    #expect(harness.dongle.count("SKSCAN") == 0)
    #expect(harness.networks == [])
  }

  @Test("a meter on another channel is found again") func movedMeter() {
    let network = BRouteSimulation().network
    let old = SKSTACKNetwork(channel: 0x21, pan: 1, address: network.address)
    var harness = SKSTACKHarness(network: old)
    #expect(harness.run(atMost: .minutes(5)) { $0.values["power"] != nil })
    // Wrong twice: forgotten, and then the new one is kept.
    #expect(harness.networks == [nil, network])
  }

  @Test("polls keep their intervals") func pollIntervals() {
    var harness = SKSTACKHarness.reading()
    let before = harness.dongle.count("SKSENDTO")
    harness.run(.minutes(30))
    // 60 for power, 6 of which are for the energies too; two a year early or late.
    #expect((60...63).contains(harness.dongle.count("SKSENDTO") - before))
    let isAsked = harness.session.poll(meter: 0, now: harness.now)
    let isOtherAsked = harness.session.poll(meter: 1, now: harness.now)
    #expect(isAsked && !isOtherAsked)
  }

  @Test("a flood of requests does not use up the air time") func requestFlood() {
    var harness = SKSTACKHarness.reading()
    let before = harness.dongle.count("SKSENDTO")
    for _ in 0..<600 {
      _ = harness.session.poll(meter: 0, now: harness.now)
      harness.run(.seconds(1))
    }
    // Five at once, then one in 10 s; some of them the meter answers property by property.
    #expect(harness.dongle.count("SKSENDTO") - before <= 130)
    #expect(harness.outputs.count { $0.output == .news(.readoutRefused(meter: 0)) } > 300)
  }

  @Test(
    "the session survives every single fault",
    arguments: BRouteFault.allCases.filter { $0.strikesSending || $0 == .inputError })
  private func singleFaults(_ fault: BRouteFault) {
    for place in 0..<5 {
      var harness = SKSTACKHarness.warm()
      #expect(harness.run(atMost: .minutes(1)) { $0.dongle.count("SKSENDTO") > place })
      harness.dongle.order(fault.rawValue)
      harness.run(.minutes(8))
      #expect(harness.values["power"] == "500" && harness.values["energy_import"] == "1234.5", "\(fault) at \(place)")
      #expect(harness.troubles == [], "\(fault) at \(place)")
      #expect(Set(harness.frames).count == harness.frames.count || fault != .duplicated)
    }
  }

  @Test("an overloaded meter is asked for one property at a time") func overloadedMeter() {
    let dongle = SimulatedDongle(.still)
    dongle.simulation.meter.properties[0xD3] = [0, 0, 0, 30]
    var harness = SKSTACKHarness.warm(dongle)
    // The meter refuses the first requests completely. It may still have a coefficient.
    dongle.order("sna 6")
    harness.run(.minutes(12))
    #expect(harness.values["energy_import"] == "37035.0")
    #expect(harness.values["power"] == "500")
  }

  @Test("a meter without coefficient and export is read") func meterWithoutCoefficient() {
    let dongle = SimulatedDongle(.still)
    for code: UInt8 in [0xD3, 0xE3] { dongle.simulation.meter.properties[code] = [] }
    dongle.simulation.meter.properties[0x9F] = [11, 0x80, 0x82, 0x88, 0x8A, 0x8D, 0x9F, 0xD7, 0xE0, 0xE1, 0xE7, 0xE8]
    dongle.simulation.meter.properties[0xE7] = [0xFF, 0xFF, 0xFE, 0x0C]
    var harness = SKSTACKHarness.warm(dongle)
    harness.run(.minutes(1))
    #expect(harness.values["energy_import"] == "1234.5")
    #expect(harness.values["energy_export"] == nil)
    #expect(harness.values["power"] == "-500")
  }

  @Test("notifications are read at any time and confirmed on request") func notifications() {
    var harness = SKSTACKHarness.reading()
    harness.dongle.announce(.confirmedNotification, transaction: 0x0D0A)
    harness.dongle.announce(.confirmedNotification, transaction: 0x0D0A, after: 3000)
    harness.run(.seconds(20))
    let confirmation = ECHONETFrame.toMeter(.confirmation, transaction: 0x0D0A, properties: [0xEA, 0xEB])
    #expect(harness.sent.count { $0.bytes == harness.dongle.sending(confirmation) } == 2)
    #expect(harness.dongle.simulation.counters.confirmations == 2)
    #expect(harness.values["energy_import_scheduled"] == "1234.5")
    #expect(harness.frames.count { $0[10] == 0x74 } == 1)
    harness.dongle.announce(.notification, transaction: 5)
    harness.run(.seconds(20))
    #expect(harness.dongle.simulation.counters.confirmations == 2)
    #expect(harness.frames.count { $0[10] == 0x73 } == 1)
  }

  @Test("a notification waits until its unit is known") func notificationBeforeUnit() {
    var harness = SKSTACKHarness.warm()
    #expect(harness.run(atMost: .minutes(1)) { $0.session.running != nil })
    harness.dongle.announce(.notification, transaction: 5)
    harness.run(.seconds(1))
    #expect(harness.frames == [])
    harness.run(.seconds(30))
    #expect(harness.values["energy_import_scheduled"] == "1234.5")
  }

  @Test("the session sends nothing while the air time is used up") func airTimeLimit() {
    var harness = SKSTACKHarness.reading()
    harness.dongle.order("airtime-limit")
    harness.run(.seconds(1))
    let before = harness.sent.count
    harness.run(.minutes(40))
    #expect(harness.sent.count == before)
    harness.dongle.order("airtime-limit off")
    harness.run(.seconds(30))
    #expect(harness.dongle.count("SKSENDTO") > 0 && harness.sent.count > before)
    #expect(harness.dongle.count("SKJOIN") == 1)
    #expect(harness.limits == [false, true, false])
  }

  @Test("a request that the air time limit interrupts waits before its next try, and a late answer counts")
  func interruptedRequest() {
    for isAnswered in [false, true] {
      var harness = SKSTACKHarness.reading()
      let (before, frames) = (harness.dongle.count("SKSENDTO"), harness.frames.count)
      if !isAnswered { harness.dongle.order("answer-dropped") }
      #expect(harness.run(atMost: .minutes(1)) { $0.dongle.count("SKSENDTO") > before })
      let asked = harness.now
      harness.dongle.order("airtime-limit")
      harness.dongle.order("airtime-limit off")
      harness.run(.seconds(2))
      #expect(harness.limits == [false, true, false])
      #expect(harness.dongle.count("SKSENDTO") == before + 1 && harness.frames.count == frames + (isAnswered ? 1 : 0))
      // An unanswered request is sent again once the meter has had its time.
      harness.run(1000)
      #expect(harness.dongle.count("SKSENDTO") == before + (isAnswered ? 1 : 2))
      #expect(isAnswered || harness.sent.last.map { $0.at >= asked + SKSTACKPolls.spacing } == true)
    }
  }

  @Test("sending starts again although the end of the air time limit was missed") func missedEndOfLimit() {
    var harness = SKSTACKHarness.reading()
    harness.dongle.simulation.event("32", at: harness.dongle.moment)
    harness.run(.minutes(69))
    let before = harness.frames.count
    harness.run(.minutes(5))
    #expect(harness.frames.count > before)
  }

  @Test("the module renews its session by itself") func renewal() {
    var settings = DongleSettings.still
    settings.lifetime = .minutes(10)
    var harness = SKSTACKHarness.warm(SimulatedDongle(settings))
    harness.run(.minutes(120))
    #expect(harness.dongle.count("SKJOIN") == 1)
    #expect(harness.longestGap < .seconds(45))
  }

  @Test("a session that is not renewed is joined again") func missedRenewal() {
    var harness = SKSTACKHarness.reading()
    harness.dongle.order("reauth-silent")
    harness.dongle.order("reauth")
    harness.run(.seconds(59))
    #expect(harness.dongle.count("SKJOIN") == 1)
    harness.run(.minutes(1))
    #expect(harness.dongle.count("SKJOIN") == 2)
    #expect(harness.troubles == ["session_expired"])
  }

  @Test("a meter that closes the session is joined again without a scan") func closedSession() {
    var harness = SKSTACKHarness.warm()
    for _ in 0..<5 {
      harness.run(.minutes(2))
      harness.dongle.order("hang-up")
    }
    harness.run(.minutes(2))
    #expect(harness.dongle.count("SKSCAN") == 0)
    #expect(harness.dongle.count("SKJOIN") == 6)
    #expect(harness.troubles == Array(repeating: "session_closed", count: 5))
    #expect(harness.longestGap < .minutes(1))
  }

  @Test("a dongle that lost its power is configured again") func powerCycle() {
    var harness = SKSTACKHarness.reading()
    harness.dongle.order("power-cycle")
    harness.run(.minutes(4))
    #expect(harness.longestGap < .minutes(2))
    #expect(harness.dongle.count("SKSETPWD") == 2)
  }

  @Test("a dongle left in the middle of SKSENDTO is recovered", arguments: [1, 5, 60, 200, 500])
  private func interruptedSend(_ missing: Int) {
    let dongle = SimulatedDongle(.still)
    dongle.receive(Array(dongle.sending(Array(repeating: 0x20, count: missing + 3)).dropLast(missing)), now: dongle.now)
    var harness = SKSTACKHarness.warm(dongle)
    #expect(harness.run(atMost: .minutes(1)) { $0.values["power"] != nil })
  }

  @Test("a silent port is opened again, with growing pauses") func silentPort() {
    let dongle = SimulatedDongle(.still)
    dongle.order("no-power")
    var harness = SKSTACKHarness(dongle)
    harness.run(.minutes(60))
    #expect(Set(harness.troubles) == ["no_dongle"])
    #expect((8...40).contains(harness.reopens))
    dongle.order("no-power off")
    #expect(harness.run(atMost: .minutes(15)) { $0.values["power"] != nil })
  }

  @Test("a J11 module is named") func foreignModule() {
    var settings = DongleSettings.still
    settings.model = .j11
    var harness = SKSTACKHarness(SimulatedDongle(settings))
    harness.run(.seconds(30))
    #expect(harness.troubles.first == "unsupported_dongle")
    #expect(SKSTACKTrouble.unsupportedDongle.description.contains("J11"))
  }

  @Test("a wrong password is named if the signal is good") func wrongPassword() {
    var harness = SKSTACKHarness(password: Secret("WRONGWRONG12"))
    harness.run(.minutes(30))
    let last = harness.outputs.last { if case .news(.trouble) = $0.output { true } else { false } }
    #expect(last?.output == .news(.trouble(meter: 0, .wrongCredentials(SKSTACKDatagram.signalStrength(0xC0)))))
    #expect(!harness.told.tells("WRONGWRONG12"))
  }

  @Test("without a beacon the session scans for ever") func noBeacon() {
    let dongle = SimulatedDongle(.still)
    dongle.order("out-of-reach")
    var harness = SKSTACKHarness(dongle)
    harness.run(.minutes(120))
    #expect(harness.troubles.contains("no_beacon"))
    let commands = harness.sent.map { String(decoding: $0.bytes, as: UTF8.self) }
    let durations = commands.filter { $0.hasPrefix("SKSCAN") }.map { $0.split(separator: " ")[3] }
    #expect(durations.prefix(6) == ["4", "5", "6", "7", "8", "8"])
    dongle.order("out-of-reach off")
    #expect(harness.run(atMost: .minutes(15)) { $0.values["power"] != nil })
  }

  @Test("a join without an outcome times out") func silentJoin() {
    let dongle = SimulatedDongle(.still)
    dongle.order("join-silent")
    var harness = SKSTACKHarness.warm(dongle)
    harness.run(.minutes(1))
    dongle.order("join-silent off")
    #expect(harness.run(atMost: .minutes(1)) { $0.values["power"] != nil })
    #expect(harness.troubles == ["join_timeout"])
  }

  @Test("a weak signal is reported once") func weakSignal() {
    var settings = DongleSettings.still
    settings.linkQuality = 0x30
    var harness = SKSTACKHarness(SimulatedDongle(settings))
    harness.run(.minutes(5))
    #expect(harness.weakness == [true])
  }

  @Test("refused joins during the air time limit do not discard the network") func refusalsUnderLimit() {
    var harness = SKSTACKHarness.reading()
    for _ in 0..<4 {
      let joins = harness.dongle.count("SKJOIN")
      harness.dongle.order("hang-up")
      #expect(harness.run(atMost: .minutes(1)) { $0.dongle.count("SKJOIN") > joins })
      harness.dongle.order("airtime-limit")
      harness.run(.minutes(2))
      harness.dongle.order("airtime-limit off")
      let before = harness.lastPower
      #expect(harness.run(atMost: .minutes(5)) { $0.lastPower != before })
    }
    #expect(harness.networks == [])
    #expect(harness.dongle.count("SKSCAN") == 0)
  }

  @Test("a join counts although its OK is lost") func joinWithoutOK() {
    // Four times as fast: the meter has let us in before the answer to the command is given up.
    var harness = SKSTACKHarness.warm(SimulatedDongle(.still, speed: 4))
    #expect(harness.run(atMost: .minutes(1)) { $0.dongle.count("SKLL64") == 1 })
    harness.dongle.lost = Array("OK\r\n".utf8)
    #expect(harness.run(atMost: .seconds(20)) { $0.values["power"] != nil })
    #expect(harness.troubles == [])
  }

  @Test("leaving ends every session that the meter may still hold") func leaving() {
    var harness = SKSTACKHarness.warm()
    harness.run(300)
    harness.session.leave(now: harness.now)
    harness.carryOut()
    #expect(harness.session.hasLeft && harness.dongle.count("SKTERM") == 0)

    var joined = SKSTACKHarness.reading()
    joined.dongle.order("sending-failed 5")
    #expect(joined.run(atMost: .minutes(3)) { $0.troubles.contains("sending_failed") })
    joined.session.leave(now: joined.now)
    joined.carryOut()
    #expect(joined.dongle.count("SKTERM") == 1)
    joined.run(.seconds(1))
    #expect(joined.session.hasLeft)
  }
  @Test("a request that fails twice waits before its next try") func requestThatFailsTwice() {
    var polls = SKSTACKPolls(powerInterval: .seconds(10), energyInterval: .minutes(5), transaction: 1)
    let start = Instant(milliseconds: 0)
    polls.start(now: start)
    #expect(polls.next(now: start) != nil)
    polls.postpone(now: start)
    // The module refuses it too, before the pause is over or after it.
    polls.postpone(now: start + .seconds(5))
    #expect(polls.next(now: start + .seconds(6)) == nil)
    #expect(polls.deadline == start + .seconds(7))
    #expect(polls.next(now: start + .seconds(7)) != nil)
  }
}
