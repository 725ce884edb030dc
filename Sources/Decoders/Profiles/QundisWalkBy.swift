/// The walk-by record of Qundis meters (VIF FF 5F, 53 bytes): the total, that of the due date, and the months before.
///
///     … V E E T T T T G G D D D D …
///     V  VIF of both totals, at byte 9
///     E  date of an error
///     T  total, eight decimal digits
///     G  due date
///     D  total at the due date, likewise
enum QundisWalkBy {
  static let layouts = [MakerLayout(["QDS", "LSE"], .record, .other, read)]

  private static func read(_ reader: inout MakerReader) throws(DecodeError) {
    guard reader.data.count >= 22 else { return }
    let meaning = VIFMeaning.primary(reader.data[9])
    let name: FieldName? =
      switch meaning.quantity {
      case .volume: .volume
      case .energy: .energy
      case .heatCostUnits: .heatCostUnits
      default: nil
      }
    guard let name else { return }
    for (start, storage) in [(12, 0), (18, 1)] as [(Int, UInt64)] {
      var digits: Int64? = 0
      for byte in reader.data[start..<start + 4].reversed() {
        digits =
          byte >> 4 < 10 && byte & 15 < 10 ? digits.map { $0 * 100 + Int64(byte >> 4) * 10 + Int64(byte & 15) } : nil
      }
      if let digits {
        reader.add(name, FixedDecimal(digits, exponent: meaning.exponent), meaning.unit, storage: storage)
      }
    }
    if reader.reading.meter.medium == .other {
      reader.reading.meter.medium = name == .volume ? .water : name == .energy ? .heat : .heatCostAllocator
    }
  }
}
