/// The ways in which DLMS telegrams come over a line.
public struct DLMSTransports: OptionSet, Sendable, BitwiseCopyable {
  /// A bit each.
  public let rawValue: UInt8

  /// A set of bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// M-Bus long frames with CI 00 to 1F (EN 13757-3, DLMS Green Book 10.5).
  public static let mbus = DLMSTransports(rawValue: 1)
  /// HDLC frames of type 3 (IEC 62056-46).
  public static let hdlc = DLMSTransports(rawValue: 2)
  /// The wrapper for TCP and UDP (IEC 62056-47).
  public static let wrapper = DLMSTransports(rawValue: 4)
  /// Application data without any frame, as gateways hand it on.
  public static let apdu = DLMSTransports(rawValue: 8)
  /// Enciphered application data (general-glo and general-ded ciphering) and nothing else: encrypted P1.
  public static let enciphered = DLMSTransports(rawValue: 16)

  /// Those of DLMS meters, told apart by their first bytes.
  public static let all: DLMSTransports = [.mbus, .hdlc, .wrapper, .apdu]

  /// Transports without a check value: a frame may begin anywhere in what looks like noise, and cannot be told from it.
  static let unchecked: DLMSTransports = [.wrapper, .apdu, .enciphered]
}
