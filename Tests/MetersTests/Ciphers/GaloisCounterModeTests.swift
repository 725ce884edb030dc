import Decoders
import Testing

@testable import Meters

/// NIST's test case 4 of AES-128-GCM, cut to what the cipher of meters uses.
@Test("the cipher is AES-128-GCM as in test case 4 of NIST")
func galoisCounterMode() throws {
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
  let again = try #require(GaloisCounterMode.seal(text, key, nonce: nonce, associated: associated))
  #expect(again.text == sealed)
  #expect(again.tag == tag)
  var flipped = sealed
  flipped[7] ^= 1
  var other = flipped.mutableSpan
  #expect(!cipher.open(nonce.span, associated.span, tag.span, &other))
}
