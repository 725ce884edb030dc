import Testing

@testable import Decoders

@Suite struct ByteReaderTests {
  @Test("numbers are read least significant byte first, and never past the end") func littleEndian() throws {
    let bytes: [UInt8] = [0x78, 0x56, 0x34]
    var reader = ByteReader(bytes.span)
    #expect(try reader.littleEndian(2) == 0x5678)
    var error: DecodeError?
    do throws(DecodeError) { _ = try reader.littleEndian(2) } catch let caught { error = caught }
    #expect(error == DecodeError(.truncated, at: 2, expected: 2, found: 1))
  }
}
