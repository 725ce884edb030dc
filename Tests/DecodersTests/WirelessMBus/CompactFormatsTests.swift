import Testing

@testable import Decoders

private let full: [UInt8] = [0x78, 0x04, 0x13, 0x45, 0x23, 0x01, 0x00, 0x01, 0x5B, 0x15]
private let format: [UInt8] = [0x04, 0x13, 0x01, 0x5B]
private let values: [UInt8] = [0x46, 0x23, 0x01, 0x00, 0x16]

/// A compact frame of the format, with the check value of the full frame that it stands for.
private func compact(_ values: [UInt8], flip: UInt8 = 0) -> [UInt8] {
  let whole = [0x04, 0x13] + values.prefix(4) + [0x01, 0x5B] + values.dropFirst(4)
  let signature = CompactFormats.signature(format.span)
  let check = CRC16.en13757(whole.span, 0..<whole.count)
  let words = [signature & 255, signature >> 8, check & 255, check >> 8].map { UInt8($0) }
  return WirelessBuilder.stripped([0x79] + words.dropLast() + [words[3] ^ flip] + values)
}

private func results(_ frames: [[UInt8]]) -> [String] {
  let decoded = decodeAll(frames.map { .frame($0) }, WirelessMBusDecoder())
  return decoded.telegrams.flatMap { $0.lines.filter { $0.hasPrefix("volume") } } + decoded.errors.map(\.code.name)
}

@Suite struct CompactFormatsTests {
  @Test("the built-in formats are all different, and those of their meters")
  func builtIn() {
    #expect(CompactFormats.builtIn.count == 19)
    for signature in [0xA8ED, 0x36D4, 0xB34D, 0xAE5A, 0xE7A2, 0x8C13, 0x052D] as [UInt16] {
      #expect(CompactFormats().format(signature) != nil, "\(signature)")
    }
  }

  @Test("a compact frame needs a full frame of its format before it")
  func learning() {
    #expect(results([compact(values)]) == ["unknown_format"])
    let full = WirelessBuilder.stripped(full)
    #expect(results([full, compact(values)]) == ["volume: 74.565 m³", "volume: 74.566 m³"])
    // A format frame does as well.
    let signature = CompactFormats.signature(format.span)
    let codes = [0x69, UInt8(signature & 255), UInt8(signature >> 8)] + format
    #expect(results([WirelessBuilder.stripped(codes), compact(values)]) == ["volume: 74.566 m³"])
    #expect(results([WirelessBuilder.stripped(codes.dropLast() + [0x5F])]) == ["format_mismatch"])
  }

  @Test("formats that were learnt are good for another decoder, and damaged ones for none")
  func handedOn() throws {
    var first = WirelessMBusDecoder()
    var telegrams: [Telegram] = []
    try first.decode(WirelessBuilder.stripped(full).span, into: &telegrams)
    #expect(first.learnt == [format])
    var second = WirelessMBusDecoder()
    second.learn([
      [], [0x04], [0x84], [0x04, 0x93], [0x0F, 0x13], [0x04, 0x7C, 0x01], [UInt8](repeating: 4, count: 252),
    ])
    #expect(second.learnt.isEmpty)
    second.learn([format])
    let decoded = decodeAll([.frame(compact(values))], second)
    #expect(decoded.telegrams.count == 1 && decoded.errors.isEmpty)
  }

  @Test("values that the full frame's check value does not fit are refused")
  func checkValue() {
    let full = WirelessBuilder.stripped(full)
    #expect(results([full, compact(values, flip: 1)]) == ["volume: 74.565 m³", "format_mismatch"])
    #expect(results([full, compact(values + [0x00])]) == ["volume: 74.565 m³", "format_mismatch"])
    #expect(results([full, compact(values.dropLast())]) == ["volume: 74.565 m³", "truncated"])
  }
}
