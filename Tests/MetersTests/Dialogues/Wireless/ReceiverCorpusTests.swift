import Foundation
import Testing
import TestSupport

@testable import Base
@testable import Decoders
@testable import Meters

private let folder = repository.appending(path: "../shared/corpus/wmbus").standardizedFileURL

/// A telegram of the corpus, without check values.
private struct CorpusTelegram {
  let name: String
  let bytes: [UInt8]
  let key: MeterKey?
  let meaning: String

  static func all() throws -> [CorpusTelegram] {
    var telegrams: [CorpusTelegram] = []
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() where file.hasSuffix(".json")
    {
      let content = try JSONSerialization.jsonObject(with: Data(contentsOf: folder.appending(path: file)))
      let object = try #require(content as? [String: Any])
      let key = try (object["key"] as? String).map { try MeterKey($0) }
      for digits in try #require(object["telegrams"] as? [String]) {
        let bytes = try #require(Hexadecimal.bytes(digits.utf8))
        let stripped = try AirFrame.stripped(bytes)
        let meaning = AirFrame.meaning(of: stripped, key: key)
        telegrams.append(CorpusTelegram(name: file, bytes: stripped, key: key, meaning: meaning))
      }
    }
    return telegrams
  }

  var air: [(frame: [UInt8], isFormatB: Bool)] {
    [(AirFrame.formatA(bytes), false)] + (bytes.count + 4 <= 255 ? [(AirFrame.formatB(bytes), true)] : [])
  }
}

/// The only frame that comes out of bytes, which come one at a time and are followed by silence.
private func heard(_ line: inout ReceiverLine, _ bytes: [UInt8]) -> [UInt8]? {
  line.wait(.minutes(2))
  _ = line.takeOutputs()
  line.send(bytes, inPieces: true)
  line.wait(600)
  let outputs = line.takeOutputs()
  let frames = outputs.compactMap(\.frame)
  return frames.count == 1 && !outputs.contains { $0.code != nil } ? frames[0] : nil
}

/// That bytes of a line give the telegram, and that it means the same to its meter.
private func verify(
  _ telegram: CorpusTelegram, from written: [UInt8], on line: inout ReceiverLine,
  at place: SourceLocation = #_sourceLocation
) throws {
  guard let frame = heard(&line, written) else {
    Issue.record("\(telegram.name): \(String(decoding: written.prefix(20), as: UTF8.self))", sourceLocation: place)
    return
  }
  #expect(try AirFrame.stripped(frame) == telegram.bytes, "\(telegram.name)", sourceLocation: place)
  let meaning = AirFrame.meaning(of: frame, key: telegram.key)
  #expect(meaning == telegram.meaning, "\(telegram.name)", sourceLocation: place)
}

@Suite(
  .enabled(
    if: FileManager.default.fileExists(atPath: folder.path),
    "the telegrams are of others and stay in their folder, which is not beside this repository"))
struct ReceiverCorpusTests {
  @Test(
    "each telegram, in both formats and a byte at a time, is the same by each receiver that takes commands",
    arguments: ScriptedReceiver.Kind.allCases)
  func sticks(kind: ScriptedReceiver.Kind) throws {
    let telegrams = try CorpusTelegram.all()
    #expect(telegrams.count >= 169)
    var line = ReceiverLine(kind, named: kind.setting)
    line.open()
    for isBare in kind == .amb8465 ? [false, true] : [false] {
      line.receiver.isInCommandMode = !isBare
      for telegram in telegrams {
        for (air, isFormatB) in telegram.air {
          let wrapped = line.receiver.wrapped(telegram.bytes, air: air, isFormatB: isFormatB)
          try verify(telegram, from: wrapped, on: &line)
        }
      }
    }
  }

  @Test("each telegram is the same in the lines of receivers, in JSON and as bare frames")
  func writers() throws {
    var line = ReceiverLine(.im871a, settings: ReceiverSession.Settings())
    line.open()
    for telegram in try CorpusTelegram.all() {
      let digits = Hexadecimal.text(telegram.bytes, uppercase: false)
      let frames = [telegram.bytes] + telegram.air.map(\.frame)
      let lines = [
        "T1;1;1;2026-01-02 03:04:05.000;97;148;88888888;0x\(digits)\n", "\(digits)\n", "b\(digits)\n",
        "{\"model\":\"Wireless-MBus\",\"C\":\"0x\(digits.dropFirst(2).prefix(2))\",\"data\":\"\(digits)\"}\n",
        "{\"rssi\":-71,\"telegram\":\"\(digits)\"}\n",
      ]
      let hexadecimal = telegram.air.map { Array("\(Hexadecimal.text($0.frame))\n".utf8) }
      for written in frames + lines.map({ Array($0.utf8) }) + hexadecimal {
        try verify(telegram, from: written, on: &line)
      }
    }
  }
}
