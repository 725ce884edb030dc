import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters

private let kinds = ScriptedReceiver.Kind.allCases

private func plain() throws -> [UInt8] { try AirFrame.stripped(sampleBytes("wmbus/plain")) }

private func wrapped(_ line: ReceiverLine, _ frame: [UInt8]) -> [UInt8] {
  line.receiver.wrapped(frame, air: AirFrame.formatA(frame), isFormatB: false)
}

@Suite struct ReceiverSessionTests {
  @Test("each receiver is found by asking at its own speed, is set as its manual says, and delivers", arguments: kinds)
  func found(_ kind: ScriptedReceiver.Kind) throws {
    let frame = try plain()
    var line = ReceiverLine(kind)
    line.open()
    line.wait(2999)
    #expect(line.receiver.commands.isEmpty, "it listens first")
    line.wait(12_000)
    #expect(line.receiver.commands == line.receiver.setUp)
    #expect(line.baud == line.receiver.baud)
    #expect(line.told.count == 1 && line.told[0].contains(kind == .rc1180 ? "hears T1" : "hears C1 and T1"))
    _ = line.takeOutputs()
    line.send(wrapped(line, frame))
    let outputs = line.takeOutputs()
    #expect(outputs.first == .news(.signalStrength(meter: 0, FixedDecimal(-71))))
    // culfw leaves the check values.
    let delivered = kind == .cul ? AirFrame.formatA(frame) : frame
    #expect(outputs.count == 2 && outputs[1].frame == delivered)
    // On the next connection it is asked at once.
    line.close()
    line.open()
    #expect(line.receiver.commands == line.receiver.setUp + line.receiver.setUp)
    #expect(line.told.isEmpty, "what is known is not told again")
  }

  struct Setting: Sendable, CustomTestStringConvertible {
    var kind: ScriptedReceiver.Kind
    var mode: WirelessReception.Mode
    var command: [UInt8]
    var testDescription: String { "\(kind) \(mode)" }

    static let all = [
      Setting(kind: .im871a, mode: .c1, command: [0xA5, 1, 3, 6, 0, 2, 7, 0x30, 1, 0]),
      Setting(kind: .im871a, mode: .t1, command: [0xA5, 1, 3, 6, 0, 2, 3, 0x30, 1, 0]),
      Setting(kind: .im871a, mode: .s1, command: [0xA5, 1, 3, 6, 0, 2, 0, 0x30, 1, 0]),
      Setting(kind: .amb8465, mode: .c1, command: [0xFF, 4, 1, 0x0E, 0xF4]),
      Setting(kind: .amb8465, mode: .t1, command: [0xFF, 4, 1, 8, 0xF2]),
      Setting(kind: .amb8465, mode: .s1, command: [0xFF, 4, 1, 3, 0xF9]),
      Setting(kind: .cul, mode: .c1, command: Array("brc\r\n".utf8)),
      Setting(kind: .cul, mode: .t1, command: Array("brt\r\n".utf8)),
      Setting(kind: .cul, mode: .s1, command: Array("brs\r\n".utf8)),
      Setting(kind: .rc1180, mode: .t1, command: [0x58]),
    ]
  }

  @Test("a receiver that is named is asked at once, and each mode is set", arguments: Setting.all)
  func modes(_ setting: Setting) {
    var line = ReceiverLine(setting.kind, named: setting.kind.setting, mode: setting.mode)
    line.open()
    #expect(line.receiver.commands.contains(setting.command))
    #expect(line.told.count == 1 && line.told[0].contains("which hears"))
  }

  @Test("an RC1180 that is to hear something else than T1 says so, and leaves its configuration")
  func otherMode() {
    var line = ReceiverLine(.rc1180, named: .rc1180, mode: .c1)
    line.open()
    #expect(line.told == ["the RC1180 cannot hear `mode: c1`: leave `mode` out, or choose `t1`"])
    #expect(line.receiver.commands.last == [0x58])
  }

  @Test("a CUL that is to hear 169 MHz says that it cannot")
  func longWaveCUL() {
    var line = ReceiverLine(.cul, named: .cul, mode: .n1a)
    line.receiver.refuses = true
    line.open()
    #expect(line.told == ["the CUL cannot hear `mode: n1a`: leave `mode` out, or choose `c1+t1`, `c1`, `t1`, `s1`"])
  }

  @Test("telegrams of an AMB that never answers are dead letters, none is lost")
  func silentAMB() throws {
    let frame = try plain()
    var line = ReceiverLine(.amb8465, named: .amb8465)
    line.receiver.isMute = true
    line.open()
    for _ in 0..<Limits.earlyTelegrams + 3 { line.send(wrapped(line, frame)) }
    #expect(line.takeOutputs().compactMap(\.code) == [.noise, .noise, .noise])
    line.close()
    #expect(line.takeOutputs().compactMap(\.code).count == Limits.earlyTelegrams)
  }

  @Test("an old iM871A hears T1 unless it is told otherwise, and says so")
  func oldFirmware() {
    var line = ReceiverLine(.im871a, named: .im871a)
    line.receiver.firmware = 0x13
    line.open()
    #expect(line.receiver.commands.last == [0xA5, 1, 3, 6, 0, 2, 3, 0x30, 1, 0])
    #expect(line.told.count == 2 && line.told[0].contains("`mode: c1`") && line.told[1].contains("hears T1"))

    var asked = ReceiverLine(.im871a, named: .im871a, mode: .both)
    asked.receiver.firmware = 0x13
    asked.open()
    #expect(asked.receiver.commands.count == 2)
    #expect(asked.told == ["the iM871A cannot hear `mode: c1+t1`: leave `mode` out, or choose `c1`, `t1`, `s1`"])
  }

  @Test("a refused set-up is told with what to do, and telegrams still come")
  func refused() throws {
    let frame = try plain()
    for kind in [ScriptedReceiver.Kind.amb8465, .cul] {
      var line = ReceiverLine(kind, named: kind.setting, mode: .c1)
      line.receiver.refuses = true
      line.open()
      #expect(line.told.count == 1 && line.told[0].contains("refuses"), "\(line.told)")
      _ = line.takeOutputs()
      line.send(wrapped(line, frame))
      #expect(line.takeOutputs().contains { $0.frame != nil })
    }
  }

  @Test("an older culfw that does not know C mode is set to T mode")
  func oldCUL() {
    var line = ReceiverLine(.cul, named: .cul)
    line.receiver.refuses = true
    line.open()
    #expect(line.receiver.commands.map { String(decoding: $0, as: UTF8.self) } == ["V\r\n", "brc\r\n", "brt\r\n"])
    #expect(line.told.count == 2 && line.told[1].contains("culfw"))
  }

  @Test("lines that come by themselves settle it: nothing is ever sent")
  func lines() throws {
    let frame = try plain()
    var line = ReceiverLine(.im871a)
    line.open()
    line.send(Array("T1;1;1;2026-01-02 03:04:05.00Z;-71;;;0x\(Hexadecimal.text(frame))\n".utf8))
    #expect(line.takeOutputs().last?.frame == frame)
    line.wait(.minutes(59))
    #expect(line.receiver.commands.isEmpty && line.speeds.isEmpty && line.reopened.isEmpty)
  }

  @Test("lines of a CUL that was set up before do not settle it, and are not lost")
  func culLines() throws {
    let frame = try plain()
    var line = ReceiverLine(.cul)
    line.open()
    line.send(wrapped(line, frame))
    line.wait(15_000)
    #expect(line.takeOutputs().filter { $0.frame != nil }.count == 1)
    #expect(line.receiver.commands == line.receiver.setUp)
  }

  @Test("telegrams that a receiver sends before it is asked are delivered once it is known")
  func early() throws {
    let frame = try plain()
    var line = ReceiverLine(.im871a)
    line.open()
    line.send(wrapped(line, frame))
    #expect(line.takeOutputs().isEmpty)
    line.wait(3000)
    #expect(line.takeOutputs().compactMap(\.frame) == [frame])
  }

  @Test("where nothing answers it is told once, the line has its settings again, and frames are taken as they come")
  func nothing() throws {
    let frame = try plain()
    var line = ReceiverLine(.im871a)
    line.receiver.isMute = true
    line.open()
    line.wait(20_000)
    #expect(line.speeds == [9600, 38_400, 19_200, 57_600])
    #expect(line.told.count == 1 && line.told[0].contains("no receiver answers"))
    line.send(frame)
    line.wait(600)
    #expect(line.takeOutputs().last?.frame == frame)
  }

  @Test("frames that come at the speed of a question are found too")
  func framesAtAnotherSpeed() throws {
    let frame = try plain()
    var line = ReceiverLine(.im871a)
    line.receiver.isMute = true
    line.open()
    while line.baud != 9600 { line.wait(100) }
    line.send(frame)
    line.wait(20_000)
    #expect(line.takeOutputs().compactMap(\.frame) == [frame])
    #expect(line.baud == 9600 && line.speeds == [9600])
  }

  @Test("a gateway is listened to for longer, and its speed is its own")
  func gateway() {
    var line = ReceiverLine(.im871a, settings: .gateway)
    line.open()
    line.wait(29_000)
    #expect(line.receiver.commands.isEmpty)
    line.wait(2000)
    #expect(line.receiver.commands == line.receiver.setUp && line.speeds.isEmpty)
  }

  @Test("a receiver that is named and does not answer is opened again, ever more slowly")
  func silent() {
    var line = ReceiverLine(.im871a, named: .im871a)
    line.receiver.isMute = true
    line.open()
    line.wait(.minutes(10))
    #expect((8...15).contains(line.reopened.count), "\(line.reopened.count)")
    #expect(line.reopened.allSatisfy { $0.contains("the receiver iM871A does not answer") && $0.contains("57600 8N1") })
    line.receiver.isMute = false
    line.wait(.minutes(2))
    #expect(line.told == ["found the receiver iM871A, which hears C1 and T1"])
  }

  @Test("after ten minutes of silence a receiver is set again, and opened again where it hangs", arguments: kinds)
  func hangs(_ kind: ScriptedReceiver.Kind) {
    var line = ReceiverLine(kind, named: kind.setting)
    line.open()
    let setUp = line.receiver.commands
    line.wait(.minutes(10))
    #expect(line.receiver.commands == setUp + setUp)
    #expect(line.reopened.isEmpty)
    line.receiver.isMute = true
    line.wait(.minutes(11))
    #expect(!line.reopened.isEmpty)
  }

  @Test("after an hour without a telegram the line is opened again, and everything set")
  func hour() {
    var line = ReceiverLine(.im871a, named: .im871a)
    line.open()
    line.wait(.minutes(60))
    #expect(line.reopened == ["no telegram for 60 min"])
  }

  @Test("a wrong checksum is a dead letter, and the next telegram is not harmed")
  func checksums() throws {
    let frame = try plain()
    var amber = ReceiverLine(.amb8465, named: .amb8465)
    amber.open()
    _ = amber.takeOutputs()
    var damaged = wrapped(amber, frame)
    damaged[20] ^= 1
    amber.send(damaged + wrapped(amber, frame))
    #expect(amber.takeOutputs().compactMap(\.code) == [.checksumMismatch])
    amber.send(wrapped(amber, frame))
    amber.wait(.minutes(2))

    // CRC, time and strength, as a configuration of its own may have it.
    var imst = ReceiverLine(.im871a, named: .im871a)
    imst.open()
    _ = imst.takeOutputs()
    var bytes = [0xA5, 0xE2, 3, frame[0]] + frame.dropFirst() + [1, 2, 3, 4, 103]
    let check = CRC16.x25(Array(bytes.dropFirst()).span)
    bytes += [UInt8(check & 255), UInt8(check >> 8)]
    imst.send(bytes)
    #expect(imst.takeOutputs().last?.frame == frame)
    bytes[30] ^= 0x40
    imst.send(bytes)
    imst.wait(600)
    #expect(imst.takeOutputs().compactMap(\.code) == [.checksumMismatch])
  }

  @Test("long telegrams that a CUL cuts are dead letters, and the reason is told once")
  func cut() throws {
    let frame = try sampleBytes("wmbus/format-b")
    var line = ReceiverLine(.cul, named: .cul)
    line.open()
    _ = line.takeOutputs()
    let cut = Array("bY\(Hexadecimal.text(frame).prefix(271))\r\n".utf8)
    line.send(cut + cut)
    #expect(line.told.count == 1 && line.told[0].contains("148 bytes"))
    #expect(line.takeOutputs().compactMap(\.code) == [.truncated, .truncated])
  }

  @Test("an AMB that puts no strength behind telegrams, or sends them bare, is understood")
  func amber() throws {
    let frame = try plain()
    for (isInCommandMode, putsStrength) in [(true, false), (false, true), (false, false)] {
      var line = ReceiverLine(.amb8465, named: .amb8465)
      line.receiver.isInCommandMode = isInCommandMode
      line.receiver.putsStrength = putsStrength
      // It comes before the answer that tells of the strength.
      let early = wrapped(line, frame)
      line.receiver.isMute = true
      line.open()
      line.send(early)
      line.receiver.isMute = false
      line.wait(3000)
      #expect(line.takeOutputs().compactMap(\.frame) == [frame], "\(isInCommandMode) \(putsStrength)")
    }
  }
}
