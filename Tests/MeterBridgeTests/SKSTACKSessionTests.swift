import Decoders
import Testing

@testable import MeterBridge

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

@Test(arguments: dialects)
private func aColdStartFindsTheMeterAndReadsIt(_ dialect: Dialect) throws {
  var settings = DongleSettings.still
  dialect.change(&settings)
  let line = SimulatedDongle(settings)
  var harness = SKSTACKHarness(line)
  #expect(harness.run(atMost: .minutes(3)) { $0.values["energy_import"] != nil && $0.values["power"] != nil })
  #expect(harness.values["power"] == "500")
  #expect(harness.values["current_r"] == "5.0")
  #expect(harness.values["current_t"] == nil)
  #expect(harness.values["energy_import"] == "1234.5")
  #expect(harness.values["energy_export"] == "0.7")
  #expect(harness.networks == [line.simulation.network])
  #expect(line.count("WOPT") == 0)
  #expect(harness.rejected == [])
  #expect(!harness.told.tells(SimulatedDongle.credentials))
  harness.run(.minutes(10))
  #expect(line.count("SKJOIN") == 1)
  harness.session.leave(now: harness.now)
  harness.carryOut()
  #expect(!harness.session.hasLeft)
  #expect(harness.run(atMost: .seconds(10)) { $0.session.hasLeft })
  #expect(line.count("SKTERM") == 1)
}

@Test func aWarmStartNeitherScansNorForgets() {
  var harness = SKSTACKHarness.warm()
  #expect(harness.run(atMost: .seconds(30)) { $0.values["power"] != nil })
  #expect(harness.line.count("SKSCAN") == 0)
  #expect(harness.networks == [])
}

@Test func aMeterThatMovedIsFoundAgain() {
  let network = BRouteSimulation().network
  let old = SKSTACKNetwork(channel: 0x21, pan: 1, address: network.address)
  var harness = SKSTACKHarness(network: old)
  #expect(harness.run(atMost: .minutes(5)) { $0.values["power"] != nil })
  // Wrong twice: forgotten, and then the new one is kept.
  #expect(harness.networks == [nil, network])
}

@Test func pollsKeepTheirIntervals() {
  var harness = SKSTACKHarness.reading()
  let before = harness.line.count("SKSENDTO")
  harness.run(.minutes(30))
  // 60 for power, 6 of which are for the energies too; two a year early or late.
  #expect((60...63).contains(harness.line.count("SKSENDTO") - before))
  let isAsked = harness.session.poll(meter: 0, now: harness.now)
  let isOtherAsked = harness.session.poll(meter: 1, now: harness.now)
  #expect(isAsked && !isOtherAsked)
}

@Test(arguments: BRouteFault.allCases.filter { $0.strikesSending || $0 == .inputError })
private func everySingleFaultPasses(_ fault: BRouteFault) {
  for place in 0..<5 {
    var harness = SKSTACKHarness.warm()
    #expect(harness.run(atMost: .minutes(1)) { $0.line.count("SKSENDTO") > place })
    harness.line.order(fault.rawValue)
    harness.run(.minutes(8))
    #expect(harness.values["power"] == "500" && harness.values["energy_import"] == "1234.5", "\(fault) at \(place)")
    #expect(harness.troubles == [], "\(fault) at \(place)")
    #expect(Set(harness.frames).count == harness.frames.count || fault != .duplicated)
  }
}

@Test func aTruncatedAnswerIsKeptAndAskedForAgain() {
  var harness = SKSTACKHarness.reading()
  harness.line.order("truncated")
  harness.run(.minutes(2))
  #expect(harness.rejected.count == 1)
  #expect(harness.rejected.first?.starts(with: [0x10, 0x81]) == true)
}

@Test func aMeterThatIsOverloadedIsAskedOneByOne() {
  let line = SimulatedDongle(.still)
  line.simulation.meter.properties[0xD3] = [0, 0, 0, 30]
  var harness = SKSTACKHarness.warm(line)
  // Everything of the first requests is refused; that is no proof that the meter has no coefficient.
  line.order("sna 6")
  harness.run(.minutes(12))
  #expect(harness.values["energy_import"] == "37035.0")
  #expect(harness.values["power"] == "500")
}

@Test func aMeterWithoutCoefficientAndExport() {
  let line = SimulatedDongle(.still)
  for code: UInt8 in [0xD3, 0xE3] { line.simulation.meter.properties[code] = [] }
  line.simulation.meter.properties[0x9F] = [11, 0x80, 0x82, 0x88, 0x8A, 0x8D, 0x9F, 0xD7, 0xE0, 0xE1, 0xE7, 0xE8]
  line.simulation.meter.properties[0xE7] = [0xFF, 0xFF, 0xFE, 0x0C]
  var harness = SKSTACKHarness.warm(line)
  harness.run(.minutes(1))
  #expect(harness.values["energy_import"] == "1234.5")
  #expect(harness.values["energy_export"] == nil)
  #expect(harness.values["power"] == "-500")
}

@Test func notificationsAreReadAtAnyMomentAndConfirmedWhenAskedFor() {
  var harness = SKSTACKHarness.reading()
  harness.line.announce(.confirmedNotification, transaction: 0x0D0A)
  harness.line.announce(.confirmedNotification, transaction: 0x0D0A, after: 3000)
  harness.run(.seconds(20))
  let confirmation = ECHONETFrame.toMeter(.confirmation, transaction: 0x0D0A, properties: [0xEA, 0xEB])
  #expect(harness.sent.count { $0.bytes == harness.line.sending(confirmation) } == 2)
  #expect(harness.line.simulation.counters.confirmations == 2)
  #expect(harness.values["energy_import_scheduled"] == "1234.5")
  #expect(harness.frames.count { $0[10] == 0x74 } == 1)
  harness.line.announce(.notification, transaction: 5)
  harness.run(.seconds(20))
  #expect(harness.line.simulation.counters.confirmations == 2)
  #expect(harness.frames.count { $0[10] == 0x73 } == 1)
}

@Test func aNotificationWaitsUntilItsUnitIsKnown() {
  var harness = SKSTACKHarness.warm()
  #expect(harness.run(atMost: .minutes(1)) { $0.session.running != nil })
  harness.line.announce(.notification, transaction: 5)
  harness.run(.seconds(1))
  #expect(harness.frames == [])
  harness.run(.seconds(30))
  #expect(harness.values["energy_import_scheduled"] == "1234.5")
}

@Test func nothingIsSentUnderTheLimitOfAirTime() {
  var harness = SKSTACKHarness.reading()
  harness.line.order("airtime-limit")
  harness.run(.seconds(1))
  let before = harness.sent.count
  harness.run(.minutes(40))
  #expect(harness.sent.count == before)
  harness.line.order("airtime-limit off")
  harness.run(.seconds(30))
  #expect(harness.line.count("SKSENDTO") > 0 && harness.sent.count > before)
  #expect(harness.line.count("SKJOIN") == 1)
  #expect(harness.limits == [false, true, false])
}

@Test func aRequestThatTheLimitInterruptsIsNotRepeatedAtOnceAndItsAnswerCounts() {
  for isAnswered in [false, true] {
    var harness = SKSTACKHarness.reading()
    let (before, frames) = (harness.line.count("SKSENDTO"), harness.frames.count)
    if !isAnswered { harness.line.order("answer-dropped") }
    #expect(harness.run(atMost: .minutes(1)) { $0.line.count("SKSENDTO") > before })
    let asked = harness.now
    harness.line.order("airtime-limit")
    harness.line.order("airtime-limit off")
    harness.run(.seconds(2))
    #expect(harness.limits == [false, true, false])
    #expect(harness.line.count("SKSENDTO") == before + 1 && harness.frames.count == frames + (isAnswered ? 1 : 0))
    // What nobody has answered is asked again as soon as the meter has had its time.
    harness.run(1000)
    #expect(harness.line.count("SKSENDTO") == before + (isAnswered ? 1 : 2))
    #expect(isAnswered || harness.sent.last.map { $0.at >= asked + SKSTACKPolls.spacing } == true)
  }
}

@Test func theEndOfTheLimitMayBeMissed() {
  var harness = SKSTACKHarness.reading()
  harness.line.simulation.event("32", at: harness.line.moment)
  harness.run(.minutes(69))
  let before = harness.frames.count
  harness.run(.minutes(5))
  #expect(harness.frames.count > before)
}

@Test func aModuleRenewsItsSessionByItself() {
  var settings = DongleSettings.still
  settings.lifetime = .minutes(10)
  var harness = SKSTACKHarness.warm(SimulatedDongle(settings))
  harness.run(.minutes(120))
  #expect(harness.line.count("SKJOIN") == 1)
  #expect(harness.longestGap < .seconds(45))
}

@Test func aSessionThatIsNotRenewedIsJoinedAgain() {
  var harness = SKSTACKHarness.reading()
  harness.line.order("reauth-silent")
  harness.line.order("reauth")
  harness.run(.seconds(59))
  #expect(harness.line.count("SKJOIN") == 1)
  harness.run(.minutes(1))
  #expect(harness.line.count("SKJOIN") == 2)
  #expect(harness.troubles == ["session_expired"])
}

@Test func aMeterThatHangsUpIsJoinedAgainWithoutAScan() {
  var harness = SKSTACKHarness.warm()
  for _ in 0..<5 {
    harness.run(.minutes(2))
    harness.line.order("hang-up")
  }
  harness.run(.minutes(2))
  #expect(harness.line.count("SKSCAN") == 0)
  #expect(harness.line.count("SKJOIN") == 6)
  #expect(harness.troubles == Array(repeating: "session_closed", count: 5))
  #expect(harness.longestGap < .minutes(1))
}

@Test func aDongleThatLostItsPowerIsToldEverythingAgain() {
  var harness = SKSTACKHarness.reading()
  harness.line.order("power-cycle")
  harness.run(.minutes(4))
  #expect(harness.longestGap < .minutes(2))
  #expect(harness.line.count("SKSETPWD") == 2)
}

@Test(arguments: [1, 5, 60, 200, 500])
private func aProgramKilledInTheMiddleOfASendComesBack(_ missing: Int) {
  let line = SimulatedDongle(.still)
  line.receive(Array(line.sending(Array(repeating: 0x20, count: missing + 3)).dropLast(missing)), now: line.now)
  var harness = SKSTACKHarness.warm(line)
  #expect(harness.run(atMost: .minutes(1)) { $0.values["power"] != nil })
}

@Test func aSilentPortIsOpenedAnewEverMoreSlowly() {
  let line = SimulatedDongle(.still)
  line.order("no-power")
  var harness = SKSTACKHarness(line)
  harness.run(.minutes(60))
  #expect(Set(harness.troubles) == ["no_dongle"])
  #expect((8...40).contains(harness.reopens))
  line.order("no-power off")
  #expect(harness.run(atMost: .minutes(15)) { $0.values["power"] != nil })
}

@Test func aModuleOfTheOtherKindIsNamed() {
  var settings = DongleSettings.still
  settings.model = .j11
  var harness = SKSTACKHarness(SimulatedDongle(settings))
  harness.run(.seconds(30))
  #expect(harness.troubles.first == "unsupported_dongle")
  #expect(SKSTACKTrouble.unsupportedDongle.description.contains("J11"))
}

@Test func aWrongPasswordIsNamedWhereReceptionIsGood() {
  var harness = SKSTACKHarness(password: Secret("WRONGWRONG12"))
  harness.run(.minutes(30))
  let last = harness.outputs.last { if case .news(.trouble) = $0.output { true } else { false } }
  #expect(last?.output == .news(.trouble(meter: 0, .wrongCredentials(SKSTACKDatagram.signalStrength(0xC0)))))
  #expect(!harness.told.tells("WRONGWRONG12"))
}

@Test func withoutABeaconWeLookForEver() {
  let line = SimulatedDongle(.still)
  line.order("out-of-reach")
  var harness = SKSTACKHarness(line)
  harness.run(.minutes(120))
  #expect(harness.troubles.contains("no_beacon"))
  let commands = harness.sent.map { String(decoding: $0.bytes, as: UTF8.self) }
  let durations = commands.filter { $0.hasPrefix("SKSCAN") }.map { $0.split(separator: " ")[3] }
  #expect(durations.prefix(6) == ["4", "5", "6", "7", "8", "8"])
  line.order("out-of-reach off")
  #expect(harness.run(atMost: .minutes(15)) { $0.values["power"] != nil })
}

@Test func aSilentJoinIsGivenUp() {
  let line = SimulatedDongle(.still)
  line.order("join-silent")
  var harness = SKSTACKHarness.warm(line)
  harness.run(.minutes(1))
  line.order("join-silent off")
  #expect(harness.run(atMost: .minutes(1)) { $0.values["power"] != nil })
  #expect(harness.troubles == ["join_timeout"])
}

@Test func aWeakSignalIsNamedOnce() {
  var settings = DongleSettings.still
  settings.linkQuality = 0x30
  var harness = SKSTACKHarness(SimulatedDongle(settings))
  harness.run(.minutes(5))
  #expect(harness.weakness == [true])
}

@Test func unprotectedDatagramsAreNotBelieved() {
  var harness = SKSTACKHarness.reading()
  let forged: [UInt8] = [0x10, 0x81, 0, 1, 2, 0x88, 1, 5, 0xFF, 1, 0x73, 1, 0xE7, 4, 0, 0, 0xFF, 0xFF]
  harness.line.simulation.datagram(forged, isProtected: false, at: harness.line.moment)
  harness.run(.seconds(1))
  #expect(harness.values["power"] == "500")
  #expect(harness.rejected == [forged])
}

@Test func partsOfSecretsAreNeverHandedOn() {
  var harness = SKSTACKHarness.warm()
  harness.run(.minutes(1))
  let line = harness.line
  let (id, password) = (SimulatedDongle.credentials.identifier.reveal, SimulatedDongle.credentials.password.reveal)
  for start in 0..<20 {
    line.write("D \(id.dropFirst(start))")
    line.write("\(password.dropLast(start % 5)) x")
    line.write("x\(Hexadecimal.text("SM\(id)".utf8).dropFirst(start))")
  }
  // Half of the authentication of modules, then silence.
  let addresses = "\(line.simulation.meterAddress) \(line.simulation.ownAddress)"
  line.write("ERXUDP \(addresses) 02CC 02CC 0011223344556677 0 0 0022 SM\(id)", end: "")
  harness.run(.seconds(10))
  #expect(harness.rejected.count >= 60)
  #expect(!harness.told.tells(SimulatedDongle.credentials))
  #expect(!"\(harness.session)".tells(id))
  var dumped = ""
  dump(harness.session, to: &dumped)
  #expect(!dumped.tells(SimulatedDongle.credentials))
}

@Test func aRequestThatFailsTwiceIsNotRepeatedAtOnce() {
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

@Test func theFillingZerosOfAnIDConcealNothing() {
  let credentials = SKSTACKCredentials(
    identifier: Secret("00000000000000000000000004D3B2F1"), password: Secret("ABCDEF012345"))
  let line = Array("x 000000000000 303030303030303030".utf8)
  #expect(credentials.conceal(line) == line)
  #expect(credentials.conceal(Array("x 00004d3b".utf8)) == [])
  #expect(credentials.conceal(Array("x \(Hexadecimal.text("CDEF01".utf8))".utf8)) == [])
}

@Test func damagedBytesSpoilOnlyTheirLine() {
  var harness = SKSTACKHarness.reading()
  let meter = harness.line.simulation.meterAddress
  let text = "EVENT 27 \(meter) 0\r\nEVENT 02 \(meter) 0\r\n"
  harness.session.received(LineInput(bytes: Array(text.utf8), damaged: [7]), now: harness.now)
  harness.carryOut()
  #expect(harness.troubles == [])
  #expect(harness.rejected.count == 1)
  harness.run(.minutes(2))
  #expect(harness.line.count("SKJOIN") == 1)
}

@Test func refusalsUnderTheLimitOfAirTimeSayNothingAboutTheNetwork() {
  var harness = SKSTACKHarness.reading()
  for _ in 0..<4 {
    let joins = harness.line.count("SKJOIN")
    harness.line.order("hang-up")
    #expect(harness.run(atMost: .minutes(1)) { $0.line.count("SKJOIN") > joins })
    harness.line.order("airtime-limit")
    harness.run(.minutes(2))
    harness.line.order("airtime-limit off")
    let before = harness.lastPower
    #expect(harness.run(atMost: .minutes(5)) { $0.lastPower != before })
  }
  #expect(harness.networks == [])
  #expect(harness.line.count("SKSCAN") == 0)
}

@Test func aJoinCountsEvenWhereItsAnswerIsLost() {
  // Four times as fast: the meter has let us in before the answer to the command is given up.
  var harness = SKSTACKHarness.warm(SimulatedDongle(.still, speed: 4))
  #expect(harness.run(atMost: .minutes(1)) { $0.line.count("SKLL64") == 1 })
  harness.line.lost = Array("OK\r\n".utf8)
  #expect(harness.run(atMost: .seconds(20)) { $0.values["power"] != nil })
  #expect(harness.troubles == [])
}

@Test func aSessionThatMayBeThereIsEnded() {
  var harness = SKSTACKHarness.warm()
  harness.run(300)
  harness.session.leave(now: harness.now)
  harness.carryOut()
  #expect(harness.session.hasLeft && harness.line.count("SKTERM") == 0)

  var joined = SKSTACKHarness.reading()
  joined.line.order("sending-failed 5")
  #expect(joined.run(atMost: .minutes(3)) { $0.troubles.contains("sending_failed") })
  joined.session.leave(now: joined.now)
  joined.carryOut()
  #expect(joined.line.count("SKTERM") == 1)
  joined.run(.seconds(1))
  #expect(joined.session.hasLeft)
}
