/// The meaning of a value information field: quantity, unit, power of ten, and format of whole numbers.
struct VIFMeaning: BitwiseCopyable {
  /// The format of whole numbers.
  enum Shape: UInt8, BitwiseCopyable {
    /// With a sign (types A and B).
    case signed
    /// Flags, identifiers, counters of states (types C and D).
    case unsigned
    /// Dates and times by their length (types F, G, I and J).
    case time
    /// Bytes of another protocol.
    case opaque
    /// Digits that count nothing: leading zeros are part of them.
    case digits
  }

  var quantity: MBusQuantity
  var unit: Unit
  var exponent: Int8
  var shape: Shape

  @inline(__always)
  init(_ quantity: MBusQuantity, _ unit: Unit = .none, _ exponent: Int = 0, _ shape: Shape = .signed) {
    self.quantity = quantity
    self.unit = unit
    self.exponent = Int8(truncatingIfNeeded: exponent)
    self.shape = shape
  }

  /// Seconds, minutes, hours, days by the lowest two bits.
  static func duration(_ quantity: MBusQuantity, _ code: UInt8) -> VIFMeaning {
    switch code & 3 {
    case 0: VIFMeaning(quantity, .second)
    case 1: VIFMeaning(quantity, .minute)
    case 2: VIFMeaning(quantity, .hour)
    default: VIFMeaning(quantity, .day)
    }
  }

  /// Hours, days, months, years by the lowest two bits.
  static func longDuration(_ quantity: MBusQuantity, _ code: UInt8) -> VIFMeaning {
    switch code & 3 {
    case 0: VIFMeaning(quantity, .hour)
    case 1: VIFMeaning(quantity, .day)
    case 2: VIFMeaning(quantity, .month)
    default: VIFMeaning(quantity, .year)
    }
  }

  /// A number that only identifies or has flags.
  static func plain(_ quantity: MBusQuantity) -> VIFMeaning { VIFMeaning(quantity, .none, 0, .unsigned) }

  /// Index in `lines` of the table behind FD, and of that behind FB.
  static let startFD = 128
  static let startFB = 256

  /// The primary table, and those behind FD and FB, with a line for each code below 80: a look takes less than their switches.
  static let lines: [VIFMeaning] =
    (0..<128).map { primary($0) } + (0..<128).map { extensionFD($0) } + (0..<128).map { extensionFB($0) }

  /// The primary table.
  static func primary(_ vif: UInt8) -> VIFMeaning {
    let three = Int(vif & 7)
    let two = Int(vif & 3)
    switch vif & 0x7F {
    case 0x00...0x07: return VIFMeaning(.energy, .wattHour, three - 3)
    case 0x08...0x0F: return VIFMeaning(.energy, .joule, three)
    case 0x10...0x17: return VIFMeaning(.volume, .cubicMetre, three - 6)
    case 0x18...0x1F: return VIFMeaning(.mass, .kilogram, three - 3)
    case 0x20...0x23: return duration(.onTime, vif)
    case 0x24...0x27: return duration(.operatingTime, vif)
    case 0x28...0x2F: return VIFMeaning(.power, .watt, three - 3)
    case 0x30...0x37: return VIFMeaning(.power, .joulePerHour, three)
    case 0x38...0x3F: return VIFMeaning(.volumeFlow, .cubicMetrePerHour, three - 6)
    case 0x40...0x47: return VIFMeaning(.volumeFlow, .cubicMetrePerMinute, three - 7)
    case 0x48...0x4F: return VIFMeaning(.volumeFlow, .cubicMetrePerSecond, three - 9)
    case 0x50...0x57: return VIFMeaning(.massFlow, .kilogramPerHour, three - 3)
    case 0x58...0x5B: return VIFMeaning(.flowTemperature, .celsius, two - 3)
    case 0x5C...0x5F: return VIFMeaning(.returnTemperature, .celsius, two - 3)
    case 0x60...0x63: return VIFMeaning(.temperatureDifference, .kelvin, two - 3)
    case 0x64...0x67: return VIFMeaning(.externalTemperature, .celsius, two - 3)
    case 0x68...0x6B: return VIFMeaning(.pressure, .bar, two - 3)
    case 0x6C: return VIFMeaning(.date, .none, 0, .time)
    case 0x6D: return VIFMeaning(.dateTime, .none, 0, .time)
    case 0x6E: return VIFMeaning(.heatCostUnits)
    case 0x70...0x73: return duration(.averagingDuration, vif)
    case 0x74...0x77: return duration(.actualityDuration, vif)
    case 0x78: return VIFMeaning(.fabricationNumber, .none, 0, .digits)
    case 0x79: return VIFMeaning(.enhancedIdentification, .none, 0, .digits)
    case 0x7A: return plain(.busAddress)
    case 0x7C: return VIFMeaning(.plainText)
    case 0x7E: return VIFMeaning(.any)
    case 0x7F: return VIFMeaning(.manufacturerSpecific)
    default: return VIFMeaning(.reserved)
    }
  }
}
