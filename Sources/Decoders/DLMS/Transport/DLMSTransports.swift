/// The ways in which DLMS telegrams come over a line.
package struct DLMSTransports: OptionSet, Sendable, BitwiseCopyable {
  /// A bit each.
  package let rawValue: UInt8

  /// A set of bits.
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// M-Bus long frames with CI 00 to 1F (EN 13757-3, DLMS Green Book 10.5).
  package static let mbus = DLMSTransports(rawValue: 1)
  /// HDLC frames of type 3 (IEC 62056-46).
  package static let hdlc = DLMSTransports(rawValue: 2)
  /// The wrapper for TCP and UDP (IEC 62056-47).
  package static let wrapper = DLMSTransports(rawValue: 4)
  /// Application data without any frame, as gateways hand it on.
  package static let apdu = DLMSTransports(rawValue: 8)
  /// Enciphered application data (general-glo and general-ded ciphering) and nothing else: encrypted P1.
  package static let enciphered = DLMSTransports(rawValue: 16)

  /// Those of DLMS meters, told apart by their first bytes.
  package static let all: DLMSTransports = [.mbus, .hdlc, .wrapper, .apdu]

  /// Transports without a check value: a frame may begin anywhere in what looks like noise, and cannot be told from it.
  static let unchecked: DLMSTransports = [.wrapper, .apdu, .enciphered]
}
