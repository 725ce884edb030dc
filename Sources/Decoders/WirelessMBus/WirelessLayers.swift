/// The layers of a wireless telegram between link layer and records, as a chain of CI fields (EN 13757-7, OMS volume 2):
/// extended link layer, network layer, authentication and fragmentation layer; and a block of Apator's own before them.
struct WirelessLayers {
  /// The extended link layer with a session (CI 8D, 8F): what its cipher needs.
  struct Session: BitwiseCopyable {
    /// Communication control, as sent.
    var control: UInt8
    /// Encryption in the top three bits, a time that only rises, and the number of the session.
    var number: UInt32

    /// Whether the check value and all behind it are enciphered in counter mode.
    var isEncrypted: Bool { number >> 29 == 1 }
    /// Time and session, which together only rise: several telegrams may have one time.
    var counter: UInt32 { number & 0x1FFF_FFFF }
  }

  /// The authentication layer (CI 90).
  struct Authentication {
    /// The kind of code: its low four bits.
    var control: UInt8 = 0
    /// Rises with every telegram; nil if it is not in the layer.
    var counter: UInt32?
    /// The code; empty if there is none.
    var code = 0..<0
    /// Length of the message; empty if it is not in the layer.
    var messageLength = 0..<0
    /// Which key it is; empty if it is not in the layer.
    var keyInformation = 0..<0
    /// The number of this fragment, from 1; 0 for a whole message.
    var fragment: UInt8 = 0
    var hasMoreFragments = false

    var isWhole: Bool { fragment <= 1 && !hasMoreFragments }
  }

  /// The sender in the link layer, as sent: the meter, or the radio that relays it.
  var link: WirelessAddress
  /// The last full address: the meter's.
  var address: WirelessAddress
  /// The CI fields so far, the first one highest.
  private(set) var chain: UInt64 = 0
  /// Access number in the extended link layer.
  private(set) var accessNumber: UInt8?
  private(set) var session: Session?
  private(set) var authentication: Authentication?
  /// Its CI field.
  private(set) var authenticationStart: Int?
  /// A session's check value stands at `start`.
  private(set) var isAtCheckValue = false
  /// The CI field of the next layer.
  private(set) var start = WirelessFrame.headCount

  /// The layers of a frame without check values.
  init(_ bytes: Span<UInt8>) {
    link = WirelessAddress(bytes, at: 2)
    address = link
  }

  /// Steps over the CI field of the next layer, and keeps it in the chain.
  mutating func take(_ information: UInt8) { chain = chain << 8 | UInt64(information) }

  /// Reads the next layer unless it has records, and goes on behind it. False at the records.
  ///
  /// Behind a session stands its check value, which may be enciphered: `start` is then at the check value.
  mutating func readNext(_ bytes: Span<UInt8>) throws(DecodeError) -> Bool {
    guard start < bytes.count else { throw DecodeError(.truncated, at: bytes.count, expected: 1) }
    let information = bytes[start]
    switch information {
    case 0x8C, 0x8D, 0x8E, 0x8F: try readExtendedLink(bytes, information)
    case 0x81:
      take(information)
      start += 2
    case 0x90: try readAuthentication(bytes)
    case 0xB6 where isBeforeHeader(bytes):
      take(information)
      start += 2 + Int(bytes[start + 1])
    default: return false
    }
    return true
  }

  /// Whether this is the block of their own that Apator's meters put before some telegrams, and a header follows it.
  private func isBeforeHeader(_ bytes: Span<UInt8>) -> Bool {
    guard ApatorModule.makers.contains(link.manufacturer & 0x7FFF), start + 1 < bytes.count else { return false }
    let next = start + 2 + Int(bytes[start + 1])
    return next < bytes.count && [0x72, 0x78, 0x7A].contains(bytes[next])
  }

  /// A session's check value is right: the next layer follows.
  mutating func stepOverCheckValue() {
    isAtCheckValue = false
    start += 2
  }

  private mutating func readExtendedLink(_ bytes: Span<UInt8>, _ information: UInt8) throws(DecodeError) {
    let hasSession = information & 1 == 1
    let hasAddress = information & 2 == 2
    let count = 3 + (hasAddress ? 8 : 0) + (hasSession ? 4 : 0)
    try Self.need(count + (hasSession ? 2 : 0), bytes, at: start)
    accessNumber = bytes[start + 2]
    if hasAddress { address = WirelessAddress(bytes, at: start + 3) }
    if hasSession {
      session = Session(control: bytes[start + 1], number: Self.number(bytes, at: start + count - 4))
      isAtCheckValue = true
    }
    take(information)
    start += count
  }

  private mutating func readAuthentication(_ bytes: Span<UInt8>) throws(DecodeError) {
    try Self.need(2, bytes, at: start)
    let end = start + 2 + Int(bytes[start + 1])
    guard end <= bytes.count else {
      throw DecodeError(.truncated, at: bytes.count, expected: end - bytes.count, found: 0)
    }
    let layer = bytes.extracting(0..<end)
    try Self.need(4, layer, at: start)
    let control = UInt16(bytes[start + 2]) | UInt16(bytes[start + 3]) << 8
    var read = Authentication()
    read.fragment = UInt8(truncatingIfNeeded: control)
    read.hasMoreFragments = control & 0x4000 != 0
    var position = start + 4
    if control & 0x2000 != 0 {
      try Self.need(1, layer, at: position)
      read.control = bytes[position]
      position += 1
    }
    if control & 0x0200 != 0 {
      try Self.need(2, layer, at: position)
      read.keyInformation = position..<position + 2
      position += 2
    }
    if control & 0x0800 != 0 {
      try Self.need(4, layer, at: position)
      read.counter = Self.number(bytes, at: position)
      position += 4
    }
    if control & 0x0400 != 0 {
      // Of a later fragment only the first one tells the kind.
      let isLater = read.fragment > 1 && read.control == 0
      let count =
        isLater ? end - position - (control & 0x1000 != 0 ? 2 : 0) : try Self.codeCount(read.control, at: start)
      try Self.need(max(0, count), layer, at: position)
      guard count > 0 else { throw DecodeError(.truncated, at: position, expected: 2) }
      read.code = position..<position + count
      position += count
    }
    if control & 0x1000 != 0 {
      try Self.need(2, layer, at: position)
      read.messageLength = position..<position + 2
    }
    authentication = read
    authenticationStart = start
    take(0x90)
    start = end
  }

  /// The bytes of a code by its kind; AES-CMAC only.
  private static func codeCount(_ control: UInt8, at place: Int) throws(DecodeError) -> Int {
    switch control & 15 {
    case 3: 2
    case 4: 4
    case 5: 8
    case 6: 12
    case 7: 16
    default: throw DecodeError(.unsupportedSecurity, at: place, found: Int(control))
    }
  }

  private static func need(_ count: Int, _ bytes: Span<UInt8>, at place: Int) throws(DecodeError) {
    guard place + count <= bytes.count else {
      throw DecodeError(.truncated, at: bytes.count, expected: count, found: max(0, bytes.count - place))
    }
  }

  private static func number(_ bytes: Span<UInt8>, at place: Int) -> UInt32 {
    UInt32(bytes[place]) | UInt32(bytes[place + 1]) << 8 | UInt32(bytes[place + 2]) << 16 | UInt32(bytes[place + 3])
      << 24
  }
}
