import Decoders
import Testing

@testable import Base
@testable import MeterBridge
@testable import Meters

private let first = "/XYZ5TEST\r\n\r\n1-3:0.2.8(50)\r\n1-0:1.8.1(0015"
private let second = "99.701*kWh)\r\n!"

/// The two halves of a telegram.
private func halves(checksum: Bool = true) -> [[UInt8]] {
  let text = Array((first + second).utf8)
  let digits = String(CRC16.arc(text.span), radix: 16, uppercase: true)
  let end = checksum ? String(repeating: "0", count: 4 - digits.count) + digits : ""
  return [Array(first.utf8), Array((second + end + "\r\n").utf8)]
}

/// Letters of a log in order, each with its second.
private struct Log {
  private var numbering = DeadLetterNumbering()
  private(set) var entries: [DeadLetterEntry] = []

  mutating func add(
    _ bytes: [UInt8], at second: Int64, meter: String = "grid", stage: DeadLetter.Stage = .framing,
    code: String = "noise"
  ) {
    let time = WallTime(milliseconds: 1_795_172_400_000 + second * 1000)
    let letter = DeadLetter(
      time: time, meter: meter, source: "-", kind: .undecodable, stage: stage, code: code, message: "",
      protocolName: "p1", bytes: bytes)
    entries.append(DeadLetterEntry(id: numbering.next(at: time), letter: letter))
  }

  /// The places of the letters that came out together, and what they said.
  func replay() -> [(places: [Int], text: String)] {
    let meters = ["grid", "attic"].map {
      MeterSettings(id: $0, meterProtocol: .p1, source: .standardInput, sourceText: "-")
    }
    var replay = Replay(meters: meters, devices: [])
    return entries.compactMap { entry in
      switch replay.decode(entry) {
      case .undecodable, .repeated: nil
      case .decoded(let readings): ([place(entry)], Self.text(readings))
      case .joined(let readings, let entries): (entries.map(place), Self.text(readings))
      }
    }
  }

  private func place(_ entry: DeadLetterEntry) -> Int { entries.firstIndex { $0.id == entry.id } ?? -1 }

  private static func text(_ readings: [ReplayedReading]) -> String {
    readings.map { String(decoding: $0.document, as: UTF8.self) }.joined()
  }
}

@Suite struct ReplayRunTests {
  @Test("the pieces of a torn telegram are joined") func joined() {
    var log = Log()
    log.add(halves()[1], at: 0)
    for push in 0..<2 as Range<Int64> {
      log.add(halves()[0], at: 10 + 10 * push, code: "truncated")
      log.add(halves()[1], at: 13 + 10 * push)
    }
    let out = log.replay()
    #expect(out.map(\.places) == [[1, 2], [3, 4]])
    #expect(out.allSatisfy { $0.text.contains(#""value":1599.701"#) && $0.text.hasSuffix(#","replayed":true}"#) })
  }

  @Test("pieces of two meters, or with a long time between them, are not joined") func apart() {
    var log = Log()
    log.add(halves()[0], at: 0, code: "truncated")
    log.add(halves()[1], at: 1, meter: "attic")
    log.add(halves()[0], at: 20, code: "truncated")
    log.add(halves()[1], at: 31)
    #expect(log.replay().isEmpty)
  }

  @Test("without a check value nothing is joined") func unchecked() {
    var log = Log()
    let text = String(decoding: halves(checksum: false)[0], as: UTF8.self).replacing("1-3:0.2.8(50)\r\n", with: "")
    log.add(Array(text.utf8), at: 0, code: "truncated")
    log.add(halves(checksum: false)[1], at: 1)
    #expect(log.replay().isEmpty)
    // Nor is a telegram with silence in it decoded alone.
    log.add(Array(text.utf8) + halves(checksum: false)[1], at: 5, code: "truncated")
    #expect(log.replay().isEmpty)
  }

  @Test("a telegram that was decoded is not part of another") func decodedBetween() {
    var log = Log()
    log.add(halves()[0], at: 0, code: "truncated")
    log.add(halves()[0] + halves()[1], at: 2)
    log.add(halves()[1], at: 3)
    #expect(log.replay().map(\.places) == [[1]])
  }
}
