/// Apator's radio modules of water meters that count pulses: APT 03 and 0F (AT-WMBUS-08), whose address says gas or nothing,
/// and APT 04 (Apator 172).
enum ApatorPulses {
  static let layouts = [
    MakerLayout(["APT"], versions: [0x03], types: [0x03], informations: 0xA0...0xA0, .frame, .water) {
      reader throws(DecodeError) in try add(3000, to: &reader)
    },
    MakerLayout(["APT"], versions: [0x0F], types: [0x0F], informations: 0xA0...0xA0, .frame, .water) {
      reader throws(DecodeError) in try add(3000, to: &reader)
    },
    MakerLayout(["APT"], versions: [0x04], types: [0x11], informations: 0xA0...0xA0, .frame, .water) {
      reader throws(DecodeError) in try add(3, to: &reader)
    },
  ]

  private static let decimals = 3

  private static func add(_ pulsesPerCubicMetre: Int128, to reader: inout MakerReader) throws(DecodeError) {
    let pulses = Int128(try reader.number(at: 0, 4))
    let volume = FixedDecimal.rounded(pulses, over: pulsesPerCubicMetre, exponent: 0, decimals: decimals)
    reader.add(.volume, volume, .cubicMetre)
  }
}
