import Decoders
import Foundation
import Testing
import TestSupport

@testable import Base
@testable import Meters

/// The bytes of a telegram of each protocol.
private enum Telegrams {
  static let p1 = p1Telegram("1-0:1.8.1(000123.456*kWh)", "1-0:1.7.0(00.472*kW)")
  static let mbus = shortTelegram(7) + shortTelegram(8)
  static let echonet = Array(
    ("ERXUDP FE80:0000:0000:0000:0200:5EFF:FE00:5301 FE80:0000:0000:0000:0200:5EFF:FE00:5301 0E1A 0E1A "
      + "02005EFFFE005301 1 0018 1081000102880105FF017202E70400000110E80410810001\r\n").utf8)
  static let dlms = sample("dlms/kaifa-ma309m")
  static let sml = sample("sml/emh-import")

  private static func sample(_ name: String) -> [UInt8] {
    let file = repository.appending(path: "Tests/Samples/\(name).sample")
    let lines = (try? String(contentsOf: file, encoding: .utf8))?.split(separator: "\n") ?? []
    let digits = lines.filter { $0.hasPrefix("telegram: ") }.map { $0.dropFirst(10) }.joined()
    return Hexadecimal.bytes(digits.utf8) ?? []
  }

  static let d0 =
    Array("/XYZ5TEST\r\n".utf8) + [0x02] + Array("0.0.0(99900001)\r\n1.8.0(000123.4*kWh)\r\n!\r\n".utf8) + [
      0x03,
      Array("0.0.0(99900001)\r\n1.8.0(000123.4*kWh)\r\n!\r\n\u{3}".utf8).reduce(0, ^),
    ]

  static func of(_ name: String) -> [UInt8] {
    switch name {
    case "p1": p1
    case "mbus": mbus
    case "dlms": dlms
    case "d0": d0
    case "sml": sml
    default: echonet
    }
  }
}

/// What a port receives from an inverted line, with eight data bits and no parity: the line rests low, and a start bit is a
/// fall from high to low.
private func receivedInverted(_ bytes: [UInt8]) -> [UInt8] {
  let rest = [UInt8](repeating: 0, count: 20)
  var line = rest
  for byte in bytes {
    line.append(1)
    for bit in 0..<8 { line.append(1 - byte >> bit & 1) }
    line.append(0)
  }
  line += rest
  var received: [UInt8] = []
  var place = 1
  while place + 10 <= line.count {
    if line[place - 1] == 1, line[place] == 0 {
      var byte: UInt8 = 0
      for bit in 0..<8 { byte |= line[place + 1 + bit] << bit }
      received.append(byte)
      place += 9
    }
    place += 1
  }
  return received
}

struct LineDiagnosisTests {
  struct Mistake: Sendable, CustomTestStringConvertible {
    let configured: String
    let there: String
    var testDescription: String { "\(configured) is configured, \(there) is there" }
  }

  private static let names = ["mbus", "p1", "dlms", "sml", "d0", "echonet"]

  private static func diagnosis(_ name: String) throws -> LineDiagnosis {
    let known = try #require(ProtocolDescription(named: name))
    var settings = MeterSettings(id: "m", meterProtocol: known, source: .standardInput, sourceText: "-")
    if name == "echonet" {
      settings.bRouteIdentifier = Secret(String(repeating: "0", count: 32))
      settings.password = Secret("0123456789AB")
    }
    return LineDiagnosis(Box(settings))
  }

  private static func noise(_ bytes: [UInt8]) -> DecodeError { DecodeError(.noise, at: 0, found: bytes.count) }

  @Test(
    "telegrams of another protocol are named, wherever the first piece begins",
    arguments: names.flatMap { one in names.filter { $0 != one }.map { Mistake(configured: one, there: $0) } })
  func otherProtocol(mistake: Mistake) throws {
    let telegram = Telegrams.of(mistake.there)
    try #require(!telegram.isEmpty)
    let other = try #require(ProtocolDescription(named: mistake.there))
    for cut in [0, 3] where cut == 0 || mistake.there != "echonet" {
      var diagnosis = try Self.diagnosis(mistake.configured)
      var finding: LineDiagnosis.Finding?
      for (second, piece) in [Array(telegram.dropFirst(cut)), telegram, telegram].enumerated() {
        diagnosis.heard([0x0D, 0x0A] + piece)
        finding = diagnosis.rejected(piece, Self.noise(piece), now: instant(Int64(3 * second)))
      }
      #expect(finding == .other(other))
    }
    let finding = LineDiagnosis.Finding.other(other)
    #expect("\(finding)" == "these bytes are \(other.title): protocol: \(mistake.there)")
  }

  @Test("a D0 readout of seven data bits is named on a line of eight, too", arguments: ["sml", "dlms", "p1"])
  func parityOfD0(configured: String) throws {
    let bytes = Telegrams.d0.map { $0 | ($0.nonzeroBitCount % 2 == 1 ? 0x80 : 0) }
    var diagnosis = try Self.diagnosis(configured)
    let finding = diagnosis.rejected(bytes, Self.noise(bytes), now: instant(1))
    #expect(finding == .other(try #require(ProtocolDescription(named: "d0"))))
  }

  @Test("a D0 readout without STX is not named P1", arguments: ["sml", "dlms", "p1"])
  func readoutWithoutSTX(configured: String) throws {
    let bytes = Array("/XYZ5TEST\r\n0.0.0(99900001)\r\n1.8.0(000123.4*kWh)\r\n!\r\n".utf8)
    let d0 = try #require(ProtocolDescription(named: "d0"))
    var diagnosis = try Self.diagnosis(configured)
    #expect(diagnosis.rejected(bytes, Self.noise(bytes), now: instant(1)) == .other(d0))
    let known = try #require(ProtocolDescription(named: configured))
    let settings = MeterSettings(id: "m", meterProtocol: known, source: .standardInput, sourceText: "-")
    var framer = settings.meterProtocol.framer(settings)
    framer.append(bytes.span)
    framer.finish()
    while let framed = framer.next() {
      guard case .rejected(_, let error) = framed else { continue }
      #expect(!error.description.contains("P1"), "\(error)")
    }
  }

  @Test("the names in the sentence are those that people use")
  func titles() {
    #expect(
      Self.names.map { ProtocolDescription(named: $0)?.title } == [
        "M-Bus", "P1", "DLMS", "SML", "D0", "ECHONET Lite",
      ])
  }

  @Test("noise is nothing, and it takes long to look like something", arguments: names)
  func noise(name: String) throws {
    var random = SplitMix64(seed: 7)
    var diagnosis = try Self.diagnosis(name)
    for second in 0..<60 {
      let piece = (0..<2048).map { _ in UInt8.random(in: 0...255, using: &random) }
      diagnosis.heard(piece)
      let finding = diagnosis.rejected(piece, Self.noise(piece), now: instant(Int64(3 * second)))
      #expect(finding == nil || finding == .damaged, "\(finding.debugDescription)")
    }
  }

  @Test("telegrams with a wrong checksum, or without their end, are the meter's own")
  func damaged() throws {
    var diagnosis = try Self.diagnosis("p1")
    let error = DecodeError(.checksumMismatch, at: 0, expected: 1, found: 2)
    #expect(diagnosis.rejected(Telegrams.p1, error, now: instant(1)) == .damaged)
    let half = Array(Telegrams.p1.prefix(60))
    #expect(diagnosis.rejected(half, DecodeError(.truncated, at: 60), now: instant(1)) == .damaged)
  }

  @Test("bytes with bad parity do not prove the line settings")
  func badParity() throws {
    var diagnosis = try Self.diagnosis("dlms")
    let error = DecodeError(.parityError, at: 0, found: 100)
    #expect(diagnosis.rejected(Telegrams.dlms, error, now: instant(1)) == nil)
  }

  @Test("the complement of a telegram is an inverted line", arguments: ["mbus", "p1", "dlms", "sml"])
  func complement(name: String) throws {
    var diagnosis = try Self.diagnosis(name)
    let bytes = Telegrams.of(name).map { ~$0 }
    // Half a telegram first, and then in pieces.
    var finding: LineDiagnosis.Finding?
    for (second, piece) in [bytes.suffix(40), bytes.prefix(30), bytes.dropFirst(30)].enumerated() {
      finding = diagnosis.rejected(Array(piece), Self.noise(bytes), now: instant(Int64(3 * second)))
    }
    #expect(finding == .inverted)
    #expect("\(LineDiagnosis.Finding.inverted)".hasPrefix("the bytes are inverted"))
  }

  @Test("the complement of a telegram with seven data bits is an inverted line too")
  func complementOfSevenBits() throws {
    var diagnosis = try Self.diagnosis("p1")
    let bytes = Telegrams.p1.map { ~$0 & 0x7F }
    #expect(diagnosis.rejected(bytes, Self.noise(bytes), now: instant(1)) == .inverted)
  }

  @Test("what a real port receives from an inverted P1 line is recognised")
  func invertedLine() throws {
    let received = receivedInverted(Telegrams.p1)
    #expect(received.count >= Telegrams.p1.count - 4 && received != Telegrams.p1.map { ~$0 })
    var diagnosis = try Self.diagnosis("p1")
    #expect(diagnosis.rejected(received, Self.noise(received), now: instant(1)) == .inverted)
  }

  @Test("a decoded telegram ends a finding")
  func succeeded() throws {
    var diagnosis = try Self.diagnosis("p1")
    let bytes = Telegrams.p1.map { ~$0 }
    #expect(diagnosis.rejected(bytes, Self.noise(bytes), now: instant(1)) == .inverted)
    diagnosis.succeeded()
    #expect(diagnosis.rejected([UInt8](repeating: 1, count: 20), Self.noise([1]), now: instant(2)) == nil)
  }

  @Test("an examination comes at most every two seconds, and its result stays meanwhile")
  func pause() throws {
    var diagnosis = try Self.diagnosis("p1")
    let bytes = Telegrams.p1.map { ~$0 }
    let short = [UInt8](repeating: 0, count: 4)
    #expect(diagnosis.rejected(short, Self.noise(short), now: instant(1)) == nil)
    #expect(diagnosis.rejected(bytes, Self.noise(bytes), now: instant(2)) == nil)
    #expect(diagnosis.rejected(short, Self.noise(short), now: instant(3)) == .inverted)
    #expect(diagnosis.rejected(short, Self.noise(short), now: instant(4)) == .inverted)
  }
}
