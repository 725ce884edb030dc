@testable import Decoders

/// What the lines `key:`, `auth-key:` and `set:` of a sample say: as `meterbridge decode` takes it.
struct SampleSettings: Sendable {
  var key: [UInt8]?
  var authenticationKey: [UInt8]?
  var profile: Profile?
  var dlms = DLMSDecoder.Configuration()
  var ignoresChecksums = false
  var allowsPlain = false
  var utcOffset: Int16?
  var energyUnit: UInt8?
  var coefficient: UInt32?

  /// Takes a key of 32 hexadecimal digits; false for anything else.
  mutating func setKey(_ digits: Substring, _ path: WritableKeyPath<SampleSettings, [UInt8]?>) -> Bool {
    guard let bytes = Hexadecimal.bytes(digits.utf8), bytes.count == 16 else { return false }
    self[keyPath: path] = bytes
    return true
  }

  /// Takes `name=value` as `decode --set` does; false for what no decoder knows.
  mutating func set(_ assignment: Substring) -> Bool {
    let parts = assignment.split(separator: "=", maxSplits: 1)
    guard parts.count == 2 else { return false }
    let value = String(parts[1])
    switch parts[0] {
    case "profile":
      profile = Profile(name: value)
      dlms.maker = DLMSMaker(name: value)
      return profile != nil || dlms.maker != nil
    case "system_title":
      guard value.count == 16, let title = UInt64(value, radix: 16) else { return false }
      dlms.systemTitle = SystemTitle(title)
    case "allow_plain": allowsPlain = value == "true"
    case "ignore_crc": ignoresChecksums = value == "true"
    case "utc_offset":
      utcOffset = Self.minutes(value)
      return utcOffset != nil
    case "energy_unit":
      energyUnit = UInt8(value, radix: 16)
      return energyUnit != nil
    case "coefficient":
      coefficient = UInt32(value)
      return coefficient != nil
    default:
      guard parts[0].hasPrefix("scalers."), let power = Int8(value),
        let quantity = DLMSQuantity(name: String(parts[0].dropFirst("scalers.".count)))
      else { return false }
      dlms.scalers[quantity] = power
    }
    return true
  }

  /// Minutes east of UTC: `+01:00` is 60.
  private static func minutes(_ text: String) -> Int16? {
    let parts = text.dropFirst().split(separator: ":").compactMap { Int16($0) }
    guard parts.count == 2, let sign = text.first, "+-".contains(sign) else { return nil }
    return (parts[0] * 60 + parts[1]) * (sign == "-" ? -1 : 1)
  }

  /// What the bytes must have because the sample names it.
  var protection: ProtectionRule {
    ProtectionRule(needsCipher: key != nil, needsTag: authenticationKey != nil, allowsPlain: allowsPlain)
  }

  /// The cipher with both keys; nil without a key.
  var cipher: DLMSCipher? { key.flatMap { DLMSCipher(key: $0, authenticationKey: authenticationKey) } }
}

extension Sample {
  /// What cuts its bytes into frames.
  var framer: any Framer {
    switch meterProtocol {
    case .mbus: MBusFramer()
    case .p1: P1Framer()
    case .dlms: DLMSFramer(ignoresChecksums: settings.ignoresChecksums)
    case .sml: SMLFramer()
    case .echonet: ECHONETFramer()
    case .d0: D0Framer()
    case .wmbus: WirelessMBusFramer()
    }
  }

  /// A decoder that has seen no frame.
  var decoder: any MeterDecoder {
    switch meterProtocol {
    case .mbus: return MBusDecoder(profile: settings.profile)
    case .p1:
      return P1PortDecoder(
        settings.cipher, systemTitle: settings.dlms.systemTitle, protection: settings.protection,
        utcOffset: settings.utcOffset)
    case .dlms:
      var known = settings.dlms
      known.cipher = settings.cipher
      known.protection = settings.protection
      known.utcOffset = settings.utcOffset
      return DLMSDecoder(known)
    case .d0: return D0Decoder(utcOffset: settings.utcOffset)
    case .sml: return SMLDecoder()
    case .echonet: return ECHONETDecoder(energyUnit: settings.energyUnit, coefficient: settings.coefficient)
    case .wmbus: return WirelessMBusDecoder(settings.wireless)
    }
  }

  /// What framer and decoder make of bytes, in pieces of any size.
  func decoded(_ bytes: [UInt8], piece: Int = .max) -> Decoded {
    decodeAll(frames(framer, bytes, piece: piece), decoder)
  }
}

extension SampleSettings {
  /// What a wireless meter's decoder knows.
  var wireless: WirelessMBusDecoder.Configuration {
    var known = WirelessMBusDecoder.Configuration()
    known.cipher = WirelessCipher(testing: key)
    known.protection = protection
    known.profile = profile
    return known
  }
}
