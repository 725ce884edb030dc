/// The status word of a meter, in one of two layouts (FNN "Lastenheft EDL", 2010, and "Lastenheft Basiszähler").
struct SMLStatus: BitwiseCopyable {
  /// The low byte of the layout of mME meters. The older one always has another.
  private static let basicMeter: UInt64 = 0x04

  var word: UInt64

  /// Whether it has the layout of mME meters:
  ///
  ///     bit 8 above start-up current, 9 magnet, 10 terminal cover, 11 total is export, 12 to 14 L1 to L3 are export,
  ///     15 rotation, 16 backstop, 17 fatal error, 18 to 20 voltage on L1 to L3
  var isOfBasicMeter: Bool { word & 0xFF == Self.basicMeter }

  /// Whether the meter says that the total, or a phase, is export.
  func isExport(_ phase: FieldKey.Phase) -> Bool {
    guard isOfBasicMeter else { return phase == .none && word & 1 << 5 != 0 }
    switch phase {
    case .l1: return word & 1 << 12 != 0
    case .l2: return word & 1 << 13 != 0
    case .l3: return word & 1 << 14 != 0
    default: return word & 1 << 11 != 0
    }
  }

  /// Whether an mME has none of its faults.
  var isWell: Bool { word & (1 << 9 | 1 << 10 | 1 << 17) == 0 }

  /// Writes the faults of an mME, joined by `+`.
  func writeFaults(into text: inout [UInt8]) {
    let start = text.count
    func write(_ name: StaticString, _ bit: UInt64) {
      guard word & 1 << bit != 0 else { return }
      if text.count > start { text.append(UInt8(ascii: "+")) }
      text.append(contentsOf: name.description.utf8)
    }
    write("magnet", 9)
    write("cover", 10)
    write("fatal_error", 17)
  }

  /// Writes the word in as many bytes as it needs, two digits each.
  func write(into text: inout [UInt8]) {
    var shift = (word | 1).leadingZeroBitCount &>> 3
    shift = 56 - 8 * shift
    while shift >= 0 {
      SMLServerID.writeHexadecimal(UInt8(truncatingIfNeeded: word &>> UInt64(shift)), into: &text)
      shift -= 8
    }
  }

  /// The first one of a list: of the totals, else the record 96.5.0, else of another register, which has a unit. Nil without
  /// one.
  init?(_ records: [SMLRecord], _ bytes: Span<UInt8>) {
    var found: UInt64?
    var other: UInt64?
    for record in records where record.obis.a <= 1 {
      switch record.obis.cde {
      case 0x01_08_00...0x01_08_FF, 0x02_08_00...0x02_08_FF:
        guard let status = record.status else { continue }
        word = status
        return
      case 0x60_05_00: found = found ?? Self.word(record, bytes)
      case _ where record.unit != nil: other = other ?? record.status
      default: break
      }
    }
    guard let found = found ?? other else { return nil }
    word = found
  }

  private static func word(_ record: SMLRecord, _ bytes: Span<UInt8>) -> UInt64? {
    switch record.content {
    case .number(let number): return UInt64(exactly: number)
    case .octets(let range) where range.count <= 8:
      var word: UInt64 = 0
      for index in range.indices { word = word << 8 | UInt64(bytes[index]) }
      return word
    default: return nil
    }
  }
}
