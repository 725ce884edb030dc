import Decoders
import Testing

@testable import Base
@testable import Meters

private let number = MBusAddress.secondary([0x78, 0x56, 0x34, 0x12, 0xFF, 0xFF, 0xFF, 0xFF])
private let line = LineSettings(baud: 2400, dataBits: 8, parity: .even, stopBits: 1)
private let otherNumber: [UInt8] = [0x11, 0x22, 0x33, 0x44]

private func give(
  _ order: MBusCommissioning.Order, to slaves: [CommissionedSlave], meter: MBusAddress = number, echoes: Bool = false,
  takesOtherRates: Bool = true
) -> (outcome: MBusCommissioningOutcome?, text: String, sent: [[UInt8]], baud: Int) {
  var bus = ScriptedConversation(
    MBusCommissioning(order, of: meter, line: line, isOverNetwork: false), slaves)
  bus.echoes = echoes
  bus.takesOtherRates = takesOtherRates
  let hasEnded = bus.run()
  #expect(hasEnded)
  let outcome = bus.conversation.outcome
  let text = outcome?.text(of: order, meter: meter, line: line) ?? ""
  return (outcome, text, bus.sent, bus.baud)
}

@Test("an address is set by CI 51 to the selected meter, and read back from there", arguments: [false, true])
func setAddress(echoes: Bool) {
  let (slave, other) = (CommissionedSlave(address: 0), CommissionedSlave(address: 7, number: otherNumber))
  let given = give(.address(5), to: [slave, other], echoes: echoes)
  #expect(slave.address == 5 && slave.orders == 1)
  #expect(other.address == 7 && other.orders == 0)
  #expect(given.outcome?.isGood == true)
  #expect(given.text == "meter 12345678 KAM answers at address 5 now; it was 0")
  #expect(given.sent.contains([0x68, 6, 6, 0x68, 0x53, 0xFD, 0x51, 0x01, 0x7A, 0x05, 0x21, 0x16]))
  #expect(
    given.sent.contains([0x68, 11, 11, 0x68, 0x73, 0xFD, 0x52, 0x78, 0x56, 0x34, 0x12, 255, 255, 255, 255, 0xD2, 0x16]))
  // The last request ends the selection.
  #expect(given.sent.last == [0x10, 0x40, 0xFD, 0x3D, 0x16])
}

@Test("an address that another meter has is not given again")
func takenAddress() {
  let (slave, other) = (CommissionedSlave(address: 0), CommissionedSlave(address: 5, number: otherNumber))
  let given = give(.address(5), to: [slave, other])
  #expect(slave.orders == 0 && other.orders == 0 && slave.address == 0)
  #expect(given.text == "the new address is taken: meter 44332211 KAM answers there. Nothing is changed")
  let third = CommissionedSlave(address: 5, number: [0x99, 0x88, 0x77, 0x66])
  #expect(give(.address(5), to: [slave, other, third]).outcome == .addressTaken(by: nil))
  #expect(slave.orders == 0)
}

@Test("a meter that has the address already is left alone")
func sameAddress() {
  let slave = CommissionedSlave(address: 5)
  let given = give(.address(5), to: [slave])
  #expect(slave.orders == 0 && given.outcome?.isGood == true)
  #expect(given.text.hasSuffix("has address 5 already; nothing is changed"))
}

@Test("a meter that does not obey is told as it stands, after two orders")
func disobedientMeter() {
  let slave = CommissionedSlave(address: 3)
  slave.obeys = false
  let given = give(.address(5), to: [slave])
  #expect(slave.orders == 2)
  #expect(given.text.hasPrefix("meter 12345678 KAM did not obey: it still answers at address 3"))
  let fixed = CommissionedSlave(address: 3)
  fixed.obeys = false
  let rate = give(.baud(9600), to: [fixed])
  #expect(rate.text.hasPrefix("meter 12345678 KAM did not obey: it still answers at 2400 baud"))
  #expect(rate.baud == 2400)
}

@Test("lost answers are asked for again", arguments: 1...4)
func lostAnswers(count: Int) {
  let slave = CommissionedSlave(address: 0)
  slave.lost = Set(1...count)
  #expect(give(.address(5), to: [slave]).outcome?.isGood == true)
  #expect(slave.address == 5)
}

@Test("a number that no meter has, or that several have, changes nothing")
func wrongNumbers() {
  let stranger = CommissionedSlave(address: 0, number: otherNumber)
  #expect(give(.address(5), to: [stranger]).outcome == .notFound)
  #expect(give(.address(5), to: []).outcome == .notFound)
  let twins = [CommissionedSlave(address: 1), CommissionedSlave(address: 2)]
  let given = give(.address(5), to: twins)
  #expect(given.outcome == .severalMeters)
  #expect(twins.allSatisfy { $0.orders == 0 })
}

@Test("all sixteen digits name one of two meters with equal numbers only if they fit")
func wholeAddress() {
  let slave = CommissionedSlave(address: 0)
  let other = MBusAddress.secondary([0x78, 0x56, 0x34, 0x12, 0x2D, 0x2C, 0x02, 0x04])
  #expect(give(.address(5), to: [slave], meter: other).outcome?.isGood != true)
  #expect(slave.orders == 0)
  #expect(give(.address(5), to: [slave], meter: .secondary(slave.identity)).outcome?.isGood == true)
}

@Test("a rate is set at the old one and read back at the new one")
func setBaud() {
  let slave = CommissionedSlave(address: 3)
  let given = give(.baud(9600), to: [slave])
  #expect(slave.baud == 9600 && given.baud == 9600)
  #expect(given.text == "meter 12345678 KAM answers at 9600 baud now; it was 2400")
  #expect(given.sent.contains([0x68, 3, 3, 0x68, 0x53, 0xFD, 0xBD, 0x0D, 0x16]))
}

@Test("a meter that is lost after its order is said to be lost, at both rates")
func lostMeter() {
  let slave = CommissionedSlave(address: 3)
  var bus = ScriptedConversation(
    MBusCommissioning(.baud(9600), of: number, line: line, isOverNetwork: false), [slave])
  slave.obeys = false
  // It goes to a third rate.
  slave.whenOrdered = { $0.baud = 300 }
  let hasEnded = bus.run()
  #expect(hasEnded)
  if case .lost = bus.conversation.outcome {} else { Issue.record("\(bus.told)") }
  #expect(bus.baud == 2400)
}

@Test("a port that does not take the new rate is told")
func stiffPort() {
  let slave = CommissionedSlave(address: 0)
  let given = give(.baud(9600), to: [slave], takesOtherRates: false)
  #expect(slave.baud == 9600 && given.baud == 2400 && given.outcome?.isGood == false)
  #expect(given.text.hasSuffix("has the order, but the port does not take the new speed: read it with another adapter"))
}
