/// The meaning of OBIS codes in P1 and DLMS telegrams: the only table of them.
///
/// Sources: DSMR P1 companion standards 2.2 to 5.0.2, e-MUCS P1 (Belgium), Luxmetering E-Meter P1, ESO (Lithuania),
/// Swedish and Finnish HAN, DLMS Blue Book, IEC 62056-61.
enum ObisMeaning: BitwiseCopyable {
  /// A number with a unit, published in this unit.
  case quantity(FieldKey, Unit)
  /// A number without a unit.
  case plain(FieldKey)
  /// The highest power or current that the meter lets through.
  case powerLimit
  case currentLimit(FieldKey.Phase)
  case tariff
  case breaker
  case message
  /// A text worth showing under its code.
  case text
  /// Not a field: a list, or a value with another use.
  case record
  /// Shown under its code if it is a number.
  case unknown
}

extension ObisMeaning {
  /// The meaning of a value of the meter itself.
  ///
  /// - Parameters:
  ///   - obis: the value's code, its A being 0 (abstract, channel 0) or 1 (electricity).
  ///   - isLithuanian: ESO's 31.4.0 is an average, that of other meters a limit.
  /// - Returns: `unknown` for codes outside the table.
  static func of(_ obis: Obis, isLithuanian: Bool) -> ObisMeaning {
    // F names a billing period; 255 is the current one.
    guard obis.f == 255 || (1...126).contains(obis.f) else { return .unknown }
    let meaning =
      obis.a == 1 ? electricity(obis, isLithuanian: isLithuanian) : obis.a == 0 ? abstract(obis) : .unknown
    return obis.f == 255 ? meaning : meaning.stored(UInt64(obis.f))
  }

  /// A momentary value, a total or a counter of the current billing period, and the unit that it is published in: what most
  /// values are. `of` tells the same of them. Nil for all others.
  @inline(__always)
  static func usual(_ obis: Obis) -> (key: FieldKey, unit: Unit)? {
    guard obis.f == 255 else { return nil }
    if obis.a == 1, (1...80).contains(obis.c) { return usualElectricity(obis) }
    return obis.a == 0 && obis.b == 0 ? usualCounter(obis) : nil
  }

  /// A = 1, C = 1 to 80: counts the same quantities for the sum (1…20) and for L1, L2 and L3 (21…80).
  @inline(__always)
  private static func usualElectricity(_ obis: Obis) -> (key: FieldKey, unit: Unit)? {
    let (phase, quantity) = phased(obis.c)
    switch obis.d {
    case 7 where obis.e == 0: return momentary(quantity).map { (FieldKey($0.name, phase: phase), $0.unit) }
    case 8: return total(quantity).map { (FieldKey($0.name, phase: phase, tariff: UInt16(obis.e)), $0.unit) }
    case 32 where quantity == 12 && obis.e == 0: return (FieldKey(.voltageSags, phase: phase), .none)
    case 36 where quantity == 12 && obis.e == 0: return (FieldKey(.voltageSwells, phase: phase), .none)
    default: return nil
    }
  }

  /// A = 0, B = 0.
  private static func usualCounter(_ obis: Obis) -> (key: FieldKey, unit: Unit)? {
    switch obis.cde {
    case 0x60_07_09: (FieldKey(.powerFailuresLong), .none)  // 96.7.9
    case 0x60_07_15: (FieldKey(.powerFailures), .none)  // 96.7.21
    default: nil
    }
  }

  private init(_ usual: (key: FieldKey, unit: Unit)) {
    self = usual.unit == .none ? .plain(usual.key) : .quantity(usual.key, usual.unit)
  }

  /// The phase and the quantity of a C up to 80.
  @inline(__always)
  private static func phased(_ c: UInt8) -> (FieldKey.Phase, quantity: UInt8) {
    switch c {
    case 1...20: (.none, c)
    case 21...40: (.l1, c &- 20)
    case 41...60: (.l2, c &- 40)
    default: (.l3, c &- 60)
    }
  }

  /// A = 1.
  @inline(__always)
  private static func electricity(_ obis: Obis, isLithuanian: Bool) -> ObisMeaning {
    guard (1...80).contains(obis.c) else { return electricityAbove80(obis) }
    if let usual = usualElectricity(obis) { return ObisMeaning(usual) }
    let (phase, quantity) = phased(obis.c)
    switch obis.d {
    case 3 where quantity == 13 && obis.e == 0: return .plain(FieldKey(.powerFactor, phase: phase, function: .minimum))
    case 4 where quantity == 1 && obis.e == 0: return .quantity(FieldKey(.demandImportAverage, phase: phase), .watt)
    case 4 where quantity == 11 && obis.e == 0: return isLithuanian ? .unknown : .currentLimit(phase)
    case 6 where quantity == 1 && obis.e == 0: return .quantity(FieldKey(.demandImportMaximum, phase: phase), .watt)
    default: return .unknown
    }
  }

  /// D = 7: the name and its unit.
  @inline(__always)
  private static func momentary(_ quantity: UInt8) -> (name: FieldName, unit: Unit)? {
    switch quantity {
    case 1: (.powerImport, .watt)
    case 2: (.powerExport, .watt)
    case 3: (.reactivePowerImport, .reactiveVar)
    case 4: (.reactivePowerExport, .reactiveVar)
    case 5: (.reactivePowerQ1, .reactiveVar)
    case 6: (.reactivePowerQ2, .reactiveVar)
    case 7: (.reactivePowerQ3, .reactiveVar)
    case 8: (.reactivePowerQ4, .reactiveVar)
    case 9: (.apparentPowerImport, .voltAmpere)
    case 10: (.apparentPowerExport, .voltAmpere)
    case 11: (.current, .ampere)
    case 12: (.voltage, .volt)
    case 13: (.powerFactor, .none)
    case 14: (.frequency, .hertz)
    case 16: (.power, .watt)
    default: nil
    }
  }

  /// D = 8: the name and its unit.
  @inline(__always)
  private static func total(_ quantity: UInt8) -> (name: FieldName, unit: Unit)? {
    switch quantity {
    case 1: (.energyImport, .kilowattHour)
    case 2: (.energyExport, .kilowattHour)
    case 3: (.reactiveEnergyImport, .kilovarHour)
    case 4: (.reactiveEnergyExport, .kilovarHour)
    case 5: (.reactiveEnergyQ1, .kilovarHour)
    case 6: (.reactiveEnergyQ2, .kilovarHour)
    case 7: (.reactiveEnergyQ3, .kilovarHour)
    case 8: (.reactiveEnergyQ4, .kilovarHour)
    case 9: (.apparentEnergyImport, .kilovoltAmpereHour)
    case 10: (.apparentEnergyExport, .kilovoltAmpereHour)
    case 15: (.energyAbsolute, .kilowattHour)
    case 16: (.energyNet, .kilowattHour)
    default: nil
    }
  }

  private static func electricityAbove80(_ obis: Obis) -> ObisMeaning {
    switch obis.cde {
    case 0x5B_07_00: .quantity(FieldKey(.current, phase: .n), .ampere)  // 91.7.0
    case 0x51_07_04, 0x51_07_28: .quantity(FieldKey(.phaseAngle, phase: .l1), .degree)  // 81.7.4, 81.7.40
    case 0x51_07_0F, 0x51_07_33: .quantity(FieldKey(.phaseAngle, phase: .l2), .degree)  // 81.7.15, 81.7.51
    case 0x51_07_1A, 0x51_07_3E: .quantity(FieldKey(.phaseAngle, phase: .l3), .degree)  // 81.7.26, 81.7.62
    case 0x62_01_00, 0x63_61_00: .record  // 98.1.0, 99.97.0: lists
    default: obis.isText ? textMeaning(obis) : .unknown
    }
  }

  /// A = 0, B = 0.
  private static func abstract(_ obis: Obis) -> ObisMeaning {
    if let usual = usualCounter(obis) { return ObisMeaning(usual) }
    return switch obis.cde {
    case 0x01_00_00: .record  // 1.0.0: the clock
    case 0x11_00_00: .powerLimit  // 17.0.0
    case 0x60_03_0A: .breaker  // 96.3.10
    case 0x60_0D_00: .message  // 96.13.0
    case 0x60_0E_00, 0x60_0E_01: .tariff  // 96.14.0, in Israel 96.14.1
    case 0x62_01_00, 0x63_61_00: .record  // 98.1.0, 99.97.0: lists
    default: obis.isText ? textMeaning(obis) : .unknown
    }
  }

  /// Identifications are the meter's, not fields.
  private static func textMeaning(_ obis: Obis) -> ObisMeaning {
    switch (obis.c, obis.d) {
    case (0x60, 0x05), (0x60, 0x08), (0x60, 0x0D), (0x60, 0x32): .text
    default: .record
    }
  }

  /// The same value of a past billing period.
  private func stored(_ storage: UInt64) -> ObisMeaning {
    switch self {
    case .quantity(var key, let unit):
      key.storage = storage
      return .quantity(key, unit)
    case .plain(var key):
      key.storage = storage
      return .plain(key)
    case .record: return .record
    default: return .unknown
    }
  }
}

extension Obis {
  /// Whether the standards define the value as a text, which keeps its leading zeros.
  ///
  /// Such are identifications, versions, messages, status in hexadecimal and the tariff.
  @inline(__always)
  package var isText: Bool {
    // Most codes are those of values, below 96.
    guard c >= 96 || c == 0 || c == 42 else { return false }
    return switch c {
    case 0: d == 0 || d == 2  // 0.0.x identifications, 0.2.x versions
    case 42: d == 0 && a < 2  // 42.0.0 logical device name; 42.7.0 is a power
    case 96:
      switch d {
      case 1, 5, 8, 13, 14, 50: true
      default: false
      }
    default: false
    }
  }

  /// Whether the value is of a quantity, which may have a unit: not of the services from 96 on, nor of those under 0.
  @inline(__always)
  var isMeasured: Bool { (1...95).contains(c) }

  /// Whether the value is a history or a log of the meter itself, whose groups are no fields.
  @inline(__always)
  var isList: Bool { c >= 98 && (a == 1 || a == 0 && b == 0) && (cde == 0x62_01_00 || cde == 0x63_61_00) && f == 255 }

  /// 96.1.x: a number of the meter or of one behind it.
  @inline(__always)
  var isIdentification: Bool { c == 96 && d == 1 && a < 2 && f == 255 }

  /// Whether hexadecimal digits stand for characters, as in identifications and messages.
  package var isHexadecimalText: Bool {
    switch (c, d) {
    case (0, 0), (42, 0), (96, 1), (96, 13): true
    default: false
    }
  }

  /// Whether the first group is a time: the clock, a maximum, and the last value of a sub-meter.
  package var isTimed: Bool {
    switch (c, d) {
    case (1, 0), (1, 6), (24, 2), (24, 3): true
    default: false
    }
  }
}
