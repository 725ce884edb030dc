import Testing

@testable import Base
@testable import MeterBridge

@Suite struct LearntFormatsTests {
  @Test("formats come back from the state file, and what is not one is left out")
  func readBack() throws {
    var formats = LearntFormats()
    formats.add([[0x02, 0x13], [0x04, 0x13, 0x04, 0x06]])
    #expect(String(decoding: formats.encoded(), as: UTF8.self) == #"["0213","04130406"]"#)
    #expect(try LearntFormats(parsing: formats.encoded()) == formats)
    #expect(try LearntFormats(parsing: Array(#"["0213",7,"04130406",{"a":1},"xyz"]"#.utf8)) == formats)
    for other in ["{}", "[]", "3"] { #expect(try LearntFormats(parsing: Array(other.utf8)) == LearntFormats()) }
  }

  @Test("there are only so many")
  func bounded() {
    var formats = LearntFormats()
    formats.add((0..<1000).map { [0x02, UInt8($0 & 255), UInt8($0 >> 8)] })
    #expect(formats.formats.count == Limits.learntFormats)
  }
}
