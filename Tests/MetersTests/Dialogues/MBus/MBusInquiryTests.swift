import Decoders
import Testing

@testable import Base
@testable import Meters

private func ask(_ slaves: CommissionedSlave..., echoes: Bool = false) -> (answer: InquiryAnswer?, sent: [[UInt8]]) {
  var line = ScriptedConversation(MBusInquiry(timing: MBusTiming(baud: 2400, overNetwork: false)), slaves)
  line.echoes = echoes
  let hasEnded = line.run()
  #expect(hasEnded)
  return (line.conversation.answer, line.sent)
}

@Test("the only meter on a line answers at the test address", arguments: [false, true])
func onlyMeter(echoes: Bool) throws {
  let found = ask(CommissionedSlave(address: 5), echoes: echoes)
  guard case .meter(let frame, .primary(254)) = found.answer else {
    Issue.record("\(String(describing: found.answer))")
    return
  }
  #expect(try MBusFrame(parsing: frame.span).bytes == frame && frame[5] == 5)
  #expect(found.sent == [[0x10, 0x40, 0xFE, 0x3E, 0x16], [0x10, 0x7B, 0xFE, 0x79, 0x16]])
}

@Test("a lost answer is asked for again where something was heard")
func lostAnswer() {
  let slave = CommissionedSlave(address: 0)
  slave.lost = [2]
  if case .meter = ask(slave).answer {} else { Issue.record("no answer") }
}

@Test("several meters at once are not taken for one")
func severalMeters() {
  let others = [
    CommissionedSlave(address: 1, number: [1, 2, 3, 4]), CommissionedSlave(address: 2, number: [0x98, 7, 6, 5]),
  ]
  #expect(ask(others[0], others[1]).answer == .several)
}

@Test("a dead line costs four requests, also if the converter echoes them", arguments: [false, true])
func deadLine(echoes: Bool) {
  let found = ask(echoes: echoes)
  #expect(found.answer == nil)
  #expect(found.sent.map { Array($0[1...2]) } == [[0x40, 0xFE], [0x7B, 0xFE], [0x40, 0x00], [0x7B, 0x00]])
}
