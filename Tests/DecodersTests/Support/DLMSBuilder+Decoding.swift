@testable import Decoders

extension DLMSBuilder {
  /// Settings with one change.
  static func settings(_ change: (inout DLMSDecoder.Configuration) -> Void) -> DLMSDecoder.Configuration {
    var settings = DLMSDecoder.Configuration()
    change(&settings)
    return settings
  }

  /// A decoder with a key.
  static func decoder(
    key: [UInt8] = key, authenticationKey: [UInt8]? = nil, systemTitle: SystemTitle? = nil, allowsPlain: Bool = false
  ) -> DLMSDecoder {
    let settings = settings {
      $0.cipher = DLMSCipher(key: key, authenticationKey: authenticationKey)
      $0.systemTitle = systemTitle
      $0.protection = ProtectionRule(
        needsCipher: true, needsTag: authenticationKey != nil, allowsPlain: allowsPlain)
    }
    return DLMSDecoder(settings)
  }

  /// The telegram of application data, or why it has none.
  static func decode(
    _ data: [UInt8], _ settings: DLMSDecoder.Configuration = .init()
  ) -> Result<Telegram, DecodeError> {
    let decoded = decodeAll([.frame(data)], DLMSDecoder(settings))
    if let error = decoded.errors.first { return .failure(error) }
    return decoded.telegrams.first.map { .success($0) } ?? .failure(DecodeError(.noise, at: 0))
  }

  /// The lines of the fields of a notification with this body.
  static func lines(_ body: [UInt8], _ settings: DLMSDecoder.Configuration = .init()) throws -> [String] {
    try decode(notification(body), settings).get().fieldLines()
  }

  /// What comes of lists of the Kaifa one after the other: nil for a good one, else the code.
  static func codes(_ decoder: DLMSDecoder, _ telegrams: [[UInt8]]) -> [DecodeError.Code?] {
    var decoder = decoder
    return telegrams.map { telegram in
      var out: [Telegram] = []
      do throws(DecodeError) { try decoder.decode(telegram.span, into: &out) } catch { return error.code }
      return out.count == 1 && out[0].readings[0].meterNumber == "123456789012" ? nil : .noise
    }
  }
}

extension Telegram {
  /// What an envelope told, where it is a telegram of DLMS.
  var dlmsHeader: DLMSHeader? { (content as? DLMSContent)?.header }
}
