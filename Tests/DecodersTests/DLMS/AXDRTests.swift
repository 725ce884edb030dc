import Testing

@testable import Decoders

/// The nodes of a value, or what is wrong with it.
private func tree(_ bytes: [UInt8], isPartial: Bool = false) -> Result<[AXDRNode], DecodeError> {
  var nodes: [AXDRNode] = []
  var reader = AXDRReader(bytes.span, 0..<bytes.count, isPartial: isPartial)
  do throws(DecodeError) {
    try reader.value(into: &nodes)
    return .success(nodes)
  } catch {
    return .failure(error)
  }
}

private func code(_ bytes: [UInt8], isPartial: Bool = false) -> DecodeError.Code? {
  if case .failure(let error) = tree(bytes, isPartial: isPartial) { error.code } else { nil }
}

private func nested(_ depth: Int) -> [UInt8] {
  (0..<depth).reduce([0x11, 5] as [UInt8]) { inner, _ in AXDR.structure([inner]) }
}

@Suite struct AXDRTests {
  @Test("lists within lists end at a limit") func depth() {
    #expect(code(nested(40)) == .tooDeep)
    #expect(code(nested(17)) == .tooDeep)
    #expect(code(nested(16)) == nil)
  }

  @Test("a count is held against the bytes that are there") func counts() {
    #expect(code([0x02, 0x05, 0x11, 0x01]) == .truncated)
    #expect(code([0x01, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]) == .truncated)
    #expect(code([0x09, 0x82, 0x10, 0x00, 1, 2, 3]) == .truncated)
    #expect(code([0x09, 0x85, 1, 1, 1, 1, 1]) == .badRecord)
    #expect(code([0x55]) == .badRecord)
    #expect(code([]) == .truncated)
  }

  @Test("a list knows the index behind it") func next() throws {
    let nodes = try tree(AXDR.structure([AXDR.structure([AXDR.uint16(7)]), AXDR.uint32(8)])).get()
    #expect(nodes.map(\.tag) == [0x02, 0x02, 0x12, 0x06])
    #expect(nodes.map(\.next) == [4, 3, 3, 4])
  }

  @Test("a code with tag and length swapped is a code") func swapped() throws {
    let nodes = try tree(AXDR.structure([[0x06, 0x09, 1, 0, 1, 8, 0, 255], AXDR.uint32(5)])).get()
    #expect(nodes.map(\.tag) == [0x02, 0x09, 0x06])
    // A number that merely begins like one stays a number.
    let number = try tree(AXDR.structure([[0x06, 0x09, 1, 0, 1], AXDR.uint16(255)])).get()
    #expect(number.map(\.tag) == [0x02, 0x06, 0x12])
  }

  @Test("a descriptor without tags is a code") func untagged() throws {
    let element = [0x02, 0x02, 0x00, 0x03, 1, 0, 1, 8, 0, 255, 2] + AXDR.uint32(5)
    #expect(try tree(element).get().map(\.tag) == [0x02, 0x09, 0x06])
    // As long as bytes are missing it may become either.
    for count in 2..<element.count { #expect(code(Array(element.prefix(count)), isPartial: true) == .truncated) }
    #expect(try tree(AXDR.structure([AXDR.null(), AXDR.null()])).get().map(\.tag) == [0x02, 0x00, 0x00])
  }

  @Test("a compact array is an array") func compactArrays() throws {
    // Structures of a number and a text: 13, type, length, contents.
    let contents: [UInt8] = [0, 1, 2, 0x41, 0x42, 0, 2, 1, 0x43]
    let nodes = try tree([0x13, 0x02, 0x02, 0x12, 0x09, UInt8(contents.count)] + contents).get()
    #expect(nodes.map(\.tag) == [0x01, 0x02, 0x12, 0x09, 0x02, 0x12, 0x09])
    #expect(nodes[0].count == 2)
    #expect(code([0x13, 0x00, 0x01, 0x00]) == .badRecord)
    // Arrays of 65 535 arrays of 65 535 nothings.
    #expect(code([0x13, 0x01, 0xFF, 0xFF, 0x01, 0xFF, 0xFF, 0x00, 0x01, 0x00]) == .tooLong)
    #expect(code([0x13, 0x12, 0x03, 0, 1, 2]) == .truncated)
  }
}
