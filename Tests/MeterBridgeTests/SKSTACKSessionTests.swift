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
  let line = RouteBLine(settings)
  var rig = SKSTACKRig(line)
  #expect(rig.run(atMost: .minutes(3)) { $0.values["energy_import"] != nil && $0.values["power"] != nil })
  #expect(rig.values["power"] == "500")
  #expect(rig.values["current_r"] == "5.0")
  #expect(rig.values["current_t"] == nil)
  #expect(rig.values["energy_import"] == "1234.5")
  #expect(rig.values["energy_export"] == "0.7")
  #expect(rig.networks == [line.simulation.network])
  #expect(line.count("WOPT") == 0)
  #expect(rig.rejected == [])
  #expect(!rig.told.tells(RouteBLine.credentials))
  rig.run(.minutes(10))
  #expect(line.count("SKJOIN") == 1)
  rig.session.leave(now: rig.now)
  rig.carryOut()
  #expect(!rig.session.hasLeft)
  #expect(rig.run(atMost: .seconds(10)) { $0.session.hasLeft })
  #expect(line.count("SKTERM") == 1)
}

@Test func aWarmStartNeitherScansNorForgets() {
  var rig = SKSTACKRig.warm()
  #expect(rig.run(atMost: .seconds(30)) { $0.values["power"] != nil })
  #expect(rig.line.count("SKSCAN") == 0)
  #expect(rig.networks == [])
}

@Test func aMeterThatMovedIsFoundAgain() {
  let network = RouteBSimulation().network
  let old = SKSTACKNetwork(channel: 0x21, pan: 1, address: network.address)
  var rig = SKSTACKRig(network: old)
  #expect(rig.run(atMost: .minutes(5)) { $0.values["power"] != nil })
  // Wrong twice: forgotten, and then the new one is kept.
  #expect(rig.networks == [nil, network])
}

@Test func pollsKeepTheirIntervals() {
  var rig = SKSTACKRig.reading()
  let before = rig.line.count("SKSENDTO")
  rig.run(.minutes(30))
  // 60 for power, 6 of which are for the energies too; two a year early or late.
  #expect((60...63).contains(rig.line.count("SKSENDTO") - before))
  let isAsked = rig.session.poll(meter: 0, now: rig.now)
  let isOtherAsked = rig.session.poll(meter: 1, now: rig.now)
  #expect(isAsked && !isOtherAsked)
}

@Test(arguments: RouteBFault.allCases.filter { $0.strikesSending || $0 == .inputError })
private func everySingleFaultPasses(_ fault: RouteBFault) {
  for place in 0..<5 {
    var rig = SKSTACKRig.warm()
    #expect(rig.run(atMost: .minutes(1)) { $0.line.count("SKSENDTO") > place })
    rig.line.order(fault.rawValue)
    rig.run(.minutes(8))
    #expect(rig.values["power"] == "500" && rig.values["energy_import"] == "1234.5", "\(fault) at \(place)")
    #expect(rig.troubles == [], "\(fault) at \(place)")
    #expect(Set(rig.frames).count == rig.frames.count || fault != .duplicated)
  }
}

@Test func aTruncatedAnswerIsKeptAndAskedForAgain() {
  var rig = SKSTACKRig.reading()
  rig.line.order("truncated")
  rig.run(.minutes(2))
  #expect(rig.rejected.count == 1)
  #expect(rig.rejected.first?.starts(with: [0x10, 0x81]) == true)
}

@Test func aMeterThatIsOverloadedIsAskedOneByOne() {
  let line = RouteBLine(.still)
  line.simulation.meter.properties[0xD3] = [0, 0, 0, 30]
  var rig = SKSTACKRig.warm(line)
  // Everything of the first requests is refused; that is no proof that the meter has no coefficient.
  line.order("sna 6")
  rig.run(.minutes(12))
  #expect(rig.values["energy_import"] == "37035.0")
  #expect(rig.values["power"] == "500")
}

@Test func aMeterWithoutCoefficientAndExport() {
  let line = RouteBLine(.still)
  for code: UInt8 in [0xD3, 0xE3] { line.simulation.meter.properties[code] = [] }
  line.simulation.meter.properties[0x9F] = [11, 0x80, 0x82, 0x88, 0x8A, 0x8D, 0x9F, 0xD7, 0xE0, 0xE1, 0xE7, 0xE8]
  line.simulation.meter.properties[0xE7] = [0xFF, 0xFF, 0xFE, 0x0C]
  var rig = SKSTACKRig.warm(line)
  rig.run(.minutes(1))
  #expect(rig.values["energy_import"] == "1234.5")
  #expect(rig.values["energy_export"] == nil)
  #expect(rig.values["power"] == "-500")
}

@Test func notificationsAreReadAtAnyMomentAndConfirmedWhenAskedFor() {
  var rig = SKSTACKRig.reading()
  rig.line.announce(.confirmedNotification, transaction: 0x0D0A)
  rig.line.announce(.confirmedNotification, transaction: 0x0D0A, after: 3000)
  rig.run(.seconds(20))
  let confirmation = ECHONETFrame.toMeter(.confirmation, transaction: 0x0D0A, properties: [0xEA, 0xEB])
  #expect(rig.sent.count { $0.bytes == rig.line.sending(confirmation) } == 2)
  #expect(rig.line.simulation.counters.confirmations == 2)
  #expect(rig.values["energy_import_scheduled"] == "1234.5")
  #expect(rig.frames.count { $0[10] == 0x74 } == 1)
  rig.line.announce(.notification, transaction: 5)
  rig.run(.seconds(20))
  #expect(rig.line.simulation.counters.confirmations == 2)
  #expect(rig.frames.count { $0[10] == 0x73 } == 1)
}

@Test func aNotificationWaitsUntilItsUnitIsKnown() {
  var rig = SKSTACKRig.warm()
  #expect(rig.run(atMost: .minutes(1)) { $0.session.phase == .running })
  rig.line.announce(.notification, transaction: 5)
  rig.run(.seconds(1))
  #expect(rig.frames == [])
  rig.run(.seconds(30))
  #expect(rig.values["energy_import_scheduled"] == "1234.5")
}

@Test func nothingIsSentUnderTheLimitOfAirTime() {
  var rig = SKSTACKRig.reading()
  rig.line.order("airtime-limit")
  rig.run(.seconds(1))
  let before = rig.sent.count
  rig.run(.minutes(40))
  #expect(rig.sent.count == before)
  rig.line.order("airtime-limit off")
  rig.run(.seconds(30))
  #expect(rig.line.count("SKSENDTO") > 0 && rig.sent.count > before)
  #expect(rig.line.count("SKJOIN") == 1)
  #expect(rig.limits == [false, true, false])
}

@Test func aRequestThatTheLimitInterruptsIsNotRepeatedAtOnceAndItsAnswerCounts() {
  for isAnswered in [false, true] {
    var rig = SKSTACKRig.reading()
    let (before, frames) = (rig.line.count("SKSENDTO"), rig.frames.count)
    if !isAnswered { rig.line.order("answer-dropped") }
    #expect(rig.run(atMost: .minutes(1)) { $0.line.count("SKSENDTO") > before })
    let asked = rig.now
    rig.line.order("airtime-limit")
    rig.line.order("airtime-limit off")
    rig.run(.seconds(2))
    #expect(rig.limits == [false, true, false])
    #expect(rig.line.count("SKSENDTO") == before + 1 && rig.frames.count == frames + (isAnswered ? 1 : 0))
    // What nobody has answered is asked again as soon as the meter has had its time.
    rig.run(1000)
    #expect(rig.line.count("SKSENDTO") == before + (isAnswered ? 1 : 2))
    #expect(isAnswered || rig.sent.last.map { $0.at >= asked + SKSTACKPolls.spacing } == true)
  }
}

@Test func theEndOfTheLimitMayBeMissed() {
  var rig = SKSTACKRig.reading()
  rig.line.simulation.event("32", at: rig.line.moment)
  rig.run(.minutes(69))
  let before = rig.frames.count
  rig.run(.minutes(5))
  #expect(rig.frames.count > before)
}

@Test func aModuleRenewsItsSessionByItself() {
  var settings = DongleSettings.still
  settings.lifetime = .minutes(10)
  var rig = SKSTACKRig.warm(RouteBLine(settings))
  rig.run(.minutes(120))
  #expect(rig.line.count("SKJOIN") == 1)
  #expect(rig.longestGap < .seconds(45))
}

@Test func aSessionThatIsNotRenewedIsJoinedAgain() {
  var rig = SKSTACKRig.reading()
  rig.line.order("reauth-silent")
  rig.line.order("reauth")
  rig.run(.seconds(59))
  #expect(rig.line.count("SKJOIN") == 1)
  rig.run(.minutes(1))
  #expect(rig.line.count("SKJOIN") == 2)
  #expect(rig.troubles == ["session_expired"])
}

@Test func aMeterThatHangsUpIsJoinedAgainWithoutAScan() {
  var rig = SKSTACKRig.warm()
  for _ in 0..<5 {
    rig.run(.minutes(2))
    rig.line.order("hang-up")
  }
  rig.run(.minutes(2))
  #expect(rig.line.count("SKSCAN") == 0)
  #expect(rig.line.count("SKJOIN") == 6)
  #expect(rig.troubles == Array(repeating: "session_closed", count: 5))
  #expect(rig.longestGap < .minutes(1))
}

@Test func aDongleThatLostItsPowerIsToldEverythingAgain() {
  var rig = SKSTACKRig.reading()
  rig.line.order("power-cycle")
  rig.run(.minutes(4))
  #expect(rig.longestGap < .minutes(2))
  #expect(rig.line.count("SKSETPWD") == 2)
}

@Test(arguments: [1, 5, 60, 200, 500])
private func aProgramKilledInTheMiddleOfASendComesBack(_ missing: Int) {
  let line = RouteBLine(.still)
  line.receive(Array(line.sending(Array(repeating: 0x20, count: missing + 3)).dropLast(missing)), now: line.now)
  var rig = SKSTACKRig.warm(line)
  #expect(rig.run(atMost: .minutes(1)) { $0.values["power"] != nil })
}

@Test func aSilentPortIsOpenedAnewEverMoreSlowly() {
  let line = RouteBLine(.still)
  line.order("no-power")
  var rig = SKSTACKRig(line)
  rig.run(.minutes(60))
  #expect(Set(rig.troubles) == ["no_dongle"])
  #expect((8...40).contains(rig.reopens))
  line.order("no-power off")
  #expect(rig.run(atMost: .minutes(15)) { $0.values["power"] != nil })
}

@Test func aModuleOfTheOtherKindIsNamed() {
  var settings = DongleSettings.still
  settings.model = .j11
  var rig = SKSTACKRig(RouteBLine(settings))
  rig.run(.seconds(30))
  #expect(rig.troubles.first == "unsupported_dongle")
  #expect(SKSTACKTrouble.unsupportedDongle.description.contains("J11"))
}

@Test func aWrongPasswordIsNamedWhereReceptionIsGood() {
  var rig = SKSTACKRig(password: Secret("WRONGWRONG12"))
  rig.run(.minutes(30))
  let last = rig.outputs.last { if case .news(.trouble) = $0.output { true } else { false } }
  #expect(last?.output == .news(.trouble(meter: 0, .wrongCredentials(SKSTACKDatagram.signalStrength(0xC0)))))
  #expect(!rig.told.tells("WRONGWRONG12"))
}

@Test func withoutABeaconWeLookForEver() {
  let line = RouteBLine(.still)
  line.order("out-of-reach")
  var rig = SKSTACKRig(line)
  rig.run(.minutes(120))
  #expect(rig.troubles.contains("no_beacon"))
  let commands = rig.sent.map { String(decoding: $0.bytes, as: UTF8.self) }
  let durations = commands.filter { $0.hasPrefix("SKSCAN") }.map { $0.split(separator: " ")[3] }
  #expect(durations.prefix(6) == ["4", "5", "6", "7", "8", "8"])
  line.order("out-of-reach off")
  #expect(rig.run(atMost: .minutes(15)) { $0.values["power"] != nil })
}

@Test func aSilentJoinIsGivenUp() {
  let line = RouteBLine(.still)
  line.order("join-silent")
  var rig = SKSTACKRig.warm(line)
  rig.run(.minutes(1))
  line.order("join-silent off")
  #expect(rig.run(atMost: .minutes(1)) { $0.values["power"] != nil })
  #expect(rig.troubles == ["join_timeout"])
}

@Test func aWeakSignalIsNamedOnce() {
  var settings = DongleSettings.still
  settings.linkQuality = 0x30
  var rig = SKSTACKRig(RouteBLine(settings))
  rig.run(.minutes(5))
  #expect(rig.weakness == [true])
}

@Test func unprotectedDatagramsAreNotBelieved() {
  var rig = SKSTACKRig.reading()
  let forged: [UInt8] = [0x10, 0x81, 0, 1, 2, 0x88, 1, 5, 0xFF, 1, 0x73, 1, 0xE7, 4, 0, 0, 0xFF, 0xFF]
  rig.line.simulation.datagram(forged, isProtected: false, at: rig.line.moment)
  rig.run(.seconds(1))
  #expect(rig.values["power"] == "500")
  #expect(rig.rejected == [forged])
}

@Test func partsOfSecretsAreNeverHandedOn() {
  var rig = SKSTACKRig.warm()
  rig.run(.minutes(1))
  let line = rig.line
  let (id, password) = (RouteBLine.credentials.identifier.reveal, RouteBLine.credentials.password.reveal)
  for start in 0..<20 {
    line.write("D \(id.dropFirst(start))")
    line.write("\(password.dropLast(start % 5)) x")
    line.write("x\(Hexadecimal.text("SM\(id)".utf8).dropFirst(start))")
  }
  // Half of the authentication of modules, then silence.
  let addresses = "\(line.simulation.meterAddress) \(line.simulation.ownAddress)"
  line.write("ERXUDP \(addresses) 02CC 02CC 0011223344556677 0 0 0022 SM\(id)", end: "")
  rig.run(.seconds(10))
  #expect(rig.rejected.count >= 60)
  #expect(!rig.told.tells(RouteBLine.credentials))
  #expect(!"\(rig.session)".tells(id))
  var dumped = ""
  dump(rig.session, to: &dumped)
  #expect(!dumped.tells(RouteBLine.credentials))
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
  var rig = SKSTACKRig.reading()
  let meter = rig.line.simulation.meterAddress
  let text = "EVENT 27 \(meter) 0\r\nEVENT 02 \(meter) 0\r\n"
  rig.session.received(LineInput(bytes: Array(text.utf8), damaged: [7]), now: rig.now)
  rig.carryOut()
  #expect(rig.troubles == [])
  #expect(rig.rejected.count == 1)
  rig.run(.minutes(2))
  #expect(rig.line.count("SKJOIN") == 1)
}

@Test func refusalsUnderTheLimitOfAirTimeSayNothingAboutTheNetwork() {
  var rig = SKSTACKRig.reading()
  for _ in 0..<4 {
    let joins = rig.line.count("SKJOIN")
    rig.line.order("hang-up")
    #expect(rig.run(atMost: .minutes(1)) { $0.line.count("SKJOIN") > joins })
    rig.line.order("airtime-limit")
    rig.run(.minutes(2))
    rig.line.order("airtime-limit off")
    let before = rig.lastPower
    #expect(rig.run(atMost: .minutes(5)) { $0.lastPower != before })
  }
  #expect(rig.networks == [])
  #expect(rig.line.count("SKSCAN") == 0)
}

@Test func aJoinCountsEvenWhereItsAnswerIsLost() {
  // Four times as fast: the meter has let us in before the answer to the command is given up.
  var rig = SKSTACKRig.warm(RouteBLine(.still, speed: 4))
  #expect(rig.run(atMost: .minutes(1)) { $0.line.count("SKLL64") == 1 })
  rig.line.lost = Array("OK\r\n".utf8)
  #expect(rig.run(atMost: .seconds(20)) { $0.values["power"] != nil })
  #expect(rig.troubles == [])
}

@Test func aSessionThatMayBeThereIsEnded() {
  var rig = SKSTACKRig.warm()
  rig.run(300)
  rig.session.leave(now: rig.now)
  rig.carryOut()
  #expect(rig.session.hasLeft && rig.line.count("SKTERM") == 0)

  var joined = SKSTACKRig.reading()
  joined.line.order("sending-failed 5")
  #expect(joined.run(atMost: .minutes(3)) { $0.troubles.contains("sending_failed") })
  joined.session.leave(now: joined.now)
  joined.carryOut()
  #expect(joined.line.count("SKTERM") == 1)
  joined.run(.seconds(1))
  #expect(joined.session.hasLeft)
}
