internal import Decoders

/// One data record of a fake M-Bus meter, before it is coded (EN 13757-3, clause 6).
struct SimulatedRecord: Equatable, Sendable {
  /// The kinds of coding that the fake meters use; the number is the DIF's low half.
  enum Coding: UInt8, Sendable {
    case int8 = 1
    case int16, int24, int32
    case int48 = 6
    case int64
    case bcd2 = 9
    case bcd4, bcd6, bcd8
    case bcd12 = 14

    fileprivate var byteCount: Int {
      switch self {
      case .int8, .bcd2: 1
      case .int16, .bcd4: 2
      case .int24, .bcd6: 3
      case .int32, .bcd8: 4
      case .int48, .bcd12: 6
      case .int64: 8
      }
    }

    fileprivate var isBCD: Bool { rawValue >= Coding.bcd2.rawValue }
  }

  var coding: Coding
  var vib: [UInt8]
  var value: Int64
  var function = RecordFunction.instantaneous
  var storage = 0
  var tariff = 0

  init(
    _ coding: Coding, _ vib: [UInt8], _ value: Int64, function: RecordFunction = .instantaneous, storage: Int = 0,
    tariff: Int = 0
  ) {
    self.coding = coding
    self.vib = vib
    self.value = value
    self.function = function
    self.storage = storage
    self.tariff = tariff
  }

  /// DIB, VIB and data. A number too great for its register loses its first digits, as a register that runs over does.
  var bytes: [UInt8] { codes + data }

  /// DIB and VIB.
  var codes: [UInt8] { dib + vib }

  private var dib: [UInt8] {
    let mode: UInt8 =
      switch function {
      case .instantaneous: 0
      case .maximum: 1
      case .minimum: 2
      case .error: 3
      }
    var bytes = [coding.rawValue | mode << 4 | UInt8(storage & 1) << 6]
    var (storage, tariff) = (storage >> 1, tariff)
    while storage > 0 || tariff > 0 {
      bytes[bytes.count - 1] |= 0x80
      bytes.append(UInt8(storage & 15) | UInt8(tariff & 3) << 4)
      (storage, tariff) = (storage >> 4, tariff >> 2)
    }
    return bytes
  }

  var data: [UInt8] {
    guard coding.isBCD else {
      return (0..<coding.byteCount).map { UInt8(truncatingIfNeeded: value >> (8 * Int64($0))) }
    }
    var rest = value.magnitude
    var bytes: [UInt8] = (0..<coding.byteCount).map { _ in
      defer { rest /= 100 }
      return UInt8(rest % 10) | UInt8(rest / 10 % 10) << 4
    }
    // A minus takes the place of the first digit.
    if value < 0 { bytes[bytes.count - 1] = bytes[bytes.count - 1] & 0x0F | 0xF0 }
    return bytes
  }
}

extension CivilTime {
  /// The day as a type G date (EN 13757-3, annex A).
  var mbusDate: Int64 {
    let years = Int64(year % 100)
    return Int64(day) | (years & 7) << 5 | Int64(month) << 8 | (years >> 3) << 12
  }

  /// The minute as a type F date and time (EN 13757-3, annex A).
  var mbusDateTime: Int64 {
    // The hundreds of the year since 1900 stand in the hour's byte.
    let hundreds = Int64((year - 1900) / 100 & 3)
    return Int64(minute) | Int64(hour) << 8 | hundreds << 13 | mbusDate << 16
  }
}
