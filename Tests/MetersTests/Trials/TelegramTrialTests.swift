import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters

private let all = ProtocolDescription.all
private let p1Bytes = p1Telegram("0-0:96.1.1(45303031)", "1-0:1.7.0(00.472*kW)")

private func look(at bytes: [UInt8], key: String? = nil) throws -> TelegramTrial.Finding? {
  var trial = TelegramTrial(all)
  trial.append(bytes)
  guard let key else { return trial.look() }
  return trial.look(key: try MeterKey(key))
}

@Test("a telegram is found between the rest of another one and the begin of a third")
func telegramOfALine() throws {
  let found = try look(at: p1Bytes.suffix(40) + p1Bytes + p1Bytes.prefix(30))
  #expect(found?.meterProtocol == .p1)
  #expect(found?.meter?.maker == "XYZ")
  #expect(found?.meter?.values == 1)
  #expect(found?.trouble == nil)
}

@Test("only a whole telegram counts, and not the sign of a protocol in noise")
func signsInNoise() throws {
  #expect(try look(at: Array("xx/ABC5 and no end".utf8)) == nil)
  #expect(try look(at: p1Bytes.dropLast(7)) == nil)
  #expect(try look(at: [0x68, 0x04, 0x04, 0x68, 0x53]) == nil)
  #expect(try look(at: []) == nil)
  var random = SystemRandomNumberGenerator()
  let noise = (0..<4096).map { _ in UInt8.random(in: .min ... .max, using: &random) }
  #expect(try look(at: noise)?.meter == nil)
}

@Test("an enciphered telegram is recognised, and the key tells the rest")
func encipheredTelegram() throws {
  let bytes = try sampleBytes("p1/luxembourg-enciphered")
  let closed = try look(at: bytes)
  #expect(closed?.meter == nil)
  #expect(closed?.trouble?.code == .noKey)
  let opened = try look(at: bytes, key: "000102030405060708090A0B0C0D0E0F")
  #expect(opened?.meterProtocol == .p1)
  #expect((opened?.meter?.values ?? 0) > 5)
  #expect(try look(at: bytes, key: "FF0102030405060708090A0B0C0D0E0F")?.meter == nil)
}

@Test("damaged bytes are not part of a telegram")
func damagedBytes() {
  var trial = TelegramTrial(all)
  trial.append(LineInput(bytes: p1Bytes.prefix(20) + [0xFF] + p1Bytes.dropFirst(20), damaged: [20]))
  #expect(trial.count == p1Bytes.count + 1)
  #expect(trial.damaged == 1)
  #expect(trial.look()?.meterProtocol == .p1)
  // Nothing has come since.
  #expect(trial.look() == nil)
}

@Test("a noisy line takes no more memory than its limit, and a telegram behind the noise is found")
func boundOfTheBytes() {
  var trial = TelegramTrial([.p1])
  for _ in 0..<40 { trial.append([UInt8](repeating: 0x55, count: Limits.readBytes)) }
  trial.append(p1Bytes)
  #expect(trial.count == 40 * Limits.readBytes + p1Bytes.count)
  #expect(trial.look()?.meterProtocol == .p1)
}
