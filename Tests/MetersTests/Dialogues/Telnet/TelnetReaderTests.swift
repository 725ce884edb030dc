import Testing

@testable import Base
@testable import Meters

/// What a stream has in it, with its data joined.
private func read(_ bytes: [UInt8], by size: Int) -> (data: [UInt8], others: [TelnetReader.Item]) {
  var reader = TelnetReader()
  var data: [UInt8] = []
  var others: [TelnetReader.Item] = []
  for start in stride(from: 0, to: bytes.count, by: size) {
    for item in reader.append(bytes[start..<min(start + size, bytes.count)]) {
      if case .data(let some) = item { data += some } else { others.append(item) }
    }
  }
  return (data + reader.finish(), others)
}

struct TelnetReaderTests {
  struct Sample: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let data: [UInt8]
    var others: [TelnetReader.Item] = []
    var testDescription: String { name }
  }

  @Test(
    "commands leave the data as it was, whatever the size of a read",
    arguments: [
      Sample(name: "nothing but data", bytes: [0x7E, 0x00, 0x0D, 0x00, 0x7E], data: [0x7E, 0x00, 0x0D, 0x00, 0x7E]),
      Sample(name: "doubled FF", bytes: [0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0x02], data: [0x01, 0xFF, 0xFF, 0x02]),
      Sample(
        name: "negotiation", bytes: [0x01, 0xFF, 0xFD, 0x00, 0xFF, 0xFE, 0xFF, 0x02], data: [0x01, 0x02],
        others: [.negotiation(.do, option: 0), .negotiation(.dont, option: 0xFF)]),
      Sample(name: "commands of two bytes", bytes: [0xFF, 0xF1, 0x41, 0xFF, 0xF9, 0xFF, 0xEF], data: [0x41]),
      Sample(
        name: "sub-negotiation", bytes: [0x41, 0xFF, 0xFA, 0x2C, 0x65, 0xFF, 0xFF, 0xFF, 0xF0, 0x42],
        data: [0x41, 0x42], others: [.subnegotiation([0x2C, 0x65, 0xFF])]),
      Sample(
        name: "sub-negotiation without its end", bytes: [0xFF, 0xFA, 0x18, 0x01, 0xFF, 0xFB, 0x03, 0x42],
        data: [0xFF, 0xFA, 0x18, 0x01, 0x42], others: [.negotiation(.will, option: 3)]),
      Sample(name: "FF that is not doubled", bytes: [0x41, 0xFF, 0x42], data: [0x41, 0xFF, 0x42]),
      Sample(name: "cut in a command", bytes: [0x41, 0xFF], data: [0x41, 0xFF]),
      Sample(name: "cut in a negotiation", bytes: [0x41, 0xFF, 0xFB], data: [0x41, 0xFF, 0xFB]),
      Sample(name: "cut in a sub-negotiation", bytes: [0xFF, 0xFA, 0x2C, 0x01], data: [0xFF, 0xFA, 0x2C, 0x01]),
    ]) func commands(sample: Sample)
  {
    for size in [1, 2, 3, 100] {
      let result = read(sample.bytes, by: size)
      #expect(result.data == sample.data, "\(size) bytes a read")
      #expect(result.others == sample.others, "\(size) bytes a read")
    }
  }

  @Test("a sub-negotiation that never ends is bounded, and its bytes come out") func endlessSubnegotiation() {
    let endless = [0xFF, 0xFA, 0x2C] + [UInt8](repeating: 0x41, count: 100_000)
    let result = read(endless, by: 4096)
    #expect(result.data == endless && result.others.isEmpty)
  }

  @Test("each byte of random input comes out at most once, and none of the program's making") func randomInput() {
    var random = SplitMix64(seed: 7)
    for _ in 0..<2_000 {
      let bytes = (0..<40).map { _ in
        Bool.random(using: &random) ? 0xFF : UInt8.random(in: 0xE8...0xFF, using: &random)
      }
      let whole = read(bytes, by: bytes.count)
      #expect(whole.data.count <= bytes.count)
      let dripped = read(bytes, by: 1)
      #expect(dripped.data == whole.data && dripped.others == whole.others)
    }
  }
}
