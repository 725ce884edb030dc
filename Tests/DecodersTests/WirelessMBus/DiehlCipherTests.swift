import Testing

@testable import Decoders

/// The volume of each telegram in turn, or the code of its error.
private func results(_ frames: [[UInt8]], key: [UInt8]? = nil) -> [String] {
  var known = WirelessMBusDecoder.Configuration()
  known.cipher = WirelessCipher(testing: key)
  var decoder = WirelessMBusDecoder(known)
  return frames.map { frame in
    var telegrams: [Telegram] = []
    do throws(DecodeError) { try decoder.decode(frame.span, into: &telegrams) } catch { return error.code.name }
    return telegrams.flatMap(\.readings).flatMap(\.lines).first { $0.hasPrefix("volume") } ?? "nothing"
  }
}

private let publicKey: [UInt8] = [0x39, 0xBC, 0x8A, 0x10, 0xE6, 0x6D, 0x83, 0xF8]
private let ownKey: [UInt8] = [0x31, 0x41, 0x59, 0x26, 0x53, 0x58, 0x97, 0x93]

/// A frame with records in plain. `flaw` is added to their sum.
private func stored(_ records: [UInt8], flaw: UInt8 = 0) -> [UInt8] {
  let sum = records.reduce(flaw, &+) & DiehlCipher.sumMask
  let head: [UInt8] = [0x44, 0x24, 0x23, 0x20, 0x04, 0x59, 0x34, 0x12, 0x70, 0x7A, 0x01, 0x00, 0x00, sum | 0x10]
  return [UInt8(head.count + records.count)] + head + records
}

@Suite struct DiehlCipherTests {
  @Test("a sum of seven bits is no proof: the first record is a total or the clock")
  func sum() {
    let volume: [UInt8] = [0x04, 0x13, 0x10, 0x27, 0x00, 0x00]
    let flags: [UInt8] = [0x02, 0xFD, 0x17, 0x00, 0x00]
    let clock: [UInt8] = [0x04, 0x6D, 0x19, 0x11, 0xF2, 0x25]
    for (records, expected) in [
      (volume, "volume: 10.000 m³"), (clock + volume, "volume: 10.000 m³"), (flags + volume, "no_key"),
    ] {
      #expect(results([DiehlCipher.decipher(stored(records), publicKey)]) == [expected])
    }
  }

  @Test("records that somebody has stored deciphered are read if their sum fits, and never of a meter with a key")
  func storedInPlain() {
    let volume: [UInt8] = [0x04, 0x13, 0x10, 0x27, 0x00, 0x00]
    #expect(results([stored(volume)]) == ["volume: 10.000 m³"])
    #expect(results([stored(volume, flaw: 1)]) == ["no_key"])
    #expect(results([stored(volume)], key: ownKey + ownKey) == ["wrong_key"])
    #expect(results([stored(volume + [0x04, 0x13, 0x00])]) == ["no_key"])
  }
}
