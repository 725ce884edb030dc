internal import Decoders

/// A decoder that remembers how far its meters' frame counters have risen.
protocol FrameCounting {
  var counters: [DLMSFrameCounter] { get }
}

extension DLMSDecoder: FrameCounting {}
extension EncryptedP1Decoder: FrameCounting {}

extension MeterSettings {
  /// What cuts this meter's bytes into frames.
  func framer() -> any Framer {
    switch meterProtocol {
    case .mbus: MBusFramer()
    case .p1 where key != nil: EncryptedP1Framer()
    case .p1: P1Framer()
    case .dlms: DLMSFramer(ignoresChecksums: ignoresChecksums)
    case .echonet: ECHONETFramer()
    }
  }

  /// What makes telegrams of this meter's frames.
  ///
  /// - Parameter counters: the frame counters of an earlier run.
  /// - Returns: a decoder with a memory of its own.
  func decoder(counters: [DLMSFrameCounter] = []) -> any MeterDecoder {
    let cipher = DLMSCipher(key, authenticationKey: authenticationKey)

    switch meterProtocol {
    case .mbus: return MBusDecoder(profile: profile)
    case .p1 where key != nil:
      return EncryptedP1Decoder(cipher, systemTitle: systemTitle, utcOffset: utcOffset, counters: counters)
    case .p1: return P1Decoder(utcOffset: utcOffset)
    case .dlms:
      var known = DLMSDecoder.Configuration()
      known.cipher = cipher
      known.systemTitle = systemTitle
      known.scalers = scalers
      known.maker = maker
      known.utcOffset = utcOffset
      return DLMSDecoder(known, counters: counters)
    case .echonet: return ECHONETDecoder(energyUnit: energyUnit, coefficient: coefficient)
    }
  }
}
