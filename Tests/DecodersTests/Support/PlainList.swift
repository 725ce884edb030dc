import Base
import Testing

@testable import Decoders

extension SplitMix64 {
  mutating func roll(_ sides: Int) -> Int { .random(in: 0..<sides, using: &self) }

  /// A copy with up to four other bytes.
  mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0...roll(4) {
      let place = roll(bytes.count)
      switch roll(5) {
      case 0: bytes[place] ^= 1 << UInt8(roll(8))
      case 1: bytes[place] = UInt8(roll(256))
      case 2: bytes[place] = [0x00, 0x02, 0x06, 0x09, 0x0A, 0x0C, 0x10, 0x12, 0x16, 0xFF][roll(10)]
      case 3: bytes[place] &+= 1
      default: bytes[place] = bytes[roll(bytes.count)]
      }
    }
    return bytes
  }
}

/// All that comes of one frame.
struct DLMSOutcome: Equatable {
  var header: [DLMSHeader?] = []
  var records: [[DLMSRecord]] = []
  var readings: [[Reading]] = []
  var issues: [[DecodeError]] = []
  var error: DecodeError?

  init(_ frame: [UInt8], _ decoder: inout DLMSDecoder) {
    var telegrams: [Telegram] = []
    do throws(DecodeError) { try decoder.decode(frame.span, into: &telegrams) } catch { self.error = error }
    for telegram in telegrams {
      header.append(telegram.dlmsHeader)
      records.append((telegram.content as? DLMSContent)?.records ?? [])
      readings.append(telegram.readings)
      issues.append(telegram.issues)
    }
  }
}

/// A list of a sample, as a meter without a cipher would push it.
struct PlainList: Sendable, CustomTestStringConvertible {
  var name: String
  var data: [UInt8]
  var settings: DLMSDecoder.Configuration
  var testDescription: String { name }

  init?(_ sample: Sample) {
    self.init(sample.name, sample.decoded(sample.bytes).telegrams.first, sample.settings.dlms)
  }

  init?(_ name: String, _ telegram: Telegram?, _ settings: DLMSDecoder.Configuration) {
    self.name = name
    self.settings = settings
    self.settings.cipher = nil
    guard let content = telegram?.content as? DLMSContent else { return nil }
    let starts = content.data.indices.filter { content.data[$0] == DLMSTag.dataNotification }
    let lists = starts.map { Array(content.data[$0...]) }
    // A tag may follow.
    guard let data = lists.first(where: { if case .success = DLMSBuilder.decode($0) { true } else { false } }) else {
      return nil
    }
    self.data = data
  }

  static let all = Sample.all(of: .dlms).compactMap { PlainList($0) }

  /// A list like it of which a decoder that remembers other lists makes something else than a new one; nil if there is none.
  func remembered() -> String? {
    var dice = SplitMix64(seed: 7)
    var seasoned = DLMSDecoder(settings)
    for _ in 0..<2 { _ = DLMSOutcome(data, &seasoned) }
    var other = data
    for round in 0..<600 {
      // Mostly the usual list or one like it; now and then another one becomes usual.
      if round % 40 == 0 { other = dice.damaged(data) }
      let list = dice.roll(3) == 0 ? data : dice.damaged(round % 40 < 20 ? data : other)
      var fresh = DLMSDecoder(settings)
      if DLMSOutcome(list, &seasoned) != DLMSOutcome(list, &fresh) { return Hexadecimal.text(list) }
    }
    return nil
  }
}
