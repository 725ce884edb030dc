/// One wireless telegram while it is opened, layer by layer.
struct WirelessMessage {
  /// The frame without check values. What is enciphered is deciphered in place.
  var bytes: [UInt8]
  var layers: WirelessLayers
  /// Header of the transport layer, or what the link layer knows.
  var header: MBusHeader
  /// The first byte behind the header.
  var body = 0
  var mode: UInt8?
  var security: WirelessSecurity?
  /// The meter's key has opened it.
  var isOpened = false
  /// What was deciphered, the first block of its vector, and the key if it is one that a maker has published.
  var deciphered = 0..<0
  var vector = WirelessCipher.Block(repeating: 0)
  var publicKey: [UInt8]?
  /// The check value of a session.
  var sessionPlace: Int?
  /// What stood behind the configuration word in mode 7.
  var modeExtension: UInt8?
  /// It announces Diehl's cipher, and its records are plain: somebody has stored it deciphered.
  var isStoredPlain = false
  /// The address of the link layer is turned, as Diehl's meters do.
  var isTurned = false
  /// Diehl's frame without records, deciphered.
  var isPRIOS = false
  /// A code over all of it fits.
  var isVerified = false
  /// It has such a code, and there is no key to check it with.
  var hasUncheckedCode = false
  /// Rises with every telegram, and the key stands for it.
  var counter: UInt32?
  /// A check value of the frame or of a layer fits.
  var isChecked: Bool
  /// What to throw unless the records are readable up to `provenEnd`; nil if something else proves them.
  var doubt: DecodeError.Code?
  var provenEnd = 0

  init(_ frame: Span<UInt8>, isWhole: Bool = true) throws(DecodeError) {
    try self.init(frame, try WirelessFrame(frame), isWhole: isWhole)
  }

  /// If `isWhole`, a message whose fragments are not all there is an error; if not, its first fragment is read.
  init(_ frame: Span<UInt8>, _ link: WirelessFrame, isWhole: Bool = true) throws(DecodeError) {
    var bytes = link.stripped(frame)
    if frame.count >= link.count + WirelessFrame.shortest {
      do throws(DecodeError) {
        bytes = try WirelessFragments.joined(bytes, frame.extracting(link.count..<frame.count)) ?? bytes
      } catch { if isWhole { throw error } }
    }
    let layers = WirelessLayers(bytes.span)
    (self.bytes, self.layers) = (bytes, layers)
    header = layers.address.header
    isChecked = link.format != .stripped
  }

  /// Whether the plain text of a cipher of chained blocks stands at a place: its check word.
  func hasCheckWord(at place: Int) -> Bool {
    place + 1 < bytes.count && bytes[place] == 0x2F && bytes[place + 1] == 0x2F
  }

  /// An error about the meter's key.
  func error(_ code: DecodeError.Code) -> DecodeError { DecodeError(code, of: layers.address.title) }

  /// Reads the next layer unless it has records. False at the records.
  mutating func readNextLayer() throws(DecodeError) -> Bool {
    var next = layers
    defer { layers = next }
    return try next.readNext(bytes.span)
  }

  /// Reads the header behind the CI field.
  mutating func readHeader(_ structure: MBusHeader.Structure) throws(DecodeError) {
    header = try MBusHeader(
      structure, bytes.span, at: layers.start + 1, to: bytes.count, link: layers.address.header)
    body = layers.start + 1 + structure.length
    guard structure != .none else { return }
    mode = UInt8(header.configuration >> 8 & 31)
    if structure == .variable { layers.address = WirelessAddress(header) }
  }
}

extension MBusHeader.Structure {
  /// The header behind a CI field: with records, with values of a compact frame, with a format, or with nothing.
  static func of(_ information: UInt8) -> MBusHeader.Structure {
    switch information {
    case 0x72, 0x73, 0x6B, 0x8B: .variable
    case 0x7A, 0x7B, 0x6A, 0x8A: .short
    default: .none
    }
  }
}

extension WirelessAddress {
  /// The meter in messages about its key: letters, version and number.
  var title: SystemTitle {
    let letters = [manufacturer >> 10 & 31, manufacturer >> 5 & 31, manufacturer & 31].map { UInt64($0) + 0x40 }
    return SystemTitle(letters.reduce(0) { $0 << 8 | $1 } << 40 | UInt64(version) << 32 | UInt64(identification))
  }
}
