/// A unit as a meter writes it in letters: one of the table, and the power of ten of its prefix.
///
/// The one parser for protocols that write units as text. Meters differ in upper and lower case (`kVArh`, `kvarh`, `kwh`).
struct WrittenUnit: BitwiseCopyable {
  var unit: Unit
  /// `kV` is a volt with the power 3.
  var power: Int8 = 0

  init(_ unit: Unit) { self.unit = unit }

  /// Nil for what is no unit of the table, with or without a prefix (m, k, M, G).
  init?(_ symbol: Span<UInt8>) {
    guard (1...8).contains(symbol.count) else { return nil }
    let letters = Self.letters(symbol)
    if let unit = Self.common(letters) ?? Self.rare(letters) {
      self.init(unit)
    } else {
      self.init(prefixed: symbol)
    }
  }

  /// The symbol in lower case; of a longer one the last eight letters.
  @inline(__always)
  static func letters(_ symbol: Span<UInt8>) -> UInt64 {
    var letters: UInt64 = 0
    for index in symbol.indices {
      let byte = symbol[index]
      letters = letters << 8 | UInt64((0x41...0x5A).contains(byte) ? byte | 0x20 : byte)
    }
    return letters
  }

  /// A unit that most values have, in the spelling of most meters and with the closing bracket behind it, by the first eight
  /// bytes, least significant first; and the number of its letters.
  @inline(__always)
  static func bracketed(_ word: UInt64) -> (unit: Unit, count: Int)? {
    switch word & 0xFFFF_FFFF {
    case 0x29_68_57_6B: return (.kilowattHour, 3)  // kWh)
    case 0x29_72_61_76: return (.reactiveVar, 3)  // var)
    case 0x29_68_41_56: return (.voltAmpereHour, 3)  // VAh)
    case 0x29_41_56_6B: return (.kilovoltAmpere, 3)  // kVA)
    default: break
    }
    switch word & 0xFF_FFFF {
    case 0x29_57_6B: return (.kilowatt, 2)  // kW)
    case 0x29_33_6D: return (.cubicMetre, 2)  // m3)
    case 0x29_68_57: return (.wattHour, 2)  // Wh)
    case 0x29_7A_48: return (.hertz, 2)  // Hz)
    case 0x29_41_56: return (.voltAmpere, 2)  // VA)
    default: break
    }
    switch word & 0xFFFF {
    case 0x29_56: return (.volt, 1)  // V)
    case 0x29_41: return (.ampere, 1)  // A)
    case 0x29_57: return (.watt, 1)  // W)
    case 0x29_73: return (.second, 1)  // s)
    default: break
    }
    switch word & 0xFF_FFFF_FFFF {
    case 0x29_72_61_76_6B: return (.kilovar, 4)  // kvar)
    case 0x29_68_72_61_76: return (.varHour, 4)  // varh)
    default: return word & 0xFFFF_FFFF_FFFF == 0x29_68_72_61_76_6B ? (.kilovarHour, 5) : nil  // kvarh)
    }
  }

  /// What most values have, by its letters.
  @inline(__always)
  static func common(_ letters: UInt64) -> Unit? {
    switch letters {
    case 0x6B_77_68: .kilowattHour  // kwh
    case 0x6B_77: .kilowatt  // kw
    case 0x76: .volt  // v
    case 0x61: .ampere  // a
    case 0x77_68: .wattHour  // wh
    case 0x77: .watt  // w
    case 0x6D_33: .cubicMetre  // m3
    case 0x6B_76_61_72: .kilovar  // kvar
    case 0x6B_76_61_72_68: .kilovarHour  // kvarh
    case 0x76_61_72: .reactiveVar  // var
    case 0x76_61_72_68: .varHour  // varh
    case 0x6B_76_61: .kilovoltAmpere  // kva
    case 0x76_61: .voltAmpere  // va
    case 0x6B_76_61_68: .kilovoltAmpereHour  // kvah
    case 0x76_61_68: .voltAmpereHour  // vah
    case 0x68_7A: .hertz  // hz
    case 0x73: .second  // s
    default: nil
    }
  }

  @inline(never)
  private static func rare(_ letters: UInt64) -> Unit? {
    switch letters {
    case 0x67_6A: .gigajoule  // gj
    case 0x6D_6A: .megajoule  // mj: no register counts millijoules
    case 0x6B_6A: .kilojoule  // kj
    case 0x6A: .joule  // j
    case 0x63_61_6C: .calorie  // cal
    case 0x64_6D_33, 0x6C: .litre  // dm3, l
    // m³, in Latin-1 too, m^3, Nm3
    case 0x6D_C2_B3, 0x6D_B3, 0x6D_5E_33, 0x6E_6D_33: .cubicMetre
    case 0x6D_33_70_68, 0x6D_33_2F_68, 0x6D_C2_B3_2F_68, 0x6D_B3_2F_68: .cubicMetrePerHour  // m3ph, m3/h, m³/h
    case 0x6C_2F_68, 0x6C_70_68: .litrePerHour  // l/h, lph
    case 0x6B_67: .kilogram  // kg
    case 0x74: .tonne  // t
    case 0x6B_67_2F_68: .kilogramPerHour  // kg/h
    case 0x63, 0xC2_B0_63, 0xB0_63: .celsius  // c, °c
    case 0xC2_B0_66: .fahrenheit  // °f
    case 0x6B: .kelvin  // k
    case 0x62_61_72: .bar  // bar
    case 0x6D_69_6E: .minute  // min
    case 0x68: .hour  // h
    case 0x64: .day  // d
    case 0x25: .percent  // %
    case 0xC2_B0, 0xB0, 0x64_65_67: .degree  // °, deg
    case 0x64_62_6D: .decibelMilliwatt  // dbm
    default: nil
    }
  }

  /// Units that take a prefix.
  private static func base(_ letters: UInt64) -> Unit? {
    switch letters {
    case 0x77, 0x77_68, 0x76, 0x61, 0x76_61, 0x76_61_68, 0x76_61_72, 0x76_61_72_68, 0x68_7A, 0x73: common(letters)
    case 0x6A, 0x63_61_6C, 0x6C, 0x62_61_72: rare(letters)
    default: nil
    }
  }

  /// An M is 10⁶ and an m 10⁻³. Written in lower case throughout, `mw` and `mwh` may be either: no unit.
  @inline(never)
  private init?(prefixed symbol: Span<UInt8>) {
    guard symbol.count > 1, let unit = Self.base(Self.letters(symbol.extracting(1..<symbol.count))) else { return nil }
    self.unit = unit
    switch symbol[0] {
    case UInt8(ascii: "k"), UInt8(ascii: "K"): power = 3
    case UInt8(ascii: "M"): power = 6
    case UInt8(ascii: "G"), UInt8(ascii: "g"): power = 9
    case UInt8(ascii: "m") where symbol[1] != UInt8(ascii: "w"): power = -3
    default: return nil
    }
  }

  /// A number of this unit in the unit without its prefix; the point moves.
  @inline(__always)
  func base(_ number: FixedDecimal) -> FixedDecimal { power == 0 ? number : number.scaled(by: power) }
}
