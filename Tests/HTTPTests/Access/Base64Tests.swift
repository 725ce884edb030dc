import Foundation
import Testing

@testable import HTTP

@Test("every text of bytes is read back")
func roundTrip() {
  for count in 0..<70 {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + count) }
    #expect(Base64.bytes(Data(bytes).base64EncodedString().utf8) == bytes)
  }
}

@Test("what is not Base64 is refused", arguments: ["a", "ab", "abc", "a===", "====", "ab=c", "ab c", "ab-_", "abcd\n"])
func notBase64(text: String) {
  #expect(Base64.bytes(text.utf8) == nil)
}
