/// Diehl PRIOS, the radio of Izar water meters; also under the names of Hydrometer, Sappel and others.
///
///     4B T T T T D D D D G G
///     4B   mark that the key is right
///     T    total, litres
///     D    total at the due date, litres
///     G    due date
///
/// Older ones end behind the total.
enum DiehlPRIOS {
  static let layouts = [
    MakerLayout(["DME", "EWT", "HYD", "SAP", "SPL"], informations: 0xA0...0xA7, .frame, .water, read)
  ]

  /// Bytes with a known meaning.
  static let length = 11
  private static let shortest = 5
  private static let withDueDate = 9

  private static func read(_ reader: inout MakerReader) throws(DecodeError) {
    let frame = reader.message.bytes
    guard frame.count >= DiehlCipher.start + shortest else {
      throw DecodeError(.truncated, at: frame.count, expected: DiehlCipher.start + shortest - frame.count)
    }
    let key = reader.cipher?.key
    guard let opened = DiehlCipher.open(frame, key: key, isPlain: { $0.first == DiehlCipher.mark }) else {
      throw reader.message.error(key == nil ? .noKey : .wrongKey)
    }
    reader.security = .shiftRegister
    reader.isOpened = key != nil
    var plain = reader
    plain = MakerReader(Array(opened.bytes[DiehlCipher.start...]), reader.message, nil, reader.reading)
    reader.add(.volume, FixedDecimal(try plain.number(at: 1, 4), exponent: -3), .cubicMetre)
    if plain.data.count >= withDueDate {
      reader.add(.volume, FixedDecimal(try plain.number(at: 5, 4), exponent: -3), .cubicMetre, storage: 1)
    }
    addStatus(frame, to: &reader)
  }

  /// Two bytes of flags stand in plain before the mark.
  private static func addStatus(_ frame: [UInt8], to reader: inout MakerReader) {
    let (first, second) = (frame[12], frame[13])
    reader.addStatus([
      (frame[11] & 0x80 != 0, "alarm"), (first & 0x80 != 0, "leak"), (first & 0x40 != 0, "leak_before"),
      (first & 0x20 != 0, "blocked"), (second & 0x80 != 0, "backflow"), (second & 0x40 != 0, "underflow"),
      (second & 0x20 != 0, "overflow"), (second & 0x10 != 0, "submarine"), (second & 0x08 != 0, "fraud"),
      (second & 0x04 != 0, "fraud_before"), (second & 0x02 != 0, "mechanical"), (second & 1 != 0, "mechanical_before"),
    ])
  }
}
