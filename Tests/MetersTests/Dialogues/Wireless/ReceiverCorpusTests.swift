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

  static func all() throws -> [CorpusTelegram] {
    var telegrams: [CorpusTelegram] = []
    for file in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() where file.hasSuffix(".json")
    {
      let content = try JSONSerialization.jsonObject(with: Data(contentsOf: folder.appending(path: file)))
      let object = try #require(content as? [String: Any])
      let key = try (object["key"] as? String).map { try MeterKey($0) }
      for digits in try #require(object["telegrams"] as? [String]) {
        let bytes = try #require(Hexadecimal.bytes(digits.utf8))
        telegrams.append(CorpusTelegram(name: file, bytes: try AirFrame.stripped(bytes), key: key))
      }
    }
    return telegrams
  }

  var air: [(frame: [UInt8], isFormatB: Bool)] {
    [(AirFrame.formatA(bytes), false)] + (bytes.count + 4 <= 255 ? [(AirFrame.formatB(bytes), true)] : [])
  }

  /// What a meter with the key makes of a frame.
  func meaning(of frame: [UInt8]) -> String {
    var settings = MeterSettings(id: "m", meterProtocol: .wmbus, source: .standardInput, sourceText: "-")
    settings.key = key
    var decoder = ProtocolDescription.wmbus.decoder(settings)
    var telegrams: [Telegram] = []
    do throws(DecodeError) { try decoder.decode(frame.span, into: &telegrams) } catch { return "\(error.code)" }
    return telegrams.flatMap(\.readings).map { reading in
      let fields = reading.fields.map { "\(reading.topicLevel($0)) \($0.value)" }
      return ([reading.meterNumber ?? ""] + fields).joined(separator: " ")
    }.joined(separator: "; ")
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

/// The telegrams are of others and stay in their folder.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: folder.path))) struct ReceiverCorpusTests {
  @Test(
    "each telegram, in both formats and a byte at a time, is the same by each receiver that takes commands",
    arguments: ScriptedReceiver.Kind.allCases)
  func sticks(kind: ScriptedReceiver.Kind) throws {
    let telegrams = try CorpusTelegram.all()
    #expect(telegrams.count >= 169)
    var line = ReceiverLine(kind, named: WirelessReception.Receiver(rawValue: kind.rawValue)!)
    line.open()
    for isBare in kind == .amb8465 ? [false, true] : [false] {
      line.receiver.isInCommandMode = !isBare
      for telegram in telegrams {
        let expected = telegram.meaning(of: telegram.bytes)
        for (air, isFormatB) in telegram.air {
          let wrapped = line.receiver.wrapped(telegram.bytes, air: air, isFormatB: isFormatB)
          guard let frame = heard(&line, wrapped) else {
            Issue.record("\(kind) \(telegram.name)")
            continue
          }
          #expect(try AirFrame.stripped(frame) == telegram.bytes, "\(kind) \(telegram.name)")
          #expect(telegram.meaning(of: frame) == expected, "\(kind) \(telegram.name)")
        }
      }
    }
  }

  @Test("each telegram is the same in the lines of receivers, in JSON and as bare frames")
  func writers() throws {
    var line = ReceiverLine(.im871a, settings: ReceiverSession.Settings())
    line.open()
    for telegram in try CorpusTelegram.all() {
      let expected = telegram.meaning(of: telegram.bytes)
      let digits = Hexadecimal.text(telegram.bytes, uppercase: false)
      let frames = [telegram.bytes] + telegram.air.map(\.frame)
      let lines = [
        "T1;1;1;2026-01-02 03:04:05.000;97;148;88888888;0x\(digits)\n", "\(digits)\n", "b\(digits)\n",
        "{\"model\":\"Wireless-MBus\",\"C\":\"0x\(digits.dropFirst(2).prefix(2))\",\"data\":\"\(digits)\"}\n",
        "{\"rssi\":-71,\"telegram\":\"\(digits)\"}\n",
      ]
      let hexadecimal = telegram.air.map { Array("\(Hexadecimal.text($0.frame))\n".utf8) }
      for written in frames + lines.map({ Array($0.utf8) }) + hexadecimal {
        guard let frame = heard(&line, written) else {
          Issue.record("\(telegram.name): \(String(decoding: written.prefix(20), as: UTF8.self))")
          continue
        }
        #expect(try AirFrame.stripped(frame) == telegram.bytes, "\(telegram.name)")
        #expect(telegram.meaning(of: frame) == expected, "\(telegram.name)")
      }
    }
  }
}
