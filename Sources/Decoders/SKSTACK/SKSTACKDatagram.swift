/// A received UDP datagram as a Wi-SUN dongle reports it: `ERXUDP` and its fields.
///
/// A blank stands behind each field. Their widths tell the fields apart in every dialect:
///
///     ERXUDP S×39 R×39 PPPP QQQQ H×16 [LL] E [D] NNNN data
///     S  address of the sender
///     R  address of the receiver
///     P  port of the sender
///     Q  port of the receiver
///     H  hardware address of the sender
///     L  link quality, if switched on
///     E  1: the radio frame was encrypted
///     D  side, if the module has two
///     N  bytes of data, in binary or as twice as many digits
package struct SKSTACKDatagram: Hashable, Sendable {
  /// The port of ECHONET Lite.
  package static let echonetPort: UInt16 = 0x0E1A
  /// The port of the authentication between modules. Its data contains the route-B id and stays private.
  package static let authenticationPort: UInt16 = 0x02CC
  /// The largest data of one datagram.
  static let dataLimit = 0x04D0

  /// Port of the sender.
  package var sourcePort: UInt16
  /// Port of the receiver.
  package var destinationPort: UInt16
  /// Quality of the link, 0 to 255; nil if the module does not report it.
  package var linkQuality: UInt8?
  /// The radio frame was encrypted: it comes from the joined meter.
  package var isProtected: Bool
  /// The data, from binary or digits.
  package var data: [UInt8]

  /// Whether it belongs to the authentication of modules.
  package var isAuthentication: Bool {
    sourcePort == Self.authenticationPort || destinationPort == Self.authenticationPort
  }

  /// Strength of the signal in dBm: 0.275 dB a step above −104.27 dBm, rounded to two decimals.
  package static func signalStrength(_ linkQuality: UInt8) -> FixedDecimal {
    let thousandths = Int64(linkQuality) * 275 - 104_270
    return FixedDecimal((thousandths - 5) / 10, exponent: -2)
  }
}

/// The part of a datagram before its data.
struct SKSTACKDatagramHead {
  enum Outcome {
    case complete(SKSTACKDatagramHead)
    /// The beginning of a head.
    case incomplete
    case malformed
  }

  var datagram: SKSTACKDatagram
  /// Bytes of data; as text they are twice as many digits.
  var dataCount: Int
  /// The place of the data.
  var dataStart: Int

  static let keyword = Array("ERXUDP ".utf8)
  /// With every field and a blank behind each.
  private static let longest = 130

  /// Reads the head that begins at `start` with the keyword.
  static func read(_ bytes: ArraySlice<UInt8>) -> Outcome {
    var fields: [ArraySlice<UInt8>] = []
    var start = bytes.startIndex + keyword.count
    var index = start
    while index < bytes.endIndex {
      let byte = bytes[index]
      if byte.isLineEnd || index - bytes.startIndex > longest { return .malformed }
      guard byte == UInt8(ascii: " ") else {
        index += 1
        continue
      }
      fields.append(bytes[start..<index])
      index += 1
      start = index
      // The length is the first field of four digits behind the ports.
      if fields.count > 5, fields[fields.count - 1].count == 4 {
        return head(fields, dataStart: index).map { .complete($0) } ?? .malformed
      }
      if fields.count == 9 { return .malformed }
    }
    return .incomplete
  }

  private static func head(_ fields: [ArraySlice<UInt8>], dataStart: Int) -> SKSTACKDatagramHead? {
    guard let source = number(fields[2]), let destination = number(fields[3]),
      let count = number(fields[fields.count - 1]), count <= SKSTACKDatagram.dataLimit, fields[4].count == 16
    else { return nil }
    let behind = fields[5..<(fields.count - 1)]
    let widths = behind.map(\.count)
    guard widths == [1] || widths == [1, 1] || widths == [2, 1] || widths == [2, 1, 1] else { return nil }
    let quality = widths[0] == 2 ? number(behind[5]).map { UInt8(truncatingIfNeeded: $0) } : nil
    let protection = behind[widths[0] == 2 ? 6 : 5]
    let datagram = SKSTACKDatagram(
      sourcePort: UInt16(source), destinationPort: UInt16(destination), linkQuality: quality,
      isProtected: protection.first != UInt8(ascii: "0"), data: [])
    return SKSTACKDatagramHead(datagram: datagram, dataCount: count, dataStart: dataStart)
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard (1...4).contains(digits.count) else { return nil }
    var value = 0
    for byte in digits {
      guard let digit = Hexadecimal.digit(byte) else { return nil }
      value = value << 4 | Int(digit)
    }
    return value
  }
}
