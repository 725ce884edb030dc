import Decoders
import Testing

@testable import Meters

/// Frames by hand from EN 13757-2 and -3, for addresses of our own.
@Suite struct MBusCommandTests {
  struct Example: Sendable, CustomTestStringConvertible {
    let name: String
    let command: MBusCommand
    let bytes: [UInt8]

    init(_ name: String, _ command: MBusCommand?, _ bytes: [UInt8]) {
      self.name = name
      self.command = command ?? .synchronize
      self.bytes = bytes
    }

    var testDescription: String { name }
  }

  static let examples = [
    Example("application reset", .applicationReset(nil), [0x68, 3, 3, 0x68, 0x53, 0x11, 0x50, 0xB4, 0x16]),
    Example(
      "application reset to instantaneous values", .applicationReset(0x50),
      [0x68, 4, 4, 0x68, 0x53, 0x11, 0x50, 0x50, 0x04, 0x16]),
    Example("synchronize", .synchronize, [0x68, 3, 3, 0x68, 0x53, 0x11, 0x54, 0xB8, 0x16]),
    Example("300 baud", MBusCommand(baudRate: 300), [0x68, 3, 3, 0x68, 0x53, 0x11, 0xB8, 0x1C, 0x16]),
    Example("38400 baud", MBusCommand(baudRate: 38_400), [0x68, 3, 3, 0x68, 0x53, 0x11, 0xBF, 0x23, 0x16]),
    Example("global readout", MBusCommand(.all), [0x68, 5, 5, 0x68, 0x53, 0x11, 0x51, 0x7F, 0x7E, 0xB2, 0x16]),
    Example(
      "selection of everything", MBusCommand(.any),
      [0x68, 6, 6, 0x68, 0x53, 0x11, 0x51, 0xC8, 0x3F, 0x7E, 0x3A, 0x16]),
    Example(
      "selection of energy and flow temperature", .records([0x08, 0x06, 0x08, 0x5A]),
      [0x68, 7, 7, 0x68, 0x53, 0x11, 0x51, 0x08, 0x06, 0x08, 0x5A, 0x25, 0x16]),
    Example(
      "primary address 17", .records([0x01, 0x7A, 0x11]),
      [0x68, 6, 6, 0x68, 0x53, 0x11, 0x51, 0x01, 0x7A, 0x11, 0x41, 0x16]),
    Example("a maker's set", MBusCommand(.maker(0xB4)), [0x68, 3, 3, 0x68, 0x53, 0x11, 0xB4, 0x18, 0x16]),
  ]

  @Test("a command is a frame", arguments: examples) func bytes(example: Example) throws {
    let frame = example.command.frame(to: 0x11)
    #expect(frame.bytes == example.bytes)
    #expect(try MBusFrame(parsing: example.bytes.span) == frame)
  }

  @Test("a speed that the bus does not have has no command") func unknownSpeed() {
    #expect(MBusCommand(baudRate: 115_200) == nil)
    #expect(MBusCommand(baudRate: 2400) == .baudRate(code: 0xBB))
  }
}
