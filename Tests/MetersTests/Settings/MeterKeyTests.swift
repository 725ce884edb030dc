import Testing

@testable import Base
@testable import Meters

private let digits = "000102030405060708090A0B0C0D0E0F"

struct MeterKeyTests {
  @Test(
    "operators write keys in many ways",
    arguments: [
      digits, digits.lowercased(), "0x" + digits, "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F",
      "00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f\n",
    ])
  func spellings(text: String) throws {
    #expect(try MeterKey(text).reveal == Array(0...15))
  }

  @Test(
    "a text that is not a key is refused",
    arguments: ["", "00", digits + "00", String(digits.dropLast()), "G" + digits.dropFirst()])
  func wrongKeys(text: String) {
    #expect(throws: InvalidValue.self) { try MeterKey(text) }
  }

  @Test("what other programs have in place of a key is told from a mistake")
  func hints() {
    func told(_ text: String) -> String? {
      do { _ = try MeterKey(text) } catch { return error.message }
      return nil
    }
    #expect(told("NOKEY") == "is not a key: 32 hexadecimal digits; a meter without one has no `key`")
    #expect(told("0123456789ABCDEX")?.hasSuffix("; 16 characters must be written as their hexadecimal codes") == true)
    #expect(told("0123") == "is not a key: 32 hexadecimal digits")
  }

  @Test("a key is never shown")
  func hidden() throws {
    let key = try MeterKey(digits)
    var dumped = ""
    dump(key, to: &dumped)
    #expect("\(key)" == "(hidden)")
    #expect(!dumped.contains("15") && !String(reflecting: key).contains("0F"))
  }
}
