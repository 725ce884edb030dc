internal import Base
internal import Decoders

/// Bytes for people: sixteen a line with their offset, and what of them is ASCII.
enum HexDump {
  static func lines(_ bytes: [UInt8]) -> [String] {
    stride(from: 0, to: bytes.count, by: 16).map { start in
      let row = bytes[start..<min(start + 16, bytes.count)]
      let digits = row.map { Hexadecimal.text([$0]) }.joined(separator: " ")
      let text = row.map { (0x20...0x7E).contains($0) ? $0 : 0x2E }
      let offset = String(start, width: 4, radix: 16, uppercase: true)
      return "\(offset)  \(digits.padded(to: 49))\(String(decoding: text, as: UTF8.self))"
    }
  }
}
