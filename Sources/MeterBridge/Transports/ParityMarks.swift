internal import Meters

/// Takes the marks of the serial driver (PARMRK) out of what was read: FF 00 X is the damaged byte X, FF FF a good FF.
struct ParityMarks: Sendable {
  /// FF, or FF 00, at the end of the last piece.
  private var pending: [UInt8] = []
  private let mask: UInt8

  /// With seven data bits the eighth is not data: ptys and some adapters pass the parity bit in it.
  init(dataBits: Int) { mask = dataBits == 7 ? 0x7F : 0xFF }

  mutating func decode(_ raw: [UInt8]) -> LineInput {
    var input = LineInput(bytes: [])
    input.bytes.reserveCapacity(raw.count)
    for byte in raw {
      switch (pending.count, byte) {
      case (0, 0xFF): pending = [0xFF]
      case (0, _): input.bytes.append(byte & mask)
      case (1, 0x00): pending = [0xFF, 0x00]
      case (1, 0xFF):
        input.bytes.append(0xFF & mask)
        pending = []
      case (1, _):
        // A driver that marks nothing: FF was a byte like any other.
        input.bytes += [0xFF & mask, byte & mask]
        pending = []
      default:
        input.damaged.append(input.bytes.count)
        input.bytes.append(byte & mask)
        pending = []
      }
    }
    return input
  }
}
