import Decoders
import Testing

@testable import Base
@testable import Meters

@Suite struct MBusAddressIndexTests {
  /// 16 digits as in the configuration.
  private static func address(_ digits: String) throws -> MBusAddress {
    let bytes = try #require(Hexadecimal.bytes(digits.utf8))
    return .secondary(bytes[..<4].reversed() + bytes[4...])
  }

  struct Pair: Sendable {
    var one: String
    var other: String
    var overlap: Bool
  }

  @Test(
    "two secondary addresses overlap if one meter could answer to both",
    arguments: [
      Pair(one: "123456782D2C0104", other: "123456782D2C0104", overlap: true),
      Pair(one: "123456782D2C0104", other: "123456792D2C0104", overlap: false),
      Pair(one: "123456782D2C0104", other: "123456782D2C0204", overlap: false),
      Pair(one: "123456782D2C0104", other: "12345678FFFFFFFF", overlap: true),
      Pair(one: "123456782D2C0104", other: "1234FFFFFFFFFFFF", overlap: true),
      Pair(one: "123456782D2C0104", other: "1235FFFFFFFFFFFF", overlap: false),
      Pair(one: "FFFFFFFFFFFFFF04", other: "12345678FFFFFFFF", overlap: true),
      Pair(one: "FFFFFFFFFFFFFF04", other: "123456782D2C0107", overlap: false),
      Pair(one: "1FFFFFFFFFFFFFFF", other: "F2FFFFFFFFFFFFFF", overlap: true),
      Pair(one: "1FFFFFFFFFFFFFFF", other: "2FFFFFFFFFFFFFFF", overlap: false),
    ])
  func overlap(pair: Pair) throws {
    for (one, other) in [(pair.one, pair.other), (pair.other, pair.one)] {
      var index = MBusAddressIndex()
      #expect(index.insert(try Self.address(one), at: 7) == nil)
      #expect(index.insert(try Self.address(other), at: 8) == (pair.overlap ? 7 : nil))
    }
  }

  @Test("the first of several is named, and primary addresses are compared with primary ones") func first() throws {
    var index = MBusAddressIndex()
    #expect(index.insert(.primary(5), at: 0) == nil)
    #expect(index.insert(try Self.address("12345678FFFFFFFF"), at: 1) == nil)
    #expect(index.insert(try Self.address("FFFFFFFFFFFFFF04"), at: 2) == 1)
    #expect(index.insert(try Self.address("123456782D2C0104"), at: 3) == 1)
    #expect(index.insert(.primary(5), at: 4) == 0)
    #expect(index.insert(.primary(6), at: 5) == nil)
  }
}
