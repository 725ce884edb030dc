import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters

private let usualLine = LineSettings(baud: 2400, dataBits: 8, parity: .even, stopBits: 1)

private func begin(_ known: ProtocolDescription, on source: SourceAddress = .serial(path: "/dev/x")) -> MeterTrial {
  MeterTrial(MeterSettings(id: "grid", meterProtocol: known, source: source, sourceText: "x"))
}

extension MeterTrial {
  /// The words of its verdict after ten seconds.
  fileprivate var words: String {
    switch verdict(after: .seconds(10), on: usualLine) {
    case .heard(let heard): return heard.map { "\($0.id): \($0.meter)" }.joined(separator: "; ")
    case .failed(let text): return "failed: \(text)"
    case .noise(let text): return "noise: \(text)"
    }
  }
}

@Test("a telegram names the meter, and those behind it")
func heardMeters() {
  var trial = begin(.p1)
  #expect(!trial.isSettled)
  trial.received([
    p1Telegram("0-0:96.1.1(45303031)", "1-0:1.7.0(00.472*kW)", gasChannel[0], gasChannel[1], gasChannel[2])
  ])
  #expect(trial.isSettled)
  #expect(
    trial.words == "grid: XYZ TEST, number E001, 1 value; grid_gas: gas meter, number G0039001234567890, 2 values")
  // A cable that is pulled afterwards changes nothing.
  trial.lost("x was unplugged")
  #expect(trial.words.hasPrefix("grid: "))
}

@Test("bytes of another protocol name it")
func otherProtocol() throws {
  var dlms = begin(.p1)
  dlms.rejected(try sampleBytes("dlms/kaifa-ma309m-plain"), DecodeError(.noise, at: 0, found: 200))
  #expect(dlms.isSettled)
  #expect(dlms.words == "failed: these bytes are DLMS: protocol: dlms")
  var p1 = begin(.mbus)
  p1.rejected(p1Telegram("1-0:1.7.0(00.472*kW)"), DecodeError(.noise, at: 0, found: 60))
  p1.noAnswer(tries: 4, .damage)
  #expect(p1.words == "failed: these bytes are P1: protocol: p1")
}

@Test("an enciphered block within the frames of another protocol is not taken for a missing key at once")
func encipheredOther() throws {
  var trial = begin(.p1)
  let frame = try sampleBytes("p1/luxembourg-enciphered")
  trial.received([frame])
  #expect(!trial.isSettled)
  #expect(trial.words.hasPrefix("failed: encrypted, and no key is configured"))
  trial.received([frame])
  #expect(trial.isSettled)
}

@Test("silence, noise and damage have words of their own")
func wordsOfTrouble() throws {
  for known in [ProtocolDescription.p1, .mbus, .dlms] {
    #expect(try begin(known).words == "failed: nothing came in 10 s: \(#require(known.silenceAdvice))")
  }
  var noisy = begin(.p1)
  noisy.rejected([1, 2, 3], DecodeError(.noise, at: 0, found: 3))
  #expect(!noisy.isSettled)
  #expect(
    noisy.words
      == "noise: 3 bytes in 10 s, but no telegram of a P1 meter with 2400 8E1: another speed, or an inverted line?")
  var damaged = begin(.p1)
  damaged.rejected([1, 2, 3], DecodeError(.checksumMismatch, at: 0, expected: 1, found: 2))
  #expect(damaged.words.hasSuffix("bytes get lost on the way"))
  var lost = begin(.p1)
  lost.lost("x was unplugged")
  #expect(lost.isSettled)
  #expect(lost.words == "failed: x was unplugged")
}

@Test("a meter that does not answer tells why")
func noAnswers() {
  var silent = begin(.mbus)
  silent.noAnswer(tries: 4, .silence)
  #expect(silent.isSettled)
  #expect(silent.words.hasPrefix("failed: no answer after 4 tries"))
  var several = begin(.mbus)
  several.noAnswer(tries: 4, .damage)
  #expect(several.words.contains("several meters"))
  var strangers = begin(.mbus)
  strangers.rejected([0x68], .otherMeter(asked: 1, found: 2))
  strangers.noAnswer(tries: 1, .strangers)
  #expect(strangers.words.hasPrefix("failed: "))
  var dongle = begin(.echonet)
  dongle.troubled(by: .noBeacon)
  #expect(!dongle.isSettled)
  dongle.troubled(by: .noDongle)
  #expect(dongle.isSettled)
}

@Test("a bus has time for each of its meters, and a slow meter for two telegrams")
func timeOfATrial() {
  var settings = MeterSettings(id: "a", meterProtocol: .p1, source: .serial(path: "/dev/x"), sourceText: "x")
  #expect(MeterTrial.time(for: [settings]) == .seconds(30))
  settings.interval = .minutes(1)
  #expect(MeterTrial.time(for: [settings]) == .seconds(125))
  settings.interval = .minutes(24 * 60)
  #expect(MeterTrial.time(for: [settings]) == Limits.longestTrial)
  settings.meterProtocol = .mbus
  #expect(MeterTrial.time(for: [settings]) == .seconds(30))
  #expect(MeterTrial.time(for: Array(repeating: settings, count: 40)) == .seconds(400))
  settings.meterProtocol = .echonet
  #expect(MeterTrial.time(for: [settings]) > .minutes(1))
}
