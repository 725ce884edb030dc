import Testing

@testable import Decoders

/// Bytes of data for each coding but text and the maker's own: a length byte first for data of variable length.
private func data(_ coding: UInt8, _ random: inout some RandomNumberGenerator) -> [UInt8] {
  let counts = [0, 1, 2, 3, 4, 4, 6, 8, 0, 1, 2, 3, 4, 0, 6]
  let isDecimal = coding > 8 && UInt8.random(in: 0...3, using: &random) > 0
  return (0..<counts[Int(coding)]).map { _ in
    isDecimal
      ? UInt8.random(in: 0...9, using: &random) << 4 | .random(in: 0...9, using: &random)
      : .random(in: 0...255, using: &random)
  }
}

private func parsed(_ bytes: [UInt8]) -> (records: [MBusRecord], issues: [DecodeError]) {
  var issues: [DecodeError] = []
  let records = MBusRecordParser.records(bytes.span, from: 0, issues: &issues)
  return (records, issues)
}

/// Everything but the places, which differ with the number of extensions.
private func meaning(_ record: MBusRecord) -> MBusRecord {
  var record = record
  switch record.value {
  case .text(let range): record.value = .text(ByteRange(count: range.count))
  case .digits(let range): record.value = .digits(ByteRange(count: range.count))
  case .bytes(let range): record.value = .bytes(ByteRange(count: range.count))
  default: break
  }
  (record.dib.start, record.vib.start, record.data.start) = (0, 0, 0)
  record.dib.count = 0
  return record
}

@Suite struct MBusRecordParserTests {
  @Test("a record with few extensions means the same as one with many that are zero", arguments: [0, 1, 3])
  func extensions(_ extensions: Int) throws {
    var random = SystemRandomNumberGenerator()
    let starts: [[UInt8]] = [
      [], [0xFD], [0xFB], [0xFF], [0xFF, 0x98], [0x83, 0xFF], [0xFD, 0xC8, 0xFF, 0x81], [0x84], [0x84, 0x80],
      [0xFB, 0x82], [0xFD, 0xFD],
    ]
    for start in starts {
      for code in 0...0x7F as ClosedRange<UInt8> where !start.isEmpty || code != 0x7C {
        for coding in 0...14 as ClosedRange<UInt8> where coding != 13 {
          let dif = UInt8.random(in: 0...255, using: &random) & 0x70 | coding
          let more = (0..<extensions).map { _ in UInt8.random(in: 0...0x7F, using: &random) }
          let tail = start + [code] + data(coding, &random)
          let chained = more.enumerated().map { $0 + 1 < extensions ? $1 | 0x80 : $1 }
          let short = [dif | (more.isEmpty ? 0 : 0x80)] + chained
          // The fast way takes three extensions at most.
          let long = [dif | 0x80] + more.map { $0 | 0x80 } + [0x80, 0x80, 0x80, 0x00]
          let few = parsed(short + tail)
          let many = parsed(long + tail)
          try #require(few.records.count == 1 && many.records.count == 1, "\(short + tail)")
          #expect(meaning(few.records[0]) == meaning(many.records[0]), "\(short + tail)")
          #expect(few.issues.isEmpty && many.issues.isEmpty)
          let record = few.records[0]
          #expect(Int(record.dib.count) == short.count && Int(record.vib.count) == start.count + 1)
          #expect(record.data.indices == short.count + start.count + 1..<short.count + tail.count)
          // Behind it stands the next record, at the end or not.
          #expect(parsed(short + tail + [0x01, 0xFD, 0x17, 0x00] + short + tail).records.count == 3)
        }
      }
    }
  }

  @Test("a record that is cut anywhere is an issue, and those before it stay")
  func cut() {
    let record: [UInt8] = [0x84, 0x10, 0xFD, 0x48, 1, 2, 3, 4]
    for count in 1..<record.count {
      let (records, issues) = parsed([0x01, 0xFD, 0x17, 0x00] + record.prefix(count))
      #expect(records.count == 1)
      #expect(issues.count == 1 && issues.first?.code == .truncated, "\(count)")
    }
  }

  @Test("more records than there was room for are all read") func many() {
    let (records, issues) = parsed([UInt8](repeating: 0x00, count: 400) + [0x01, 0x13, 0x05])
    #expect(records.count == 201 && issues.isEmpty)
    #expect(records.last?.value == .number(FixedDecimal(5, exponent: -3)))
  }
}
