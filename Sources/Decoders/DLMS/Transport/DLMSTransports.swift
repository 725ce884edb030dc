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

/// What begins at a byte of the line.
enum DLMSExamination {
  /// A frame of that many bytes; its ends and its check value hold.
  case frame(Int, DLMSTransports)
  /// The beginning of a frame; more bytes are needed.
  case incomplete
  /// The beginning of a frame that is none. `extent` is its length where that can be believed, else 0.
  case broken(DecodeError, extent: Int)
  /// A whole telegram of another protocol.
  case foreign(Int, DecodeError)
  /// A flag of HDLC that only fills the time between two frames.
  case fill
  /// No frame begins with this byte.
  case none
}

/// The bytes of a line as a transport looks at them: from the byte under examination up to the last one received.
struct DLMSBytes: ~Escapable {
  let bytes: Span<UInt8>
  /// No more bytes are to come.
  let isLast: Bool
  /// Frames are believed without a look at their check values.
  let ignoresChecksums: Bool

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, isLast: Bool, ignoresChecksums: Bool) {
    self.bytes = bytes
    self.isLast = isLast
    self.ignoresChecksums = ignoresChecksums
  }

  var count: Int { bytes.count }
}
