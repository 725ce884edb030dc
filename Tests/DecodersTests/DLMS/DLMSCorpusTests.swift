import Foundation
import Testing

@testable import Decoders

private func samples(_ folder: String, _ type: String) -> [String] {
  corpusFiles(folder, type: type).map { "\(folder)/\($0.name)" }
}

/// One sample: bytes, keys, and what they must decode to.
private struct Capture {
  let json: [String: Any]
  let bytes: [UInt8]

  init(_ name: String) throws {
    let data = try Data(contentsOf: corpus.appending(path: name + ".json"))
    json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    if let frames = json["frames_hex"] as? [String] {
      bytes = try #require(Hexadecimal.bytes(frames.joined().utf8))
    } else {
      bytes = Array(try Data(contentsOf: corpus.appending(path: name + ".bin")))
    }
  }

  func text(_ key: String) -> String? { json[key] as? String }

  func bytes(of key: String) -> [UInt8]? { text(key).flatMap { Hexadecimal.bytes($0.utf8) } }

  var cipher: DLMSCipher? {
    bytes(of: "key").flatMap { DLMSCipher(key: $0, authenticationKey: bytes(of: "auth_key")) }
  }

  var configuration: DLMSDecoder.Configuration {
    var configuration = DLMSDecoder.Configuration()
    configuration.cipher = cipher
    if let title = text("system_title").flatMap({ UInt64($0, radix: 16) }) {
      configuration.systemTitle = SystemTitle(title)
    }
    return configuration
  }

  func decoded(piece: Int = .max) -> Decoded {
    let framer = DLMSFramer(ignoresChecksums: json["skip_crc"] as? Bool ?? false)
    return decodeAll(frames(framer, bytes, piece: piece), DLMSDecoder(configuration))
  }
}

/// Captures of real meters with what they must decode to, where a folder of them lies beside the repository.
@Suite(.enabled(if: !samples("dlms", "json").isEmpty)) struct DLMSCorpusTests {
  @Test("what a real meter pushes decodes to what is known of it", arguments: samples("dlms", "json"))
  func decodes(name: String) throws {
    let sample = try Capture(name)
    let expected = try #require(sample.json["expected"] as? [String: Any])
    let fields = expected["fields"] as? [String: Any] ?? [:]
    let errors = expected["errors"] as? [Any] ?? []
    let telegrams = expected["telegrams"] as? [[String: Any]] ?? (!errors.isEmpty && fields.isEmpty ? [] : [expected])
    for piece in [Int.max, 1] {
      let decoded = sample.decoded(piece: piece)
      try #require(decoded.telegrams.count == telegrams.count, "\(decoded.errors)")
      for (one, telegram) in zip(telegrams, decoded.telegrams) { try check(telegram, one) }
    }
  }

  @Test("what a decoder remembers never changes what comes of a list", arguments: samples("dlms", "json"))
  func memory(name: String) throws {
    let sample = try Capture(name)
    for telegram in sample.decoded().telegrams {
      guard let list = PlainList(name, telegram, sample.configuration) else { continue }
      #expect(list.remembered() == nil)
    }
  }

  @Test("what is damaged is refused", arguments: samples("dlms-bad", "json"))
  func damaged(name: String) throws {
    // What comes twice is for `ReplayGuard`.
    guard !name.hasSuffix("replay") else { return }
    let sample = try Capture(name)
    let expected = try #require(sample.json["expected"] as? [String: Any])
    let decoded = sample.decoded()
    if let good = expected["good_telegrams"] as? Int { #expect(decoded.telegrams.count == good) }
    if let errors = expected["errors"] as? [Any], !errors.isEmpty { #expect(!decoded.errors.isEmpty) }
  }

  @Test("an enciphered P1 telegram is read on both kinds of port", arguments: samples("p1-encrypted", "json"))
  func encipheredP1(name: String) throws {
    let sample = try Capture(name)
    let plain = try String(contentsOf: corpus.appending(path: name + ".plain.txt"), encoding: .isoLatin1)
    let codes = Set(plain.matches(of: /(?m)^\d+-\d+:\d+\.\d+\.\d+/).map { String($0.output) })
    let p1 = decodeAll(frames(P1Framer(), sample.bytes), P1PortDecoder(sample.cipher))
    for decoded in [p1, sample.decoded()] {
      guard sample.text("plain_crc") == "ok" else { continue }
      try #require(decoded.telegrams.count == 1, "\(decoded.errors)")
      guard let records = (decoded.telegrams[0].content as? P1Content)?.records else {
        Issue.record("not a P1 telegram")
        continue
      }
      #expect(codes.subtracting(records.map { String($0.obis.description.prefix { $0 != "*" }) }) == [])
    }
  }
}

// MARK: - Comparison

private func check(_ telegram: Telegram, _ expected: [String: Any]) throws {
  guard let content = telegram.content as? DLMSContent else {
    Issue.record("not a DLMS telegram")
    return
  }
  for (obis, field) in expected["fields"] as? [String: [String: Any]] ?? [:] where !obis.contains("#") {
    guard let record = content.records.first(where: { $0.obis?.description == obis }) else {
      Issue.record("\(obis) is missing")
      continue
    }
    let source = field["scale_source"] as? String
    if source == "telegram" || source == "layout" {
      let value = (field["value"] as? NSNumber)?.doubleValue
      let number = record.number.flatMap { Double($0.description) }
      let difference = zip(value, number).map { abs($0 - $1) } ?? .infinity
      #expect(difference <= max(abs(value ?? 0) * 1e-9, 1e-9), "\(obis): \(String(describing: number))")
      #expect((record.unit ?? .none).symbol == field["unit"] as? String ?? "", "\(obis)")
    } else if let raw = number(field["raw"]) {
      #expect(number(record.raw(content.data)) == raw, "\(obis)")
    }
  }
  let stamp = (expected["timestamp"] as? [String: Any])?["utc"] as? String
  if let stamp, let utc = ISO8601DateFormatter().date(from: stamp) {
    let time = try #require(telegram.readings.first?.time?.description)
    #expect(ISO8601DateFormatter().date(from: time) == utc, "\(time)")
  }
  if let meter = expected["meter_id"] as? String { #expect(telegram.readings.first?.meterNumber == meter) }
}

private func zip(_ a: Double?, _ b: Double?) -> (Double, Double)? {
  guard let a, let b else { return nil }
  return (a, b)
}

/// A number, or a text that is one; nil for anything else.
private func number(_ value: Any?) -> Double? {
  switch value {
  case let number as NSNumber: number.doubleValue
  case let text as String: Double(text)
  default: nil
  }
}

extension DLMSRecord {
  /// As `decode` prints what stood on the wire.
  fileprivate func raw(_ data: [UInt8]) -> Any? {
    switch content {
    case .number(let number): number.description
    case .bcd(let byte): String(byte)
    case .flag(let flag): flag ? "1" : "0"
    case .text(let range): String(decoding: data[range.indices], as: UTF8.self)
    case .bytes(let range): Hexadecimal.text(data[range.indices])
    default: nil
    }
  }
}
