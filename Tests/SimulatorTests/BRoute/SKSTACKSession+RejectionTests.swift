import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import Simulator

/// What the session rejects and what it conceals.
@Suite struct SKSTACKSessionRejectionTests {
  @Test("a truncated answer is kept, and its request is sent again") func truncatedAnswer() {
    var harness = SKSTACKHarness.reading()
    harness.dongle.order("truncated")
    harness.run(.minutes(2))
    #expect(harness.rejected.count == 1)
    #expect(harness.rejected.first?.starts(with: [0x10, 0x81]) == true)
  }

  @Test("unencrypted datagrams are rejected") func unprotectedDatagram() {
    var harness = SKSTACKHarness.reading()
    let forged: [UInt8] = [0x10, 0x81, 0, 1, 2, 0x88, 1, 5, 0xFF, 1, 0x73, 1, 0xE7, 4, 0, 0, 0xFF, 0xFF]
    harness.dongle.simulation.datagram(forged, isProtected: false, at: harness.dongle.moment)
    harness.run(.seconds(1))
    #expect(harness.values["power"] == "500")
    #expect(harness.rejected == [forged])
  }

  @Test("parts of secrets never leave the session") func secrets() {
    var harness = SKSTACKHarness.warm()
    harness.run(.minutes(1))
    let dongle = harness.dongle
    let (id, password) = (SimulatedDongle.credentials.identifier.reveal, SimulatedDongle.credentials.password.reveal)
    for start in 0..<20 {
      dongle.write("D \(id.dropFirst(start))")
      dongle.write("\(password.dropLast(start % 5)) x")
      dongle.write("x\(Hexadecimal.text("SM\(id)".utf8).dropFirst(start))")
    }
    // Half of the authentication of modules, then silence.
    let addresses = "\(dongle.simulation.meterAddress) \(dongle.simulation.ownAddress)"
    dongle.write("ERXUDP \(addresses) 02CC 02CC 0011223344556677 0 0 0022 SM\(id)", end: "")
    harness.run(.seconds(10))
    #expect(harness.rejected.count >= 60)
    #expect(!harness.told.tells(SimulatedDongle.credentials))
    #expect(!"\(harness.session)".tells(id))
    var dumped = ""
    dump(harness.session, to: &dumped)
    #expect(!dumped.tells(SimulatedDongle.credentials))
  }

  @Test("the zeros of an id conceal no other data") func zerosOfAnID() {
    let credentials = SKSTACKCredentials(
      identifier: Secret("00000000000000000000000004D3B2F1"), password: Secret("ABCDEF012345"))
    let line = Array("x 000000000000 303030303030303030".utf8)
    #expect(credentials.conceal(line) == line)
    #expect(credentials.conceal(Array("x 00004d3b".utf8)) == [])
    #expect(credentials.conceal(Array("x \(Hexadecimal.text("CDEF01".utf8))".utf8)) == [])
  }

  @Test("damaged bytes spoil only their own line") func damagedBytes() {
    var harness = SKSTACKHarness.reading()
    let meter = harness.dongle.simulation.meterAddress
    let text = "EVENT 27 \(meter) 0\r\nEVENT 02 \(meter) 0\r\n"
    harness.session.received(LineInput(bytes: Array(text.utf8), damaged: [7]), now: harness.now)
    harness.carryOut()
    #expect(harness.troubles == [])
    #expect(harness.rejected.count == 1)
    harness.run(.minutes(2))
    #expect(harness.dongle.count("SKJOIN") == 1)
  }
}
