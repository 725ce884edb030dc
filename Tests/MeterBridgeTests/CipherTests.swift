import Decoders
import Testing

@testable import Base
@testable import MeterBridge
@testable import Meters

private let digits = "000102030405060708090A0B0C0D0E0F"

struct MeterKeyTests {
  @Test(arguments: [
    digits, digits.lowercased(), "0x" + digits, "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F",
    "00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f\n",
  ])
  func operatorsWriteKeysInManyWays(text: String) throws {
    #expect(try MeterKey(text).reveal == Array(0...15))
  }

  @Test(arguments: ["", "00", digits + "00", String(digits.dropLast()), "G" + digits.dropFirst()])
  func whatIsNoKeyIsRefused(text: String) {
    #expect(throws: InvalidValue.self) { try MeterKey(text) }
  }

  @Test func aKeyIsNeverShown() throws {
    let key = try MeterKey(digits)
    var dumped = ""
    dump(key, to: &dumped)
    #expect("\(key)" == "(hidden)")
    #expect(!dumped.contains("15") && !String(reflecting: key).contains("0F"))
  }
}

/// NIST's test case 4 of AES-128-GCM, cut to what the cipher of meters uses.
@Test func theCipherIsGaloisCounterMode() throws {
  let key = try MeterKey("FEFFE9928665731C6D6A8F9467308308")
  let cipher = try #require(GaloisCounterMode(key))
  let nonce: [UInt8] = Hexadecimal.bytes("CAFEBABEFACEDBADDECAF888".utf8) ?? []
  let associated: [UInt8] = Hexadecimal.bytes("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2".utf8) ?? []
  let sealed: [UInt8] =
    Hexadecimal.bytes(
      """
      42831EC2217774244B7221B784D0D49CE3AA212F2C02A4E035C17E2329ACA12E21D514B25466931C7D8F6A5AAC84AA051BA30B396A0AAC97
      3D58E091
      """.utf8) ?? []
  let tag: [UInt8] = Hexadecimal.bytes("5BC94FBC3221A5DB94FAE95A".utf8) ?? []
  var text = sealed
  var span = text.mutableSpan
  #expect(cipher.open(nonce.span, associated.span, tag.span, &span))
  #expect(Hexadecimal.text(text.prefix(4)) == "D9313225")
  #expect(GaloisCounterMode.seal(text, key, nonce: nonce) == sealed)
  var flipped = sealed
  flipped[7] ^= 1
  var other = flipped.mutableSpan
  #expect(!cipher.open(nonce.span, associated.span, tag.span, &other))
}

@Test func frameCountersComeBackFromTheStateFile() throws {
  var counters = FrameCounters()
  counters.meters["netz"] = [DLMSFrameCounter(title: SystemTitle(0x4B46_4D65_5012_3456), value: 0xFFFF_FFFE)]
  #expect(try FrameCounters(parsing: counters.encoded()) == counters)
  #expect(try FrameCounters(parsing: Array("{}".utf8)) == FrameCounters())
  #expect(try FrameCounters(parsing: Array(#"{"a":{"xyz":"1"},"b":3}"#.utf8)).meters == ["a": []])
}
