import Testing

@testable import Decoders

private let short: [UInt8] = [0x10, 0x5B, 0x01, 0x5C, 0x16]
private let long = MBusFrame.long(control: 0x08, address: 5, information: 0x70, data: [0x08]).bytes

@Suite struct MBusFrameTests {
  @Test("every kind of frame is written and read") func everyKind() throws {
    #expect(MBusFrame.short(control: 0x5B, address: 1).bytes == short)
    #expect(long == [0x68, 0x04, 0x04, 0x68, 0x08, 0x05, 0x70, 0x08, 0x85, 0x16])
    let control = MBusFrame.long(control: 0x53, address: 0xFE, information: 0xBD, data: [])
    for frame in [.acknowledge, .short(control: 0x40, address: 0xFD), control] {
      let read = try MBusFrame(parsing: frame.bytes.span)
      #expect(read == frame)
    }
  }

  @Test("the error names what is wrong with a frame and where") func errors() {
    func error(_ bytes: [UInt8]) -> DecodeError? {
      do throws(DecodeError) { _ = try MBusFrame(parsing: bytes.span) } catch { return error }
      return nil
    }
    #expect(error([]) == DecodeError(.truncated, at: 0, expected: 1))
    #expect(error([0x68, 0x04, 0x05, 0x68]) == DecodeError(.lengthMismatch, at: 2, expected: 4, found: 5))
    #expect(error([0x68, 0x02, 0x02, 0x68]) == DecodeError(.lengthMismatch, at: 1, expected: 3, found: 2))
    #expect(error([0x68, 0x04, 0x04, 0x69]) == DecodeError(.badFrame, at: 3, expected: 0x68, found: 0x69))
    #expect(error(Array(long.dropLast())) == DecodeError(.truncated, at: 9, expected: 1))
    #expect(
      error([0x10, 0x5B, 0x01, 0x5D, 0x16]) == DecodeError(.checksumMismatch, at: 3, expected: 0x5D, found: 0x5C))
    #expect(error(long + [0x16]) == DecodeError(.lengthMismatch, at: 0, expected: 10, found: 11))
    #expect(error([0xA2]) == DecodeError(.badFrame, at: 0, expected: 0x68, found: 0xA2))
  }
}
