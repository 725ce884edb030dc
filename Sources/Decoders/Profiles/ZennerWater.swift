/// Zenner's water meters (ZRI 0B): behind DIF 0F the total of the due date and the total, in 256000ths of a cubic metre.
enum ZennerWater {
  static let layouts = [MakerLayout(["ZRI"], versions: [0x0B], types: [0x16], .record, .water, read)]

  /// 1/256000 as an exact decimal.
  private static let step = FixedDecimal(390_625, exponent: -11)

  private static func read(_ reader: inout MakerReader) throws(DecodeError) {
    for (start, storage) in [(8, 0), (4, 1)] as [(Int, UInt64)] {
      var volume = FixedDecimal(try reader.number(at: start, 4)).multiplied(by: step)
      while let exact = volume, exact.exponent < -3, exact.mantissa % 10 == 0 {
        volume = FixedDecimal(exact.mantissa / 10, exponent: exact.exponent + 1)
      }
      reader.add(.volume, volume, .cubicMetre, storage: storage)
    }
  }
}
