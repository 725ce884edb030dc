/// A line of text from a receiver of wireless M-Bus: hexadecimal digits, or what rtl_wmbus, rtl_433 or a CUL stick print.
///
///     2E44…                                           digits; blanks, | and _ between them mean nothing
///     b2E44…LLRR, bY2E44…LLRR                         CUL: a frame in format A or B, link quality and signal strength
///     T1;1;1;2026-01-02 03:04:05.000;-71;;;0x2e44…    rtl_wmbus: mode, two checks, time, strength, …, frame
///     {"model":"Wireless-MBus",…,"data":"2e44…"}      rtl_433
///     {"rssi":-71,"telegram":"2e44…"}                 a gateway that speaks JSON
///     telegram=|2E44…_…|+32                           wmbusmeters' log, and the seconds since its start
package struct WirelessLine: Equatable, Sendable {
  /// The frame as the receiver has it, with check values or without; empty for a line that tells of noise.
  package var frame: [UInt8]
  /// In dBm.
  package var signalStrength: Int?

  private static let logged = Array("telegram=".utf8)

  /// Nil for a line that is none of these.
  package init?(_ line: some Collection<UInt8>) {
    let text = Array(line).trimmed
    guard let first = text.first else { return nil }
    if first == UInt8(ascii: "{") {
      self.init(object: text)
    } else if text.starts(with: Self.logged) {
      let frame = text.dropFirst(Self.logged.count).prefix { $0 != UInt8(ascii: "+") }
      guard let bytes = Self.digits(frame), !bytes.isEmpty else { return nil }
      self.init(frame: bytes, signalStrength: nil)
    } else if text.contains(UInt8(ascii: ";")) {
      self.init(fields: text.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false))
    } else if first | 0x20 == UInt8(ascii: "b"), let bytes = Self.stickDigits(text) {
      self.init(stick: bytes)
    } else {
      guard let bytes = Self.digits(text[...]), !bytes.isEmpty else { return nil }
      self.init(frame: bytes, signalStrength: nil)
    }
  }

  private init(frame: [UInt8], signalStrength: Int?) {
    self.frame = frame
    self.signalStrength = signalStrength
  }

  /// rtl_wmbus. A 0 for one of its checks means noise.
  private init?(fields: [ArraySlice<UInt8>]) {
    guard fields.count >= 5, fields[0].count == 2 else { return nil }
    guard fields[1].first == UInt8(ascii: "1"), fields[2].first == UInt8(ascii: "1") else {
      self.init(frame: [], signalStrength: nil)
      return
    }
    guard let field = fields.dropFirst(4).first(where: { $0.starts(with: Array("0x".utf8)) }),
      let bytes = Self.digits(field)
    else { return nil }
    self.init(frame: bytes, signalStrength: fields[4...].lazy.compactMap { Self.level($0) }.first)
  }

  /// The text of the first member that may have a frame.
  private init?(object text: [UInt8]) {
    for name in ["data", "telegram", "raw"] {
      guard let value = Self.member(name, in: text), let bytes = Self.digits(value), !bytes.isEmpty else { continue }
      let model = Self.member("model", in: text).map { String(decoding: $0, as: UTF8.self) }
      if model == "Wireless-MBus" || model == "Wireless M-Bus" {
        // Its level is relative to what its radio can measure, and not in dBm.
        self.init(frame: Self.withHead(bytes, text), signalStrength: nil)
      } else {
        self.init(frame: bytes, signalStrength: Self.member("rssi", in: text).flatMap { Self.level($0) })
      }
      return
    }
    return nil
  }

  /// The frame of rtl_433. Before version 20.02 `data` begins with the CI field.
  private static func withHead(_ bytes: [UInt8], _ text: [UInt8]) -> [UInt8] {
    guard let head = head(text) else { return WirelessFrame.withLength(bytes, hasHead: false) }
    if bytes.count > WirelessFrame.headCount, isHead(bytes[1...], head) {
      return WirelessFrame.withLength(bytes, hasHead: true)
    }
    guard WirelessMBusFramer.isLayer(bytes[0]), let length = UInt8(exactly: bytes.count + head.count) else {
      return bytes
    }
    return [length] + head + bytes
  }

  /// C, M and A fields by the members of rtl_433; nil if one of them is missing, or cannot be in a frame.
  private static func head(_ text: [UInt8]) -> [UInt8]? {
    func number(_ name: String) -> UInt8? {
      guard let value = member(name, in: text) else { return nil }
      return value.starts(with: "0x".utf8)
        ? digits(value).flatMap { $0.count == 1 ? $0[0] : nil } : UInt8(String(decoding: value, as: UTF8.self))
    }
    guard let control = number("C"), let version = number("version"), let type = number("type"),
      let maker = member("M", in: text).map(Array.init), maker.count == 3,
      let code = MeterIdentity.manufacturer(maker[0], maker[1], maker[2]),
      let id = member("id", in: text), (1...8).contains(id.count), id.allSatisfy(\.isDigit)
    else { return nil }
    let padded = [UInt8](repeating: UInt8(ascii: "0"), count: 8 - id.count) + id
    guard let packed = Hexadecimal.bytes(padded) else { return nil }
    return [control, UInt8(truncatingIfNeeded: code), UInt8(code >> 8)] + packed.reversed() + [version, type]
  }

  /// Whether some bytes begin with a head. rtl_433 has no number for one with other than decimal digits, so it does not count.
  private static func isHead(_ bytes: ArraySlice<UInt8>, _ head: [UInt8]) -> Bool {
    var own = Array(bytes.prefix(head.count))
    guard own.count == head.count else { return false }
    own[2] &= 0x7F
    return own[..<3] == head[..<3] && own[7...] == head[7...]
  }

  /// A CUL stick: two bytes behind the frame are its own.
  private init(stick bytes: [UInt8]) {
    self.init(frame: bytes, signalStrength: nil)
    guard let frame = try? WirelessFrame(bytes.span), frame.count + 2 == bytes.count else { return }
    signalStrength = Int(Int8(bitPattern: bytes[bytes.count - 1])) / 2 - 74
    self.frame.removeLast(2)
  }

  /// The bytes of a CUL's line. `bY` begins a frame in format B, which its check values tell too. Without a Y, the b may also
  /// be a digit.
  private static func stickDigits(_ text: [UInt8]) -> [UInt8]? {
    if text.count > 1, text[1] == UInt8(ascii: "Y") { return digits(text.dropFirst(2)) }
    return text.count % 2 == 1 ? digits(text.dropFirst()) : nil
  }

  /// The value of a member, without its quotes. The same text may be a value too, such as the C of a mode.
  private static func member(_ name: String, in text: [UInt8]) -> ArraySlice<UInt8>? {
    let key = Array("\"\(name)\"".utf8)
    for start in text.indices where text[start...].starts(with: key) {
      let rest = text[(start + key.count)...].drop { $0 == UInt8(ascii: " ") }
      guard rest.first == UInt8(ascii: ":") else { continue }
      let value = rest.dropFirst().drop { $0 == UInt8(ascii: " ") }
      let quote = UInt8(ascii: "\"")
      if value.first == quote { return value.dropFirst().prefix { $0 != quote } }
      return value.prefix { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "}") && $0 != UInt8(ascii: " ") }
    }
    return nil
  }

  /// A negative whole number, with a fraction or without; levels of other kinds are positive.
  private static func level(_ text: ArraySlice<UInt8>) -> Int? {
    guard text.first == UInt8(ascii: "-") else { return nil }
    let digits = text.dropFirst().prefix { $0.isDigit }
    guard (1...3).contains(digits.count) else { return nil }
    return -digits.reduce(0) { $0 * 10 + Int($1 & 15) }
  }

  private static func digits(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    var text = text
    if text.starts(with: Array("0x".utf8)) { text = text.dropFirst(2) }
    return Hexadecimal.bytes(text.lazy.filter { $0 != UInt8(ascii: "|") && $0 != UInt8(ascii: "_") })
  }
}

extension [UInt8] {
  /// Without blanks and line ends around it.
  fileprivate var trimmed: [UInt8] {
    let end = lastIndex { $0 > UInt8(ascii: " ") }.map { $0 + 1 } ?? 0
    return Array(self[..<end].drop { $0 <= UInt8(ascii: " ") })
  }
}
