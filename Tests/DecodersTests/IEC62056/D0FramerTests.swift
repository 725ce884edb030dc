import Testing

@testable import Decoders

private let lines = ["0.0.0(99900001)", "1.8.0(000123.4*kWh)"]
private let good = D0Builder.bytes(lines)
private let push = D0Builder.unchecked(lines)

@Suite struct D0FramerTests {
  private func errors(_ bytes: some Sequence<UInt8>) -> [DecodeError.Code] {
    frames(D0Framer(), Array(bytes)).compactMap { if case .rejected(_, let error) = $0 { error.code } else { nil } }
  }

  private func readouts(_ bytes: some Sequence<UInt8>) -> [[UInt8]] { goodFrames(frames(D0Framer(), Array(bytes))) }

  @Test("the check characters of the standard's form and of a heat meter are 72 and 06")
  func checkCharacters() {
    #expect(D0Builder.bytes(["0.0(12345678)", "1.8.0(001234.567*kWh)", "F.F(00000000)"]).last == 0x72)
    let heat = ["6.8(0074900*kWh)6.26(04142.48*m3)9.21(12345678)", "6.26*01(03957.55*m3)F(0)"]
    #expect(D0Builder.bytes(heat).last == 0x06)
    #expect(readouts(D0Builder.bytes(heat)).count == 1)
  }

  @Test("a wrong or missing check character is an error, and the next readout is found")
  func badChecks() {
    let wrong = Array(good.dropLast()) + [good[good.count - 1] ^ 0x11]
    #expect(errors(wrong) == [.checksumMismatch])
    #expect(readouts(wrong + good) == [good])
    #expect(errors(good.dropLast()) == [.checksumMissing])
    #expect(readouts(good.dropLast() + good) == [good])
    #expect(errors(good.dropLast(2)) == [.checksumMissing])
    #expect(errors(Array(good.prefix(30))) == [.truncated])
  }

  @Test("the sum is a check character of Kamstrup meters only")
  func sums() {
    #expect(readouts(D0Builder.bytes(lines, identification: "KAM5TEST", isSum: true)).count == 1)
    #expect(errors(D0Builder.bytes(lines, isSum: true)) == [.checksumMismatch])
  }

  @Test("an STX that is lost is made up for by ETX and BCC, and a digit that changed then is noticed")
  func lostSTX() {
    var lost = good
    lost.remove(at: lost.firstIndex(of: 0x02) ?? 0)
    #expect(readouts(lost).count == 1)
    lost[lost.count - 12] ^= 0x01
    #expect(errors(lost) == [.checksumMismatch])
  }

  @Test("a meter that has sent a check character must go on to")
  func checkedMeter() {
    #expect(frames(D0Framer(), good + push).count == 2)
    #expect(errors(good + push) == [.checksumMissing])
    #expect(readouts(push + push) == [push, push])
  }

  @Test("the echo of requests before a readout is dropped, and alone it is no answer")
  func echoes() {
    let echo = [UInt8](repeating: 0, count: 40) + Array("/#!\r\n".utf8)
    #expect(frames(D0Framer(), echo + good) == [.frame(good)])
    #expect(errors(echo) == [.noIdentification])
    #expect(errors(Array("/?99900001!\r\n".utf8)) == [.noIdentification])
    #expect(errors(Array("/?x\r\n".utf8) + good) == [.noise])
  }

  @Test("a readout that breaks off in a value ends where the next one begins")
  func brokenOff() {
    #expect(readouts(Array(good.prefix(40)) + good) == [good])
    #expect(readouts(Array(push.prefix(38)) + push) == [push])
    let slash = D0Builder.bytes(["0.0.0(/SX330)", "1.8.0(1*kWh)"])
    #expect(readouts(slash) == [slash])
  }

  @Test("parity bits are taken away where all bytes agree, and one that does not is an error")
  func parity() {
    var bytes = good.map { $0.nonzeroBitCount % 2 == 0 ? $0 : $0 | 0x80 }
    #expect(readouts(bytes) == [good])
    bytes[20] ^= 0x80
    #expect(errors(bytes) == [.lineError])
    bytes = good
    bytes[20] |= 0x80
    #expect(errors(bytes) == [.lineError])
  }

  @Test("letters beyond ASCII from a line of eight bits are no damage, if the check character covers all eight")
  func eightBits() {
    var bytes = D0Builder.bytes(["0.0.0(M?LLER)", "1.8.0(000123.4*kWh)"])
    let place = bytes.firstIndex(of: 0x3F) ?? 0
    let change = bytes[place] ^ 0xDC
    bytes[place] = 0xDC
    let last = bytes.count - 1
    bytes[last] ^= change
    #expect(readouts(bytes) == [bytes])
    bytes[last] ^= 0x80
    #expect(errors(bytes) == [.lineError])
  }

  @Test(
    "a mark of the end counts wherever no bracket is open", arguments: ["JUNK !", "JUNK!", "1.8.0 5!", "1.8.0(5) !"])
  func ends(_ line: String) {
    let text = Array("/XYZ5TEST\r\n0.0.0(99900001)\r\n\(line)\r\n".utf8)
    #expect(readouts(text) == [text])
    let body = text[11...] + [0x03]
    let block = text.prefix(11) + [0x02] + body + [body.reduce(0, ^)]
    #expect(readouts(block) == [Array(block)])
  }

  @Test("a mark of the end inside a bracket is none")
  func endInside() {
    let text = Array("/XYZ5TEST\r\n0.0.0(99!\r\n1.8.0(5!)\r\n".utf8)
    #expect(errors(text) == [.truncated])
  }

  @Test("a P1 telegram on the port is named")
  func p1() { #expect(errors(P1Builder.bytes(["1-0:1.8.0(1*kWh)"])) == [.otherProtocol]) }

  @Test("an endless readout is cut, and memory stays bounded")
  func endless() {
    let endless =
      Array("/XYZ5TEST\r\n".utf8) + Array(repeating: Array("1.8.0(1*kWh)\r\n".utf8), count: 4000).flatMap(\.self)
    #expect(errors(endless).first == .tooLong)
    for framed in frames(D0Framer(), endless) { #expect(framed.bytes.count <= D0Framer.limit) }
  }

  @Test("the first readout without STX waits for a pause, later ones do not")
  func pauses() {
    var line = FramedLine(D0Framer())
    line.append(push)
    #expect(line.out.isEmpty)
    line.pause()
    #expect(line.out == [.frame(push)])
    line.append(push)
    #expect(line.out.count == 2)
  }

  @Test("a block waits for its check character over a silence")
  func quiet() {
    var line = FramedLine(D0Framer())
    line.append(Array(good.dropLast()))
    line.quiet()
    #expect(line.out.isEmpty && line.framer.isWaiting)
    line.append([good[good.count - 1]])
    #expect(line.out == [.frame(good)])
  }

  @Test("a readout is recognised by what P1 telegrams do not have")
  func recognition() {
    #expect(D0Framer.recognise(good.span) == .telegram(at: 0))
    #expect(D0Framer.recognise(push.span) == .telegram(at: 0))
    #expect(D0Framer.recognise(D0Builder.bytes(["1-1:30D(12)", "1.8.0(1*kWh)"]).span) == .telegram(at: 0))
    #expect(D0Framer.recognise(P1Builder.bytes(["1-0:1.8.0(1*kWh)"]).span) == nil)
    #expect(D0Framer.recognise(P1Builder.bytes(["1-0:1.8.0*255(1*kWh)"]).span) == nil)
    #expect(D0Framer.recognise(D0Builder.unchecked(["1-0:1.8.0*255(1*kWh)"]).span) == .telegram(at: 0))
    #expect(D0Framer.recognise(Array("/?!\r\n".utf8).span) == nil)
  }
}
