import Decoders
import Testing

@testable import Base
@testable import Meters

private let block = d0Block("0.0.0(99900001)", "1.8.0(000123.4*kWh)", "!")
private let request = Array("/?!\r\n".utf8)

private func ack(_ mark: String) -> [UInt8] { [0x06] + Array("0\(mark)0\r\n".utf8) }

@Suite struct D0SessionTests {
  @Test("in mode C the speed is chosen, the line follows it and comes back")
  func modeC() {
    var dialog = D0Dialog(
      [
        .init(request: request, answers: [.text("/XYZ5TEST\r\n")]),
        .init(request: ack("5"), notBefore: 200, notAfter: 1500, answers: [.data(block, baud: 9600)]),
      ], .scripted())
    dialog.run()
    #expect(dialog.mistakes == [] && dialog.errors == [])
    #expect(dialog.telegrams == [Array("/XYZ5TEST\r\n".utf8) + block])
    #expect(dialog.lineChanges == [9600, 300])
  }

  @Test("a fast meter is answered at once, and its data are not missed")
  func fastReaction() {
    var dialog = D0Dialog(
      [
        .init(request: request, answers: [.text("/XYz5TEST\r\n", after: 20)]),
        .init(request: ack("5"), notBefore: 20, notAfter: 100, answers: [.data(block, after: 30, baud: 9600)]),
      ], .scripted())
    dialog.run()
    #expect(dialog.mistakes == [] && dialog.telegrams.count == 1)
  }

  @Test("in mode A nothing is sent behind the request")
  func modeA() {
    var dialog = D0Dialog(
      [.init(request: request, answers: [.text("/XYZ\\@TEST\r\n"), .data(block, after: 0)])], .scripted())
    dialog.run()
    #expect(dialog.telegrams.count == 1 && dialog.sent.count == 1 && dialog.lineChanges == [])
  }

  @Test("a readout that takes minutes is read whole")
  func slowReadout() {
    let long = d0Block(
      "1.8.0(000123.4*kWh)", String(repeating: "C.90.1(0123456789012345678901234567890)\r\n", count: 130) + "!")
    var dialog = D0Dialog(
      [.init(request: request, answers: [.text("/XYZ\\@TEST\r\n"), .data(long, after: 0)])], .scripted())
    dialog.run(until: 300_000)
    #expect(Int64(long.count) * 1000 / 30 > 170_000)
    #expect(dialog.telegrams.count == 1 && dialog.errors == [])
  }

  @Test("a meter that stays at 300 is heard there, and next time asked for that")
  func staysSlow() {
    var dialog = D0Dialog(
      [
        .init(request: request, answers: [.text("/XYZ5TEST\r\n")]),
        .init(request: ack("5"), answers: [.data(block, after: 4200)]),
        .init(request: request, answers: [.text("/XYZ5TEST\r\n")]),
        .init(request: ack("0"), answers: [.data(block)]),
      ], .scripted { $0.interval = .seconds(60) })
    dialog.run(until: 100_000)
    #expect(dialog.mistakes == [])
    #expect(dialog.telegrams.count == 2)
    #expect(dialog.lineChanges == [9600, 300])
  }

  @Test("data at once at 300 are rubbish at 9600: the line goes back and the block is asked for again")
  func rubbish() {
    let long = d0Block("1.8.0(000123.4*kWh)", "C.90.1(01234567890123456789012345678901)", "!")
    var dialog = D0Dialog(
      [
        .init(request: request, answers: [.text("/XYZ5TEST\r\n")]),
        .init(request: ack("5"), answers: [.data(long)]),
        .init(request: [0x15], answers: [.data(long)]),
      ], .scripted())
    dialog.run()
    #expect(dialog.mistakes == [])
    #expect(dialog.telegrams.count == 1)
    #expect(dialog.session.memory.rateLimit == 300)
  }

  @Test("a damaged block is asked for once more, and twice damaged next time at a lower speed")
  func damagedBlock() {
    var wrong = block
    wrong[wrong.count - 1] ^= 1
    var dialog = D0Dialog(
      [
        .init(request: request, answers: [.text("/XYZ5TEST\r\n")]),
        .init(request: ack("5"), answers: [.data(wrong, baud: 9600)]),
        .init(request: [0x15], baud: 9600, answers: [.data(wrong, baud: 9600)]),
        .init(request: request, answers: [.text("/XYZ5TEST\r\n")]),
        .init(request: ack("4"), answers: [.data(block, baud: 4800)]),
      ], .scripted { $0.interval = .seconds(60) })
    dialog.run(until: 100_000)
    #expect(dialog.mistakes == [])
    #expect(dialog.errors == ["checksum_mismatch", "checksum_mismatch"])
    #expect(dialog.telegrams.count == 1)
  }

  @Test("silence is three requests, then NULs wake a meter that may sleep, and what helped is remembered")
  func silence() {
    let nulls = [UInt8](repeating: 0, count: D0Timing.nulls)
    let silent = D0Dialog.Step(request: request)
    var dialog = D0Dialog(
      Array(repeating: silent, count: 6) + [
        .init(request: nulls + request, answers: [.text("/XYZ\\@TEST\r\n"), .data(block, after: 0)]),
        .init(request: nulls + request, answers: [.text("/XYZ\\@TEST\r\n"), .data(block, after: 0)]),
      ], .scripted { $0.interval = .seconds(60) })
    dialog.run(until: 230_000)
    #expect(dialog.mistakes == [])
    #expect(dialog.failures == 2 && dialog.telegrams.count == 2)
    #expect(dialog.session.memory.wakes)
  }

  @Test("a heat meter with a battery is woken and read once in 15 min: NULs for 2.2 s, a pause of 1.6 s, the request")
  func heatMeter() {
    let heat = d0Block("9.20(99900005)6.8(0074900*kWh)", "!")
    let nulls = [UInt8](repeating: 0, count: 66)
    let readout = D0Dialog.Step(
      request: nulls + request, answers: [.text("/XYZCTEST\r\n"), .data(heat, after: 400, baud: 2400)])
    var dialog = D0Dialog(
      Array(repeating: readout, count: 4),
      .scripted {
        $0.polling.wake = .nulls
        $0.interval = nil
      })
    dialog.run(until: 59 * 60_000)
    #expect(dialog.mistakes == [] && dialog.errors == [] && dialog.telegrams.count == 4)
    #expect(dialog.sent.map(\.bytes) == Array(repeating: [nulls, request], count: 4).flatMap(\.self))
    for index in stride(from: 0, to: dialog.sent.count, by: 2) {
      // 66 characters of ten bits at 300 Bd, then 1.5 to 1.7 s.
      let pause = (dialog.sent[index + 1].at - dialog.sent[index].at).count - 2200
      #expect((1500...1700).contains(pause))
      if index > 0 { #expect(dialog.sent[index].at - dialog.sent[index - 2].at == .minutes(15)) }
    }
  }

  @Test("only an echo is told apart from silence")
  func echoOnly() {
    let echo = D0Dialog.Step(request: request, answers: [.data(request, after: 0)])
    var dialog = D0Dialog([echo, echo, echo], .scripted())
    dialog.run(until: 30_000)
    #expect(dialog.errors == ["no_identification"])
  }

  @Test("what came of requests without an identification is no silent loss")
  func unusedAnswers() {
    let noise = D0Dialog.Step(request: request, answers: [.text("half")])
    var failed = D0Dialog([noise, noise, noise], .scripted())
    failed.run(until: 30_000)
    #expect(failed.errors == ["noise"] && failed.rejected == Array("halfhalfhalf".utf8))
    let answer = D0Dialog.Step(request: request, answers: [.text("/XYZ\\@TEST\r\n"), .data(block, after: 0)])
    var late = D0Dialog([noise, answer], .scripted())
    late.run(until: 30_000)
    #expect(late.errors == ["noise"] && late.rejected == Array("half".utf8) && late.telegrams.count == 1)
    // An endless noise is not lost either.
    let endless = String(repeating: "x", count: 6000)
    var loud = D0Dialog(
      [.init(request: request, baud: 9600, answers: [.text(endless, baud: 9600)])],
      .scripted {
        $0.line.baud = 9600
        $0.isLineFixed = true
      })
    loud.run(until: 7_000)
    #expect(loud.rejected == Array(endless.utf8) && loud.errors == ["noise", "truncated"])
    // The port is lost while the second request waits.
    var lost = D0Dialog([noise, noise], .scripted())
    lost.run(until: 5000)
    #expect(lost.errors == ["noise", "truncated"] && lost.rejected == Array("halfhalf".utf8))
  }

  @Test("an echo with an error in it is noise, and the readout goes on")
  func damagedEcho() {
    var dialog = D0Dialog(
      [
        .init(request: request, answers: [.text("/?x\r\n", after: 0), .text("/XYZ5TEST\r\n")]),
        .init(request: ack("5"), answers: [.text("\u{6}05x\r\n", after: 0), .data(block, baud: 9600)]),
      ], .scripted())
    dialog.run()
    #expect(dialog.mistakes == [] && dialog.telegrams.count == 1)
  }

  @Test("an Ultraheat gets 40 NULs right before its request, and is heard at 2400")
  func ultraheat() {
    let heat = d0Block("9.20(99900005)6.8(0074900*kWh)", "!")
    let sent = [UInt8](repeating: 0, count: 40) + Array("/#!\r\n".utf8)
    var dialog = D0Dialog(
      [
        .init(
          request: sent,
          answers: [.data(sent, after: 0), .text("/XYZCUH99\r\n", after: 300), .data(heat, after: 400, baud: 2400)])
      ],
      .scripted {
        $0.polling.wake = .uh50
        $0.interval = nil
      })
    dialog.run(until: 120_000)
    #expect(dialog.mistakes == [] && dialog.errors == [])
    #expect(dialog.telegrams.count == 1 && dialog.lineChanges == [2400, 300])
    #expect(dialog.session.interval == .minutes(15))
  }

  @Test("blank lines instead of an identification hide neither what came before nor the data behind them")
  func blankLines() {
    let heat = d0Block("9.20(99900005)6.8(0074900*kWh)", "!")
    let sent = D0Request.withParity([UInt8](repeating: 0, count: 40) + Array("/#!\r\n".utf8))
    var dialog = D0Dialog(
      [
        .init(request: sent, baud: 2400, answers: [.text("half", baud: 2400)]),
        .init(request: sent, baud: 2400, answers: [.data(Array("\r\n\r\n".utf8) + heat, baud: 2400)]),
      ],
      .scripted {
        $0.polling.wake = .uh50
        $0.line.baud = 2400
        $0.canTune = false
      })
    dialog.run(until: 30_000)
    #expect(dialog.mistakes == [] && dialog.telegrams == [Array("/LUGC\r\n".utf8) + heat])
    #expect(dialog.errors == ["noise"] && dialog.rejected == Array("half".utf8))
  }

  @Test("a source that keeps its speed is asked for that, and the user is told once")
  func fixedSpeed() {
    var dialog = D0Dialog(
      [
        .init(request: D0Request.withParity(request), answers: [.text("/XYZ5TEST\r\n")]),
        .init(request: D0Request.withParity(ack("0")), answers: [.data(block)]),
      ],
      .scripted {
        $0.canTune = false
        $0.isOverNetwork = true
      })
    dialog.run()
    #expect(dialog.mistakes == [] && dialog.telegrams.count == 1 && dialog.lineChanges == [])
    let line = LineSettings(baud: 300, dataBits: 7, parity: .even, stopBits: 1)
    #expect(dialog.news == [.speedFixed(meter: 0, line: line, offered: 9600, isReadable: true)])
    // In mode B the meter changes its speed without being asked to.
    var changing = D0Dialog(
      [.init(request: D0Request.withParity(request), answers: [.text("/XYZCTEST\r\n")])],
      .scripted { $0.canTune = false })
    changing.run(until: 10_000)
    #expect(changing.news == [.speedFixed(meter: 0, line: line, offered: 2400, isReadable: false)])
  }

  @Test("an address stands in the request, and a line of eight bits carries the parity itself")
  func addressAndParity() {
    let asked = Array("/?99900001!\r\n".utf8).map { $0.nonzeroBitCount % 2 == 0 ? $0 : $0 | 0x80 }
    var dialog = D0Dialog(
      [.init(request: asked, answers: [.text("/XYZ\\@TEST\r\n"), .data(block, after: 0)])],
      .scripted {
        $0.polling.address = "99900001"
        $0.line = LineSettings(baud: 300, dataBits: 8, parity: .none, stopBits: 1)
      })
    dialog.run()
    #expect(dialog.mistakes == [] && dialog.telegrams.count == 1)
  }

  @Test("a gateway that hands on the parity as the eighth bit is no hindrance in any mode")
  func parityLeftIn() {
    var dialog = D0Dialog(
      [
        // Its first byte is also that of an echo.
        .init(request: D0Request.withParity(request), answers: [.text("/"), .text("XYZ5TEST\r\n")]),
        .init(request: D0Request.withParity(ack("0")), answers: [.data(block)]),
      ],
      .scripted {
        $0.line = LineSettings(baud: 300, dataBits: 8, parity: .none, stopBits: 1)
        $0.isOverNetwork = true
        $0.canTune = false
      })
    dialog.run()
    #expect(dialog.mistakes == [] && dialog.errors == [])
    #expect(dialog.telegrams == [Array("/XYZ5TEST\r\n".utf8) + block])
  }

  @Test("answers with bad parity are asked for once with eight bits, and an identification then is remembered")
  func eightBits() {
    func plain(_ answer: D0Dialog.Answer) -> D0Dialog.Answer {
      var answer = answer
      answer.isEightBit = true
      return answer
    }
    let identification = plain(.text("/XYZ\\@TEST\r\n"))
    let whole = [identification, plain(.data(block, after: 0))]
    let parity = D0Request.withParity(request)
    var dialog = D0Dialog(
      [.init(request: request, answers: [identification]), .init(request: parity, answers: [identification])]
        + [.init(request: parity, answers: whole)]
        + [.init(request: parity), .init(request: parity), .init(request: parity)]
        + [.init(request: parity, answers: whole)], .scripted { $0.interval = .seconds(60) })
    dialog.run(until: 200_000)
    #expect(dialog.mistakes == [] && dialog.errors == ["line_error", "truncated"])
    #expect(dialog.telegrams.count == 2)
    let line = LineSettings(baud: 300, dataBits: 8, parity: .none, stopBits: 1)
    #expect(dialog.session.home == line)
  }

  @Test("bad parity that eight bits do not help is told as that, and the line stays as it is")
  func badParity() {
    let noise = D0Dialog.Answer(after: 200, baud: 300, bytes: Array("/X?Z#".utf8) + [0x01, 0x02], isEightBit: true)
    let silent = D0Dialog.Step(request: D0Request.withParity(request))
    let noisy = D0Dialog.Step(request: request, answers: [noise])
    var dialog = D0Dialog(
      [noisy, silent, silent, silent, noisy, noisy, noisy], .scripted { $0.interval = .seconds(60) })
    dialog.run(until: 110_000)
    #expect(dialog.mistakes == [])
    #expect(dialog.errors == ["line_error", "line_error"])
    #expect(dialog.session.home == dialog.session.settings.line)
  }

  @Test("a meter whose session has broken off is left alone until it has forgotten it")
  func brokenSession() {
    var dialog = D0Dialog(
      [
        .init(request: request, answers: [.text("/XYZ5TEST\r\n")]),
        .init(request: ack("5")),
        .init(request: request, answers: [.text("/XYZ5TEST\r\n")]),
        .init(request: ack("0"), answers: [.data(block)]),
      ], .scripted { $0.interval = .seconds(30) })
    dialog.run(until: 80_000)
    #expect(dialog.mistakes == [] && dialog.telegrams.count == 1)
    let pause = dialog.sent.count > 2 ? dialog.sent[2].at - dialog.sent[1].at : 0
    #expect(pause >= .seconds(60))
  }

  @Test("a battery that is read every minute is told once")
  func battery() {
    let heat = d0Block("9.20(99900005)6.8(0074900*kWh)", "!")
    let step = D0Dialog.Step(request: request, answers: [.text("/XYZ\\@TEST\r\n"), .data(heat, after: 0)])
    var dialog = D0Dialog([step, step], .scripted { $0.interval = .seconds(60) })
    dialog.run(until: 100_000)
    #expect(dialog.news == [.batteryInterval(meter: 0, .seconds(60))])
  }
}
