internal import Base
internal import Decoders

/// What is sent to a D0 meter (IEC 62056-21, 6.3.1, 6.3.3, 6.3.7). Programming is never asked for.
enum D0Request {
  /// `/?address!`, or `/#!` for all values of an Ultraheat.
  static func request(_ polling: D0Polling) -> [UInt8] {
    Array((polling.wake == .uh50 ? "/#!\r\n" : "/?\(polling.address)!\r\n").utf8)
  }

  /// The choice of a readout at a speed: ACK `0` speed `0`.
  static func choice(of baud: Int) -> [UInt8] {
    let place = D0Identification.rates.firstIndex(of: baud) ?? 0
    return [0x06, 0x30, 0x30 + UInt8(place), 0x30, 0x0D, 0x0A]
  }

  /// NAK: the block once more.
  static let again: [UInt8] = [0x15]

  /// The bytes as a port with 8N1 must send them, so that the meter gets seven bits and even parity.
  static func withParity(_ bytes: [UInt8]) -> [UInt8] {
    bytes.map { $0.nonzeroBitCount % 2 == 0 ? $0 : $0 | 0x80 }
  }
}
