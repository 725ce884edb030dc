internal import Decoders

extension MeterProtocol {
  /// What cuts this protocol's bytes into frames.
  func framer() -> any Framer {
    switch self {
    case .mbus: MBusFramer()
    case .p1: P1Framer()
    }
  }
}

extension MeterSettings {
  /// What makes telegrams of this meter's frames.
  func decoder() -> any MeterDecoder {
    switch meterProtocol {
    case .mbus: MBusDecoder(profile: profile)
    case .p1: P1Decoder(utcOffset: utcOffset)
    }
  }
}
