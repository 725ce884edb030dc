internal import Decoders

/// Writes the messages of an SML file (BSI TR-03109-1, SML 1.04), most significant byte first.
struct SMLWriter {
  private(set) var bytes: [UInt8] = []
  private var transaction: UInt32

  /// - Parameter transaction: the number of the first message.
  init(transaction: UInt32) { self.transaction = transaction }

  // MARK: Elements

  /// An element that is left out.
  mutating func absent() { bytes.append(0x01) }

  mutating func octets(_ octets: [UInt8]) {
    let short = octets.count + 1
    if short < 16 {
      bytes.append(UInt8(short))
    } else {
      bytes += [0x80 | UInt8((short + 1) >> 4), UInt8((short + 1) & 15)]
    }
    bytes += octets
  }

  mutating func list(_ count: Int) {
    if count < 16 { bytes.append(0x70 | UInt8(count)) } else { bytes += [0xF0 | UInt8(count >> 4), UInt8(count & 15)] }
  }

  /// A number in so many bytes.
  mutating func unsigned(_ number: Int64, _ width: Int) { self.number(number, width, type: 0x60) }

  /// The same with a sign.
  mutating func signed(_ number: Int64, _ width: Int) { self.number(number, width, type: 0x50) }

  private mutating func number(_ number: Int64, _ width: Int, type: UInt8) {
    bytes.append(type | UInt8(width + 1))
    for index in 0..<width { bytes.append(UInt8(truncatingIfNeeded: number >> Int64(8 * (width - 1 - index)))) }
  }

  /// Seconds that the meter has run.
  mutating func secondsIndex(_ seconds: Int64) {
    list(2)
    unsigned(1, 1)
    unsigned(seconds, 4)
  }

  // MARK: Messages

  /// List of 6 with its CRC and the byte that ends it.
  mutating func message(_ tag: Int64, _ body: (inout SMLWriter) -> Void) {
    let start = bytes.count
    list(6)
    octets([24, 16, 8, 0].map { UInt8(truncatingIfNeeded: transaction >> $0) })
    transaction &+= 1
    unsigned(0, 1)
    unsigned(0, 1)
    list(2)
    unsigned(tag, 2)
    body(&self)
    let checksum = CRC16.x25(bytes.span.extracting(start..<bytes.count))
    bytes += [0x63, UInt8(truncatingIfNeeded: checksum), UInt8(checksum >> 8), 0x00]
  }

  /// The file between its marks: with doubled escapes, fill bytes and CRC.
  func file() -> [UInt8] {
    var file: [UInt8] = [0x1B, 0x1B, 0x1B, 0x1B, 0x01, 0x01, 0x01, 0x01]
    var run = 0
    for byte in bytes {
      file.append(byte)
      run = byte == 0x1B ? run + 1 : 0
      if run == 4 {
        file += [0x1B, 0x1B, 0x1B, 0x1B]
        run = 0
      }
    }
    let fill = (4 - file.count % 4) % 4
    file += [UInt8](repeating: 0, count: fill) + [0x1B, 0x1B, 0x1B, 0x1B, 0x1A, UInt8(fill)]
    let checksum = CRC16.x25(file.span)
    return file + [UInt8(truncatingIfNeeded: checksum), UInt8(checksum >> 8)]
  }
}
