import Decoders
import Testing

@testable import MeterBridge

private struct Dialect: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var options: @Sendable () -> SKSTACKFakeDongle.Options

  init(_ name: String, _ change: @escaping @Sendable (inout SKSTACKFakeDongle.Options) -> Void) {
    testDescription = name
    options = {
      var options = SKSTACKFakeDongle.Options()
      change(&options)
      return options
    }
  }
}

private let dialects = [
  Dialect("BP35C2, text") { _ in },
  Dialect("BP35C2, binary") { $0.writesBinary = true },
  Dialect("BP35A1, text") { $0.isSided = false },
  Dialect("BP35A1, binary, a byte at a time") { options in
    options.isSided = false
    options.writesBinary = true
    options.piece = 1
  },
  Dialect("RL7023 DSS, no ROPT") { $0.hasDataForm = false },
  Dialect("no echo") { $0.hasEcho = false },
  Dialect("BP35C2 that looks like a BP35A1") { $0.hidesDialect = true },
  Dialect("BP35A1 that looks like a BP35C2") { options in
    options.isSided = false
    options.hidesDialect = true
  },
  Dialect("beacon only in a long scan") { $0.minimumDuration = 7 },
]

@Test(arguments: dialects)
private func aColdStartFindsTheMeterAndReadsIt(_ dialect: Dialect) throws {
  let dongle = SKSTACKFakeDongle()
  dongle.options = dialect.options()
  var rig = SKSTACKRig(dongle)
  #expect(rig.run(atMost: .minutes(3)) { $0.values["energy_import"] != nil && $0.values["power"] != nil })
  #expect(rig.values["power"] == "500")
  #expect(rig.values["current_r"] == "5.0")
  #expect(rig.values["current_t"] == nil)
  #expect(rig.values["energy_import"] == "1234.5")
  #expect(rig.values["energy_export"] == "0.7")
  #expect(rig.networks == [dongle.network])
  #expect(dongle.count("WOPT") == 0)
  #expect(rig.rejected == [])
  #expect(!rig.told.tells(SKSTACKFakeDongle.identifier) && !rig.told.tells(SKSTACKFakeDongle.password))
  rig.run(.minutes(10))
  #expect(dongle.count("SKJOIN") == 1)
  rig.session.leave(now: rig.now)
  rig.carryOut()
  #expect(!rig.session.hasLeft)
  #expect(rig.run(atMost: .seconds(10)) { $0.session.hasLeft })
  #expect(dongle.count("SKTERM") == 1)
}

@Test func aWarmStartNeitherScansNorForgets() {
  let dongle = SKSTACKFakeDongle()
  var rig = SKSTACKRig(dongle, network: dongle.network)
  #expect(rig.run(atMost: .seconds(30)) { $0.values["power"] != nil })
  #expect(dongle.count("SKSCAN") == 0)
  #expect(rig.networks == [])
}

@Test func aMeterThatMovedIsFoundAgain() {
  let dongle = SKSTACKFakeDongle()
  let old = SKSTACKNetwork(channel: 0x21, pan: 1, address: dongle.network.address)
  var rig = SKSTACKRig(dongle, network: old)
  #expect(rig.run(atMost: .minutes(5)) { $0.values["power"] != nil })
  // Wrong twice: forgotten, and then the new one is kept.
  #expect(rig.networks == [nil, dongle.network])
}

@Test func pollsKeepTheirIntervals() {
  let dongle = SKSTACKFakeDongle()
  var rig = SKSTACKRig(dongle, network: dongle.network)
  #expect(rig.run(atMost: .minutes(1)) { $0.values["power"] != nil })
  let before = dongle.count("SKSENDTO")
  rig.run(.minutes(30))
  // 60 for power, 6 of which are for the energies too; two a year early or late.
  #expect((60...63).contains(dongle.count("SKSENDTO") - before))
  let isAsked = rig.session.poll(meter: 0, now: rig.now)
  let isOtherAsked = rig.session.poll(meter: 1, now: rig.now)
  #expect(isAsked && !isOtherAsked)
}

@Test(arguments: SKSTACKFakeDongle.Fault.allCases)
private func everySingleFaultPasses(_ fault: SKSTACKFakeDongle.Fault) {
  for place in 0..<5 {
    let dongle = SKSTACKFakeDongle()
    var rig = SKSTACKRig(dongle, network: dongle.network)
    #expect(rig.run(atMost: .minutes(1)) { $0.dongle.count("SKSENDTO") > place })
    dongle.faults = [fault]
    rig.run(.minutes(8))
    #expect(rig.values["power"] == "500" && rig.values["energy_import"] == "1234.5", "\(fault) at \(place)")
    #expect(rig.troubles == [], "\(fault) at \(place)")
    #expect(Set(rig.frames).count == rig.frames.count || fault != .duplicated)
  }
}

@Test func aTruncatedAnswerIsKeptAndAskedForAgain() {
  let dongle = SKSTACKFakeDongle()
  var rig = SKSTACKRig(dongle, network: dongle.network)
  #expect(rig.run(atMost: .minutes(1)) { $0.values["power"] != nil })
  dongle.faults = [.truncated]
  rig.run(.minutes(2))
  #expect(rig.rejected.count == 1)
  #expect(rig.rejected.first?.starts(with: [0x10, 0x81]) == true)
}

@Test func aMeterThatIsOverloadedIsAskedOneByOne() {
  let dongle = SKSTACKFakeDongle()
  dongle.properties[0xD3] = [0, 0, 0, 30]
  var rig = SKSTACKRig(dongle, network: dongle.network)
  // Everything of the first requests is refused; that is no proof that the meter has no coefficient.
  dongle.faults = Array(repeating: .empty, count: 6)
  rig.run(.minutes(12))
  #expect(rig.values["energy_import"] == "37035.0")
  #expect(rig.values["power"] == "500")
}

@Test func aMeterWithoutCoefficientAndExport() {
  let dongle = SKSTACKFakeDongle()
  for code: UInt8 in [0xD3, 0xE3] { dongle.properties[code] = nil }
  dongle.properties[0x9F] = [11, 0x80, 0x82, 0x88, 0x8A, 0x8D, 0x9F, 0xD7, 0xE0, 0xE1, 0xE7, 0xE8]
  dongle.properties[0xE7] = [0xFF, 0xFF, 0xFE, 0x0C]
  var rig = SKSTACKRig(dongle, network: dongle.network)
  rig.run(.minutes(1))
  #expect(rig.values["energy_import"] == "1234.5")
  #expect(rig.values["energy_export"] == nil)
  #expect(rig.values["power"] == "-500")
}

@Test func notificationsAreReadAtAnyMomentAndConfirmedWhenAskedFor() {
  let dongle = SKSTACKFakeDongle()
  var rig = SKSTACKRig(dongle, network: dongle.network)
  #expect(rig.run(atMost: .minutes(1)) { $0.values["power"] != nil })
  dongle.notify(.confirmedNotification, transaction: 0x0D0A, now: rig.now)
  dongle.notify(.confirmedNotification, transaction: 0x0D0A, now: rig.now, after: 3000)
  rig.run(.seconds(20))
  #expect(dongle.confirmations == [0x0D0A, 0x0D0A])
  #expect(rig.values["energy_import_scheduled"] == "1234.5")
  #expect(rig.frames.count { $0[10] == 0x74 } == 1)
  dongle.notify(.notification, transaction: 5, now: rig.now)
  rig.run(.seconds(20))
  #expect(dongle.confirmations.count == 2)
  #expect(rig.frames.count { $0[10] == 0x73 } == 1)
}

@Test func aNotificationWaitsUntilItsUnitIsKnown() {
  let dongle = SKSTACKFakeDongle()
  var rig = SKSTACKRig(dongle, network: dongle.network)
  #expect(rig.run(atMost: .minutes(1)) { $0.session.phase == .running })
  dongle.notify(.notification, transaction: 5, now: rig.now)
  rig.run(.seconds(1))
  #expect(rig.frames == [])
  rig.run(.seconds(30))
  #expect(rig.values["energy_import_scheduled"] == "1234.5")
}

@Test func nothingIsSentUnderTheLimitOfAirTime() {
  let dongle = SKSTACKFakeDongle()
  var rig = SKSTACKRig(dongle, network: dongle.network)
  #expect(rig.run(atMost: .minutes(1)) { $0.values["power"] != nil })
  dongle.isLimited = true
  dongle.event("32", now: rig.now)
  rig.run(.seconds(1))
  let before = dongle.commands.count
  rig.run(.minutes(40))
  #expect(dongle.commands.count == before)
  dongle.isLimited = false
  dongle.event("33", now: rig.now)
  rig.run(.seconds(30))
  #expect(dongle.count("SKSENDTO") > 0 && dongle.commands.count > before)
  #expect(dongle.count("SKJOIN") == 1)
  #expect(rig.limits == [false, true, false])
}

@Test func theEndOfTheLimitMayBeMissed() {
  let dongle = SKSTACKFakeDongle()
  var rig = SKSTACKRig(dongle, network: dongle.network)
  #expect(rig.run(atMost: .minutes(1)) { $0.values["power"] != nil })
  dongle.event("32", now: rig.now)
  rig.run(.minutes(69))
  let before = rig.frames.count
  rig.run(.minutes(5))
  #expect(rig.frames.count > before)
}

@Test func aModuleRenewsItsSessionByItself() {
  let dongle = SKSTACKFakeDongle()
  dongle.options.lifetime = .minutes(10)
  var rig = SKSTACKRig(dongle, network: dongle.network)
  rig.run(.minutes(120))
  #expect(dongle.count("SKJOIN") == 1)
  #expect(rig.longestGap < .seconds(45))
}

@Test func aSessionThatIsNotRenewedIsJoinedAgain() {
  let dongle = SKSTACKFakeDongle()
  var rig = SKSTACKRig(dongle, network: dongle.network)
  #expect(rig.run(atMost: .minutes(1)) { $0.values["power"] != nil })
  dongle.event("29", now: rig.now)
  rig.run(.seconds(59))
  #expect(dongle.count("SKJOIN") == 1)
  rig.run(.minutes(1))
  #expect(dongle.count("SKJOIN") == 2)
  #expect(rig.troubles == ["session_expired"])
}

@Test func aMeterThatHangsUpIsJoinedAgainWithoutAScan() {
  let dongle = SKSTACKFakeDongle()
  var rig = SKSTACKRig(dongle, network: dongle.network)
  for _ in 0..<5 {
    rig.run(.minutes(2))
    dongle.hangUp(now: rig.now)
  }
  rig.run(.minutes(2))
  #expect(dongle.count("SKSCAN") == 0)
  #expect(dongle.count("SKJOIN") == 6)
  #expect(rig.troubles == Array(repeating: "session_closed", count: 5))
  #expect(rig.longestGap < .minutes(1))
}

@Test func aDongleThatLostItsPowerIsToldEverythingAgain() {
  let dongle = SKSTACKFakeDongle()
  var rig = SKSTACKRig(dongle, network: dongle.network)
  #expect(rig.run(atMost: .minutes(1)) { $0.values["power"] != nil })
  dongle.cyclePower()
  rig.run(.minutes(4))
  #expect(rig.longestGap < .minutes(2))
  #expect(dongle.count("SKSETPWD") == 2)
}

@Test(arguments: [1, 5, 60, 200, 500])
private func aProgramKilledInTheMiddleOfASendComesBack(_ missing: Int) {
  let dongle = SKSTACKFakeDongle()
  dongle.receive(
    Array("SKSENDTO 1 \(SKSTACKFakeDongle.meter) 0E1A 1 0 \(dongle.hex(UInt16(missing + 3))) abc".utf8),
    now: Instant(milliseconds: 0))
  var rig = SKSTACKRig(dongle, network: dongle.network)
  #expect(rig.run(atMost: .minutes(1)) { $0.values["power"] != nil })
}

@Test func aSilentPortIsOpenedAnewEverMoreSlowly() {
  let dongle = SKSTACKFakeDongle()
  dongle.isPowered = false
  var rig = SKSTACKRig(dongle)
  rig.run(.minutes(60))
  #expect(Set(rig.troubles) == ["no_dongle"])
  #expect((8...40).contains(rig.reopens))
  dongle.isPowered = true
  #expect(rig.run(atMost: .minutes(15)) { $0.values["power"] != nil })
}

@Test func aModuleOfTheOtherKindIsNamed() {
  let dongle = SKSTACKFakeDongle()
  dongle.options.isForeign = true
  var rig = SKSTACKRig(dongle)
  rig.run(.seconds(30))
  #expect(rig.troubles.first == "unsupported_dongle")
  #expect(SKSTACKTrouble.unsupportedDongle.description.contains("J11"))
}

@Test func aWrongPasswordIsNamedWhereReceptionIsGood() {
  let dongle = SKSTACKFakeDongle()
  var rig = SKSTACKRig(dongle, password: "WRONGWRONG12")
  rig.run(.minutes(30))
  let last = rig.outputs.last { if case .news(.trouble) = $0.output { true } else { false } }
  #expect(last?.output == .news(.trouble(meter: 0, .wrongCredentials(SKSTACKDatagram.signalStrength(0xC0)))))
  #expect(!rig.told.tells("WRONGWRONG12"))
}

@Test func withoutABeaconWeLookForEver() {
  let dongle = SKSTACKFakeDongle()
  dongle.isReachable = false
  var rig = SKSTACKRig(dongle)
  rig.run(.minutes(120))
  #expect(rig.troubles.contains("no_beacon"))
  let durations = dongle.commands.filter { $0.hasPrefix("SKSCAN") }.map { $0.split(separator: " ")[3] }
  #expect(durations.prefix(6) == ["4", "5", "6", "7", "8", "8"])
  dongle.isReachable = true
  #expect(rig.run(atMost: .minutes(15)) { $0.values["power"] != nil })
}

@Test func aSilentJoinIsGivenUp() {
  let dongle = SKSTACKFakeDongle()
  dongle.joinIsSilent = true
  var rig = SKSTACKRig(dongle, network: dongle.network)
  rig.run(.minutes(1))
  dongle.joinIsSilent = false
  #expect(rig.run(atMost: .minutes(1)) { $0.values["power"] != nil })
  #expect(rig.troubles == ["join_timeout"])
}

@Test func aWeakSignalIsNamedOnce() {
  let dongle = SKSTACKFakeDongle()
  dongle.linkQuality = 0x30
  var rig = SKSTACKRig(dongle)
  rig.run(.minutes(5))
  #expect(rig.weakness == [true])
}

@Test func unprotectedDatagramsAreNotBelieved() {
  let dongle = SKSTACKFakeDongle()
  var rig = SKSTACKRig(dongle, network: dongle.network)
  #expect(rig.run(atMost: .minutes(1)) { $0.values["power"] != nil })
  let forged: [UInt8] = [0x10, 0x81, 0, 1, 2, 0x88, 1, 5, 0xFF, 1, 0x73, 1, 0xE7, 4, 0, 0, 0xFF, 0xFF]
  dongle.datagram(forged, isProtected: false, now: rig.now)
  rig.run(.seconds(1))
  #expect(rig.values["power"] == "500")
  #expect(rig.rejected == [forged])
}

@Test func partsOfSecretsAreNeverHandedOn() {
  let dongle = SKSTACKFakeDongle()
  var rig = SKSTACKRig(dongle, network: dongle.network)
  rig.run(.minutes(1))
  let id = SKSTACKFakeDongle.identifier
  for start in 0..<20 {
    dongle.emit("D \(id.dropFirst(start))", now: rig.now)
    dongle.emit("\(SKSTACKFakeDongle.password.dropLast(start % 5)) x", now: rig.now)
    dongle.emit("x\(Hexadecimal.text("SM\(id)".utf8).dropFirst(start))", now: rig.now)
  }
  // Half of the authentication of modules, then silence.
  let head = "ERXUDP \(SKSTACKFakeDongle.meter) \(SKSTACKFakeDongle.own) 02CC 02CC 0011223344556677 0 0 0022 "
  dongle.emit(raw: Array("\(head)SM\(id)".utf8), now: rig.now)
  rig.run(.seconds(10))
  #expect(rig.rejected.count >= 60)
  #expect(!rig.told.tells(id) && !rig.told.tells(SKSTACKFakeDongle.password))
  #expect(!"\(rig.session)".tells(id))
  var dumped = ""
  dump(rig.session, to: &dumped)
  #expect(!dumped.tells(id) && !dumped.tells(SKSTACKFakeDongle.password))
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
  let dongle = SKSTACKFakeDongle()
  var rig = SKSTACKRig(dongle, network: dongle.network)
  #expect(rig.run(atMost: .minutes(1)) { $0.values["power"] != nil })
  let text = "EVENT 27 \(SKSTACKFakeDongle.meter) 0\r\nEVENT 02 \(SKSTACKFakeDongle.meter) 0\r\n"
  rig.session.received(LineInput(bytes: Array(text.utf8), damaged: [7]), now: rig.now)
  rig.carryOut()
  #expect(rig.troubles == [])
  #expect(rig.rejected.count == 1)
  rig.run(.minutes(2))
  #expect(dongle.count("SKJOIN") == 1)
}

@Test func refusalsUnderTheLimitOfAirTimeSayNothingAboutTheNetwork() {
  let dongle = SKSTACKFakeDongle()
  var rig = SKSTACKRig(dongle, network: dongle.network)
  #expect(rig.run(atMost: .minutes(1)) { $0.values["power"] != nil })
  for _ in 0..<4 {
    dongle.isLimited = true
    dongle.hangUp(now: rig.now)
    #expect(rig.run(atMost: .minutes(1)) { $0.dongle.commands.last?.hasPrefix("SKJOIN") == true })
    dongle.event("32", now: rig.now)
    rig.run(.minutes(2))
    dongle.isLimited = false
    dongle.event("33", now: rig.now)
    let before = rig.lastPower
    #expect(rig.run(atMost: .minutes(5)) { $0.lastPower != before })
  }
  #expect(rig.networks == [])
  #expect(dongle.count("SKSCAN") == 0)
}

@Test func aJoinCountsEvenWhereItsAnswerIsLost() {
  let dongle = SKSTACKFakeDongle()
  var rig = SKSTACKRig(dongle, network: dongle.network)
  #expect(rig.run(atMost: .minutes(1)) { $0.dongle.count("SKLL64") == 1 })
  dongle.losesAnswerOfJoin = true
  #expect(rig.run(atMost: .seconds(20)) { $0.values["power"] != nil })
  #expect(rig.troubles == [])
}

@Test func aSessionThatMayBeThereIsEnded() {
  let dongle = SKSTACKFakeDongle()
  var rig = SKSTACKRig(dongle, network: dongle.network)
  rig.run(300)
  rig.session.leave(now: rig.now)
  rig.carryOut()
  #expect(rig.session.hasLeft && dongle.count("SKTERM") == 0)

  let other = SKSTACKFakeDongle()
  var joined = SKSTACKRig(other, network: other.network)
  #expect(joined.run(atMost: .minutes(1)) { $0.values["power"] != nil })
  other.isReachable = false
  #expect(joined.run(atMost: .minutes(3)) { $0.troubles.contains("sending_failed") })
  joined.session.leave(now: joined.now)
  joined.carryOut()
  #expect(other.count("SKTERM") == 1)
  joined.run(.seconds(1))
  #expect(joined.session.hasLeft)
}
