import Decoders
import Testing

@testable import Base
@testable import Meters

private let block = d0Block("0.0.0(99900001)", "1.8.0(000123.4*kWh)", "!")
private let request = Array("/?!\r\n".utf8)
private let ack = [0x06] + Array("050\r\n".utf8)

@Suite struct D0SessionListeningTests {
  @Test("a meter that pushes is heard, and nothing is sent to it")
  func pushes() {
    let push = Array("/XYZ5PUSH\r\n\r\n1-0:1.8.0*255(000123.4*kWh)\r\n!\r\n".utf8)
    var dialog = D0Dialog(
      [
        .init(
          request: nil, baud: 9600,
          answers: [.data(push, after: 800, baud: 9600), .data(push, after: 2000, baud: 9600)])
      ],
      .scripted { $0.interval = nil })
    dialog.run(until: 20_000)
    #expect(dialog.telegrams.count == 2 && dialog.sent.isEmpty && dialog.lineChanges == [9600])
  }

  @Test("a push with other settings is found")
  func pushesSlowly() {
    let push = Array("/XYZ5PUSH\r\n\r\n1-0:1.8.0*255(000123.4*kWh)\r\n!\r\n".utf8)
    let answers = (0..<6).map { _ in D0Dialog.Answer.data(push, after: 1700, baud: 2400) }
    var dialog = D0Dialog(
      [.init(request: nil, answers: answers)],
      .scripted {
        $0.polling.mode = .push
        $0.interval = nil
      })
    dialog.run(until: 20_000)
    #expect(dialog.telegrams.count > 0 && dialog.sent.isEmpty)
  }

  @Test("a push each second whose first telegram was missed in part is heard with the first settings")
  func pushFromTheMiddle() {
    let lines = (1...12).map { "1-0:1.8.\($0)*255(000123.4*kWh)\r\n" }.joined()
    let push = Array("/XYZ5PUSH\r\n\r\n\(lines)!\r\n".utf8)
    let answers =
      [D0Dialog.Answer.data(Array(push.suffix(200)), after: 100, baud: 9600)]
      + (0..<8).map { _ in D0Dialog.Answer.data(push, after: 400, baud: 9600) }
    var dialog = D0Dialog([.init(request: nil, baud: 9600, answers: answers)], .scripted { $0.interval = nil })
    dialog.run(until: 8_000)
    #expect(dialog.errors == ["noise"])
    #expect(dialog.telegrams.count == 8 && dialog.lineChanges == [9600] && dialog.sent.isEmpty)
  }

  @Test("a push of eight bits is found behind seven, each of its bytes with its own parity")
  func pushOfEightBits() {
    let push = Array("/XYZ5PUSH\r\n\r\n1-0:1.8.0*255(000123.4*kWh)\r\n1-0:2.8.0*255(000000.4*kWh)\r\n!\r\n".utf8)
    let answers = (0..<6).map { _ in D0Dialog.Answer(after: 900, baud: 9600, bytes: push, isEightBit: true) }
    var dialog = D0Dialog([.init(request: nil, baud: 9600, answers: answers)], .scripted { $0.interval = nil })
    dialog.run(until: 7_000)
    #expect(dialog.telegrams.count >= 4 && dialog.sent.isEmpty)
    #expect(dialog.telegrams.allSatisfy { $0 == push })
  }

  @Test("noise on the line does not keep a meter from being asked, and is no identification")
  func noiseBeforeTheRequest() {
    let noise = (0..<120).map { _ in D0Dialog.Answer.data([0xF0, 0x80, 0xFF, 0x00], after: 400, baud: 9600) }
    var dialog = D0Dialog([.init(request: nil, baud: 9600, answers: noise)], .scripted { $0.interval = nil })
    dialog.run(until: 60_000)
    #expect(dialog.sent.first?.bytes == request)
    #expect(dialog.reopens == 0 && !dialog.errors.contains("no_identification"))
  }

  @Test("where nobody pushes, the meter is asked")
  func asksAfterListening() {
    var dialog = D0Dialog(
      [
        .init(request: request, answers: [.text("/XYZ5TEST\r\n")]),
        .init(request: ack, answers: [.data(block, baud: 9600)]),
      ], .scripted { $0.interval = nil })
    dialog.run(until: 30_000)
    #expect(dialog.mistakes == [] && dialog.telegrams.count == 1)
    #expect(dialog.lineChanges == [9600, 300, 9600, 300])
  }
}
