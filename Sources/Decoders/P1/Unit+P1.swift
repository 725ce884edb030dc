extension Unit {
  /// The unit of a P1 value. Meters differ in upper and lower case (`kVArh`, `kvarh`, `kwh`). Nil if unknown.
  init?(p1 symbol: Span<UInt8>) {
    guard (1...5).contains(symbol.count) else { return nil }
    var letters: UInt64 = 0
    for index in symbol.indices {
      let byte = symbol[index]
      letters = letters << 8 | UInt64((0x41...0x5A).contains(byte) ? byte | 0x20 : byte)
    }
    switch letters {
    case 0x6B_77_68: self = .kilowattHour  // kwh
    case 0x6B_77: self = .kilowatt  // kw
    case 0x76: self = .volt  // v
    case 0x61: self = .ampere  // a
    case 0x77_68: self = .wattHour  // wh
    case 0x77: self = .watt  // w
    case 0x6D_33: self = .cubicMetre  // m3
    case 0x6B_76_61_72: self = .kilovar  // kvar
    case 0x6B_76_61_72_68: self = .kilovarHour  // kvarh
    case 0x76_61_72: self = .reactiveVar  // var
    case 0x76_61_72_68: self = .varHour  // varh
    case 0x6B_76_61: self = .kilovoltAmpere  // kva
    case 0x76_61: self = .voltAmpere  // va
    case 0x6B_76_61_68: self = .kilovoltAmpereHour  // kvah
    case 0x76_61_68: self = .voltAmpereHour  // vah
    case 0x68_7A: self = .hertz  // hz
    case 0x73: self = .second  // s
    case 0x67_6A: self = .gigajoule  // gj
    case 0x6D_6A: self = .megajoule  // mj
    case 0x6B_6A: self = .kilojoule  // kj
    case 0x6D_77_68 where symbol[0] == 0x4D: self = .megawattHour  // Mwh, not mwh
    case 0x6D_77 where symbol[0] == 0x4D: self = .megawatt  // Mw, not mw
    case 0x64_6D_33, 0x6C: self = .litre  // dm3, l
    default: return nil
    }
  }
}
