import Decoders
import Testing

@testable import Base
@testable import Simulator

/// A stripped frame of 31 bytes: AQU 70112233.
private let frame: [UInt8] = [0x1E, 0x44, 0x35, 0x06, 0x33, 0x22, 0x11, 0x70, 0x21, 0x07] + [0x7A] + Array(0x01...0x14)

extension RadioReceiver {
  fileprivate mutating func text(_ command: String) -> String {
    String(decoding: receive(Array(command.utf8)), as: UTF8.self)
  }

  fileprivate func heard(_ mode: RadioMode = .t, isDamaged: Bool = false) -> [UInt8] {
    deliver(frame, mode, level: -71, isDamaged: isDamaged, at: simulatedNoon)
  }
}

@Suite struct RadioReceiverTests {
  @Test("an iM871A answers, is set to its radio modes, and hands over with level and check value")
  func im871a() {
    var receiver = RadioReceiver(.im871a)
    #expect(receiver.heard().isEmpty && receiver.heard(.c).isEmpty)
    #expect(receiver.receive([0x00, 0xA5, 0x01, 0x01]) + receiver.receive([0x00]) == [0xA5, 0x01, 0x02, 0x00])
    #expect(receiver.receive([0xA5, 0x01, 0x0F, 0x00]).prefix(7) == [0xA5, 0x01, 0x10, 0x08, 0x33, 0x00, 0x14])
    func set(_ mode: UInt8) -> [UInt8] { [0xA5, 0x01, 0x03, 0x06, 0x00, 0x02, mode, 0x30, 0x01, 0x00] }
    #expect(receiver.receive(set(0x42)).isEmpty)
    #expect(receiver.receive(set(0x07)).prefix(3) == [0xA5, 0x01, 0x04])
    #expect(receiver.hears == [.c])
    _ = receiver.receive(set(0x0A))
    #expect(receiver.hears == [.c, .t])
    let heard = receiver.heard()
    #expect(heard.prefix(4) == [0xA5, 0xC2, 0x03, 0x1E] && heard.count == 4 + 30 + 1 + 2)
    // −100 dBm + (rssi − 45) ∕ 2.
    #expect(heard[4..<34] == frame[1...] && heard[34] == 103)
    let check = CRC16.x25(heard.span.extracting(1..<35))
    #expect(heard.suffix(2) == [UInt8(truncatingIfNeeded: check), UInt8(check >> 8)])
    #expect(zip(heard, receiver.heard(isDamaged: true)).count { $0 != $1 } == 1)
    // At another speed it hears nothing.
    receiver.heardAt = 9600
    #expect(receiver.receive([0xA5, 0x01, 0x01, 0x00]).isEmpty)
  }

  @Test("an AMB8465 tells its memory, is set, and hands over with command frames after a reset")
  func amb8465() {
    var receiver = RadioReceiver(.amb8465)
    func command(_ bytes: [UInt8]) -> [UInt8] { [0xFF] + bytes + [bytes.reduce(0xFF, ^)] }
    #expect(command([0x0A, 0x02, 0x00, 0x80]).last == 0x77 && command([0x0B, 0x00]).last == 0xF4)
    let memory = receiver.receive(command([0x0A, 0x02, 0x00, 0x80]))
    #expect(memory.prefix(5) == [0xFF, 0x8A, 0x7A, 0x00, 0x78] && memory.count == 5 + 120 + 1)
    #expect(receiver.receive(command([0x0B, 0x00])).prefix(3) == [0xFF, 0x8B, 0x04])
    #expect(receiver.receive([0xFF, 0x0B, 0x00, 0x00]).isEmpty, "a wrong check value")
    #expect(receiver.heard().isEmpty)
    #expect(receiver.receive(command([0x04, 0x01, 0x09])) == [0xFF, 0x84, 0x01, 0x00, 0x7A])
    // The length counts the level: int8 ∕ 2 − 74.
    let transparent = [0x1F] + frame[1...] + [6]
    #expect(receiver.heard() == transparent && receiver.heard(isDamaged: true).isEmpty)
    #expect(receiver.receive([0xFF, 0x09, 0x03, 0x05, 0x01, 0x01, 0xF0]).prefix(2) == [0xFF, 0x89])
    #expect(receiver.heard() == transparent, "only after a reset")
    #expect(receiver.receive([0xFF, 0x05, 0x00, 0xFA]).prefix(2) == [0xFF, 0x85])
    let heard = receiver.heard()
    #expect(heard.prefix(3) == [0xFF, 0x03, 0x1F] && heard[3..<33] == frame[1...] && heard[33] == 6)
    #expect(heard.count == 35 && heard.reduce(0, ^) == 0)
    #expect(receiver.heard(isDamaged: true).reduce(0, ^) != 0)
  }

  @Test("a CUL hears T1, or in C mode both, and only after X21; its lines have check values and level")
  func cul() {
    var receiver = RadioReceiver(.cul)
    #expect(receiver.text("V\r\n").hasPrefix("V 1.67 nanoCUL868"))
    #expect(receiver.text("brt\r\n") == "TMODE\r\n")
    #expect(receiver.heard().isEmpty)
    #expect(receiver.text("X21\r\n").isEmpty)
    let line = String(decoding: receiver.heard(), as: UTF8.self)
    #expect(line.hasPrefix("b1E443506332211702107") && line.hasSuffix("2B06\r\n") && receiver.heard(.c).isEmpty)
    let bytes = Hexadecimal.bytes(line.utf8.dropFirst().dropLast(2)) ?? []
    // Ten bytes, sixteen and five, each with a check value.
    #expect(bytes.count == 31 + 3 * 2 + 2)
    #expect(CRC16.en13757(bytes.span, 0..<10) == UInt16(bytes[10]) << 8 | UInt16(bytes[11]))
    #expect(CRC16.en13757(bytes.span, 12..<28) == UInt16(bytes[28]) << 8 | UInt16(bytes[29]))
    #expect(CRC16.en13757(bytes.span, 30..<35) == UInt16(bytes[35]) << 8 | UInt16(bytes[36]))
    #expect(receiver.heard(isDamaged: true) != receiver.heard())
    #expect(receiver.text("brc\r\n") == "CMODE\r\n")
    let compact = String(decoding: receiver.heard(.c), as: UTF8.self)
    let inB = Hexadecimal.bytes(compact.utf8.dropFirst(2).dropLast(2)) ?? []
    #expect(compact.hasPrefix("bY2044") && inB.count == 31 + 2 + 2)
    #expect(CRC16.en13757(inB.span, 0..<31) == UInt16(inB[31]) << 8 | UInt16(inB[32]))
    #expect(receiver.text("Q\r\n").hasPrefix("? (Q is unknown)"))
  }

  @Test("an RC1180 hears T1 at once, counts its level, and is silent while it is configured")
  func rc1180() {
    var receiver = RadioReceiver(.rc1180)
    #expect(receiver.heard() == [0x1F] + frame[1...] + [142] && receiver.heard(.c).isEmpty)
    #expect(receiver.receive([0x00]) == [0x3E])
    #expect(receiver.heard().isEmpty)
    let memory = receiver.receive([0x30])
    #expect(memory.count == 257 && memory[5] == 1 && memory.last == 0x3E)
    #expect(receiver.receive([0x58]).isEmpty && !receiver.heard().isEmpty)
  }

  @Test("lines are those of rtl_wmbus, and say whether the check values fit")
  func lines() {
    let receiver = RadioReceiver(.lines)
    let line = String(decoding: receiver.heard(), as: UTF8.self)
    #expect(line.hasPrefix("T1;1;1;2") && line.contains(".000;-71;;;0x1e4435063322117021077a01"))
    #expect(WirelessLine(receiver.heard())?.frame == frame && WirelessLine(receiver.heard())?.signalStrength == -71)
    #expect(receiver.heard(.c, isDamaged: true).starts(with: "C1;0;1;".utf8))
  }
}
