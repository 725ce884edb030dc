/// The transports of DLMS telegrams.
package struct DLMSTransports: OptionSet, Sendable, BitwiseCopyable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// M-Bus long frames with CI 00 to 1F (EN 13757-3, DLMS Green Book 10.5).
  package static let mbus = DLMSTransports(rawValue: 1)
  /// HDLC frames of type 3 (IEC 62056-46).
  package static let hdlc = DLMSTransports(rawValue: 2)
  /// The wrapper for TCP and UDP (IEC 62056-47).
  package static let wrapper = DLMSTransports(rawValue: 4)
  /// Application data without a frame, from gateways.
  package static let apdu = DLMSTransports(rawValue: 8)

  /// Those of DLMS meters. Their first bytes tell them apart.
  package static let all: DLMSTransports = [.mbus, .hdlc, .wrapper, .apdu]

  /// Transports without a check value: noise may look like the beginning of a frame.
  static let unchecked: DLMSTransports = [.wrapper, .apdu]
}
