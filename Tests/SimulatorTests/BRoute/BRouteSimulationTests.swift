import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import Simulator

private func settings(_ words: String...) -> DongleSettings {
  var settings = DongleSettings()
  for word in words {
    let parts = word.split(separator: "=").map(String.init)
    #expect(DongleSetting.take(parts[0], parts[1], &settings), "\(word)")
  }
  return settings
}

private let own = "FE80:0000:0000:0000:0200:5EFF:FE00:5302"
private let meter = "FE80:0000:0000:0000:0200:5EFF:FE00:5301"

@Suite struct BRouteSimulationTests {
  // MARK: Commands

  struct Answer: Sendable, CustomTestStringConvertible {
    var model: String
    var command: String
    var answer: String
    var testDescription: String { "\(model): \(command)" }

    init(_ model: String, _ command: String, _ answer: String) {
      (self.model, self.command, self.answer) = (model, command, answer)
    }
  }

  @Test(
    "each model answers commands in its own way",
    arguments: [
      Answer("bp35c2", "SKVER", "SKVER|EVER 1.5.2|OK|"),
      Answer("bp35a1", "SKVER", "SKVER|EVER 1.2.10|OK|"),
      Answer("bp35c2", "SKINFO", "SKINFO|EINFO \(own) 00005EFFFE005302 21 FFFF 0|OK|"),
      Answer("bp35a1", "SKINFO", "SKINFO|EINFO \(own) 00005EFFFE005302 21 FFFF FFFE|OK|"),
      // These lines end without LF.
      Answer("bp35c2", "ROPT", "ROPT|OK 01/"),
      Answer("bp35c2", "WOPT 00", "WOPT 00|OK/"),
      Answer("rl7023-dss", "ROPT", "ROPT|FAIL ER04|"),
      Answer("rl7023-dss", "WOPT 01", "WOPT 01|FAIL ER04|"),
      Answer("rl7023-dss", "SKAPPVER", "SKAPPVER|FAIL ER04|"),
      // No OK.
      Answer("bp35c2", "SKLL64 C0F945004058B5FB", "SKLL64 C0F945004058B5FB|FE80:0000:0000:0000:C2F9:4500:4058:B5FB|"),
      Answer("bp35c2", "SKSCAN 2 FFFFFFFF 4", "SKSCAN 2 FFFFFFFF 4|FAIL ER05|"),
      Answer("bp35a1", "SKSCAN 2 FFFFFFFF 4 0", "SKSCAN 2 FFFFFFFF 4 0|FAIL ER05|"),
      Answer("bp35c2", "SKSETPWD C SHORT", "SKSETPWD C SHORT|FAIL ER06|"),
      Answer("bp35c2", "SKSETRBID 1234", "SKSETRBID 1234|FAIL ER06|"),
      Answer("bp35c2", "SKJOIN fe80::1", "SKJOIN fe80::1|FAIL ER06|"),
      Answer("bp35c2", "SKREJOIN", "SKREJOIN|FAIL ER10|"),
      Answer("bp35c2", "SKTERM", "SKTERM|FAIL ER10|"),
      Answer("bp35c2", "SKNOSUCH", "SKNOSUCH|FAIL ER04|"),
      Answer("bp35c2", "SKSREG S02", "SKSREG S02|ESREG 21|OK|"),
      Answer("bp35c2", "SKSREG S2 123", "SKSREG S2 123|FAIL ER06|"),
      Answer("bp35a1", "SKSREG SA2 1", "SKSREG SA2 1|FAIL ER06|"),
      Answer("bp35c2", "", ""),
    ]) func answersOfModels(_ answer: Answer)
  {
    let dongle = SimulatedDongle(settings("model=\(answer.model)"))
    #expect(dongle.say(answer.command) == answer.answer)
  }

  @Test("the echo can be switched off") func echo() {
    let dongle = SimulatedDongle()
    #expect(dongle.say("SKSREG SFE 0") == "SKSREG SFE 0|OK|")
    #expect(dongle.say("SKVER") == "EVER 1.5.2|OK|")
    #expect(dongle.say("SKRESET") == "OK|")
    #expect(dongle.say("SKVER") == "SKVER|EVER 1.5.2|OK|")
    #expect(SimulatedDongle(settings("echo=off")).say("SKVER") == "EVER 1.5.2|OK|")
  }

  @Test("flash memory survives a power cycle, and writes are counted") func flashMemory() {
    let dongle = SimulatedDongle(settings("ropt=00"))
    #expect(dongle.say("ROPT\r") == "ROPT|OK 00/")
    _ = dongle.say("WOPT 01")
    dongle.order("power-cycle")
    #expect(dongle.say("ROPT") == "ROPT|OK 01/")
    #expect(dongle.simulation.counters["WOPT"] == 1)
    #expect(dongle.simulation.counters.description.contains("ROPT 2, WOPT 1"))
  }

  @Test("an incomplete SKSENDTO takes the next commands as data", arguments: ["bp35c2", "bp35a1"]) func incompleteSend(
    model: String
  ) {
    let dongle = SimulatedDongle(settings("model=\(model)"))
    let whole = dongle.sending(Array(repeating: 0x41, count: 60))
    #expect(dongle.say(Array(whole.dropLast(50))) == "")
    #expect(dongle.say("SKVER") == "")
    #expect(dongle.say(Array(repeating: 0x0D, count: 42)) == "")
    // Now the announced bytes are there, and they were no frame.
    let side = model == "bp35a1" ? "" : "0 "
    let sent = model == "bp35a1" ? "01" : "0 01"
    #expect(
      dongle.say("\rSKVER")
        == "SKSENDTO 1 \(meter) 0E1A 1 \(side)003C |SKVER|EVER \(dongle.simulation.settings.model.version)|OK|"
        + "EVENT 21 \(meter) \(sent)|OK|")
  }

  @Test("data may hold line ends") func lineEndsInData() {
    let dongle = SimulatedDongle(settings("ropt=00"))
    #expect(dongle.join().contains("EVENT 25"))
    let heard = dongle.say(dongle.sending(SimulatedDongle.get(0x80)) + Array("\r\n".utf8), wait: .seconds(3))
    #expect(heard.hasPrefix("EVENT 21 \(meter) 0 00|OK|ERXUDP \(meter) \(own) 0E1A 0E1A 00005EFFFE005301 1 0 000F "))
  }

  @Test("the SKSENDTO of the other dialect is refused at once") func foreignDialect() {
    for (model, other) in [("bp35c2", "bp35a1"), ("bp35a1", "bp35c2")] {
      let dongle = SimulatedDongle(settings("model=\(model)", "echo=off"))
      let foreign = SimulatedDongle(settings("model=\(other)")).sending(SimulatedDongle.get(0x80))
      #expect(dongle.say(foreign) == "FAIL ER05|")
      #expect(dongle.say("SKREJOIN") == "FAIL ER10|")
    }
  }

  // MARK: Scans and joins

  @Test("only a scan that is long enough finds the meter", arguments: [4, 6, 8]) func beacon(beacon: Int) {
    let dongle = SimulatedDongle(settings("beacon=\(beacon)", "echo=off"))
    for duration in 4...8 {
      let heard = dongle.say("SKSCAN 2 FFFFFFFF \(duration) 0", wait: .seconds(80))
      #expect(heard.hasPrefix("OK|") && heard.hasSuffix("EVENT 22 \(own) 0|"))
      let beacon = "EPANDESC|  Channel:2B|  Channel Page:09|  Pan ID:4D42|  Addr:00005EFFFE005301|  LQI:C0|  Side:0|"
      #expect(heard.contains(beacon + "  PairID:C6D7E8F9|") == (duration >= dongle.simulation.settings.beacon))
    }
    #expect(dongle.simulation.counters["SKSCAN"] == 5)
  }

  @Test("a scan takes its time") func scanTime() {
    let dongle = SimulatedDongle(settings("echo=off"))
    // 28 channels of 9.6 ms × (2^4 + 1).
    #expect(!dongle.say("SKSCAN 2 FFFFFFFF 4 0", wait: .seconds(4)).contains("EVENT 22"))
    #expect(dongle.say("SKSCAN 2 FFFFFFFF 4 0", wait: 100) == "FAIL ER10|")
    #expect(dongle.hear(600).contains("EVENT 22"))
    let fast = SimulatedDongle(settings("echo=off"), speed: 100)
    #expect(fast.say("SKSCAN 2 FFFFFFFF 4 0", wait: 47).contains("EVENT 22"))
  }

  @Test("a join with the right data succeeds") func join() {
    let dongle = SimulatedDongle(settings("model=bp35a1"))
    let heard = dongle.join()
    #expect(heard.contains("|EVENT 25 \(meter)|"))
    // The authentication shows the route-B id, so a log of it would leak the id.
    #expect(heard.contains(Hexadecimal.text("SM0A1B2C3D4E5F60718293A4B5C6D7E8F9".utf8)))
    #expect(heard.contains("FF02:0000:0000:0000:0000:0000:0000:0001"))
    #expect(dongle.simulation.counters.sessions == 1)
  }

  @Test("a join with any wrong data fails") func failedJoins() {
    let joins: [(String, (SimulatedDongle) -> String)] = [
      ("password", { $0.join(password: "WRONGWRONG12") }),
      ("id", { $0.join(identifier: "FF1B2C3D4E5F60718293A4B5C6D7E8F9") }),
      ("channel", { $0.join(channel: 0x2C) }), ("PAN", { $0.join(pan: 1) }),
      ("address", { $0.join(address: own) }),
      (
        "reach",
        { dongle in
          dongle.order("out-of-reach"); return dongle.join()
        }
      ),
      (
        "limit",
        { dongle in
          dongle.order("airtime-limit"); return dongle.join()
        }
      ),
      (
        "refusal",
        { dongle in
          dongle.order("join-refused"); return dongle.join()
        }
      ),
      ("nothing known", { dongle in dongle.say("SKJOIN \(meter)", wait: .seconds(60)) }),
      (
        "moved",
        { dongle in
          let old = dongle.simulation.network
          dongle.order("move")
          return dongle.join(channel: old.channel, pan: old.pan)
        }
      ),
    ]
    for (what, join) in joins {
      let heard = join(SimulatedDongle())
      #expect(heard.contains("EVENT 24") && !heard.contains("EVENT 25"), "\(what)")
    }
    let silent = SimulatedDongle()
    silent.order("join-silent")
    #expect(silent.join() == "OK|")
    silent.order("join-silent off")
    #expect(silent.join().contains("EVENT 25"))
  }

  @Test("sending fails without a session, during the air time limit and out of reach") func failedSending() {
    let dongle = SimulatedDongle(settings("echo=off"))
    let send = dongle.sending(SimulatedDongle.get(0xE7))
    let failed = "EVENT 21 \(meter) 0 01|OK|"
    #expect(dongle.say(send, wait: .seconds(5)) == failed)
    _ = dongle.join()
    #expect(dongle.say(send, wait: .seconds(5)).contains("0E1A 0E1A"))
    dongle.order("airtime-limit")
    #expect(dongle.say(send, wait: .seconds(5)) == "EVENT 32 \(own) 0|" + failed)
    dongle.order("airtime-limit off")
    #expect(dongle.hear(.seconds(1)) == "EVENT 33 \(own) 0|")
    dongle.order("out-of-reach")
    #expect(dongle.say(send, wait: .seconds(5)) == failed)
    dongle.order("out-of-reach off")
    #expect(dongle.say("SKTERM") == "OK|EVENT 27 \(meter) 0|")
    #expect(dongle.say(send, wait: .seconds(5)) == failed)
    #expect(dongle.simulation.counters.unsent == 4 && dongle.simulation.counters["SKTERM"] == 1)
  }

  // MARK: Sessions

  @Test("a session is renewed at four fifths of its lifetime") func renewal() {
    let dongle = SimulatedDongle(settings("lifetime=1000", "announce=off"))
    _ = dongle.join(wait: .seconds(10))
    let renewals = (0..<4).map { _ in dongle.hear(.seconds(803)) }
    #expect(renewals.map { $0.contains("EVENT 25") } == [true, true, true, true])
    #expect(renewals.map { $0.contains("EVENT 29") } == [true, false, true, false])
    dongle.order("reauth-failed")
    let failed = dongle.hear(.seconds(850))
    #expect(failed.contains("EVENT 29") && failed.contains("EVENT 24"))
    #expect(dongle.hear(.seconds(5000)) == "")
    _ = dongle.join(wait: .seconds(10))
    dongle.order("reauth-silent")
    #expect(dongle.hear(.seconds(2000)) == "EVENT 29 \(own) 0|")
    #expect(dongle.simulation.counters.renewals == 4)
  }

  @Test("a meter that closes the session announces it") func hangUp() {
    let dongle = SimulatedDongle()
    _ = dongle.join()
    dongle.order("hang-up")
    #expect(dongle.hear(.seconds(1)) == "EVENT 26 \(meter) 0|EVENT 27 \(meter) 0|")
    #expect(dongle.say("SKREJOIN") == "FAIL ER10|")
  }

  // MARK: Announcements

  @Test("scheduled energies are announced at full and half hours") func announcements() throws {
    let dongle = SimulatedDongle(settings("announce=infc"))
    _ = dongle.join()
    #expect(dongle.hear(.minutes(8)) == "")
    let heard = dongle.hear(.minutes(7))
    // It repeats the announcement twice, as the program does not confirm it.
    #expect(heard.split(separator: "|").count == 3 && dongle.simulation.counters.announcements == 3)
    let data = try #require(heard.split(separator: "|").first?.split(separator: " ").last)
    let frame = try #require(Hexadecimal.bytes(data.utf8))
    let parsed = try ECHONETFrame(frame.span)
    #expect(parsed.service == .confirmedNotification && parsed.properties.map(\.code) == [0xEA, 0xEB])
    // 2026-03-14 18:30:00
    #expect(Array(frame[14..<21]) == [0x07, 0xEA, 3, 14, 18, 30, 0])
    let confirmation = ECHONETFrame.toMeter(
      .confirmation, transaction: dongle.simulation.announced, properties: [0xEA, 0xEB])
    _ = dongle.say(dongle.sending(confirmation))
    #expect(dongle.simulation.counters.confirmations == 1 && dongle.simulation.isConfirmed)
    _ = dongle.hear(.minutes(30))
    #expect(dongle.simulation.counters.announcements == 6)
  }

  /// Milliseconds of the house are fractions of real ones: nothing may happen before its time, and then again at once.
  @Test("the simulation keeps its order at every speed", arguments: [7, 20, 1000, 99_999]) func speeds(speed: Int) {
    let dongle = SimulatedDongle(settings("announce=infc"), speed: speed)
    #expect(dongle.join(wait: 6000).contains("EVENT 25"))
    let world = Milliseconds(4 * 3_600_000 / Int64(speed) + 10)
    _ = dongle.hear(world)
    #expect(dongle.simulation.counters.announcements >= 8)
  }

  // MARK: Faults

  @Test("each fault changes one answer") func faultsOfAnswers() throws {
    let dongle = SimulatedDongle(settings("echo=off"))
    _ = dongle.join()
    let send = dongle.sending(SimulatedDongle.get(0x80, 0x88))
    func heard(_ fault: BRouteFault) -> String {
      dongle.order(fault.rawValue)
      return dongle.say(send, wait: .seconds(20)).replacing(meter, with: "M").replacing(own, with: "O")
    }
    let head = "ERXUDP M O 0E1A 0E1A 00005EFFFE005301 1 0"
    let sent = "EVENT 21 M 0 00|OK|"
    let answer = "\(head) 0012 10810D0A02880105FF017202800130880142|"
    #expect(dongle.say(send, wait: .seconds(20)).replacing(meter, with: "M").replacing(own, with: "O") == sent + answer)
    #expect(heard(.answerDropped) == sent)
    #expect(heard(.answerLate) == sent + answer)
    #expect(heard(.sendingFailed) == "EVENT 21 M 0 01|OK|")
    #expect(heard(.neighbourSolicitation) == "EVENT 21 M 0 02|" + sent + answer)
    #expect(heard(.busy) == "FAIL ER10|")
    #expect(heard(.refused) == sent + "\(head) 0010 10810D0A02880105FF01520280008800|")
    #expect(heard(.partlyRefused) == sent + "\(head) 0011 10810D0A02880105FF0152028000880142|")
    #expect(heard(.wrongTransaction) == sent + "\(head) 0012 10810E0A02880105FF017202800130880142|")
    #expect(heard(.truncated) == sent + "\(head) 0011 10810D0A02880105FF0172028001308801|")
    #expect(heard(.duplicated) == sent + answer + answer)
    #expect(heard(.spliced).hasPrefix(sent + "\(head) 0012 10810D0A02880105FFERXUDP M O 0E1A "))
    #expect(heard(.lineCut) == sent + "\(head) 0012 10810D0A02880105FF")
    #expect(heard(.okLost) == "EVENT 21 M 0 00|" + answer)
    #expect(heard(.inputError) == "FAIL ER09|")
    #expect(heard(.bytesLost) == "")
    #expect(dongle.say(Array(repeating: 0x0D, count: 30), wait: .seconds(5)).contains("OK|"))
    #expect(dongle.say(send, wait: .seconds(20)).replacing(meter, with: "M").replacing(own, with: "O") == sent + answer)
  }

  @Test("faults come at their time") func timedFaults() {
    let dongle = SimulatedDongle(settings("fault=no-power@60-90", "fault=er09*2@100"))
    #expect(dongle.say("SKVER") != "")
    _ = dongle.hear(.seconds(60))
    #expect(dongle.say("SKVER") == "")
    _ = dongle.hear(.seconds(40))
    #expect((0..<3).map { _ in dongle.say("SKVER").contains("ER09") } == [true, true, false])
  }

  @Test("output comes in chunks") func chunks() {
    let dongle = SimulatedDongle(settings("chunk=3"))
    dongle.receive(Array("SKVER\r".utf8), now: dongle.now)
    var pieces: [[UInt8]] = []
    while let next = dongle.next {
      pieces += dongle.take(now: next).filter { !$0.isEmpty }; if next > Instant(milliseconds: 2000) { break }
    }
    #expect(pieces.count == 9 && pieces.allSatisfy { $0.count <= 3 })
    #expect(String(decoding: pieces.flatMap(\.self), as: UTF8.self) == "SKVER\r\nEVER 1.5.2\r\nOK\r\n")
  }

  @Test("a J11 module does not answer SKSTACK commands") func foreignModule() {
    let dongle = SimulatedDongle(settings("model=j11"))
    #expect(dongle.say("SKVER") == "")
    dongle.receive([0xD0, 0xEA, 0x83, 0xFC], now: dongle.now)
    #expect(dongle.take(now: dongle.now + .seconds(1)) == [[0xD0, 0xF9, 0xEE, 0x5D, 0x20, 0x6B]])
  }

  @Test("output without a listener is lost") func outputWithoutListener() {
    let dongle = SimulatedDongle(settings("echo=off"))
    _ = dongle.join()
    dongle.receive(dongle.sending(SimulatedDongle.get(0x80)), now: dongle.now)
    dongle.simulation.listenerLeft()
    #expect(dongle.take(now: dongle.now + .minutes(30)) == [])
    // The session is still there.
    #expect(dongle.say(dongle.sending(SimulatedDongle.get(0x80)), wait: .seconds(5)).contains("EVENT 21 \(meter) 0 00"))
  }
}
