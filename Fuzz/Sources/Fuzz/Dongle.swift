import Decoders

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import MQTT
@testable import Platform
@testable import Publishing
@testable import Simulator

/// A dongle with a meter behind it that answers every command at once and correctly.
struct Dongle {
  static let meter = "FE80:0000:0000:0000:0200:5EFF:FE00:5301"
  static let own = "FE80:0000:0000:0000:0200:5EFF:FE00:5302"
  static let identifier = "0A1B2C3D4E5F60718293A4B5C6D7E8F9"
  static let password = "Q7W8E9R0T1Y2"
  static let network = SKSTACKNetwork(channel: 0x2B, pan: 0x4D42, address: 0x0000_5EFF_FE00_5301)

  private static let properties: [UInt8: [UInt8]] = [
    0x80: [0x30], 0x82: [0, 0, 0x46, 0], 0x88: [0x42], 0x8A: [0, 0, 0x16], 0x8D: Array("TESTMETER001".utf8),
    0x9F: [13, 0x80, 0x82, 0x88, 0x8A, 0x8D, 0x9F, 0xD3, 0xD7, 0xE0, 0xE1, 0xE3, 0xE7, 0xE8],
    0xD3: [0, 0, 0, 1], 0xD7: [6], 0xE0: [0, 0, 0x30, 0x39], 0xE1: [1], 0xE3: [0, 0, 0, 7],
    0xE7: [0, 0, 1, 0xF4], 0xE8: [0, 50, 0x7F, 0xFE],
  ]

  /// A module with two sides (BP35C2).
  let isSided: Bool

  /// The answer to a command.
  func answer(_ sent: [UInt8]) -> [UInt8] {
    let command = Array(sent.drop { $0 == 0x0D || $0 == 0x0A })
    if let (frame, isOfThisKind) = Self.datagram(command) {
      guard isOfThisKind == isSided else { return lines("FAIL ER05") }
      return lines("EVENT 21 \(Self.meter)\(isSided ? " 0" : "") 00", "OK") + reply(to: frame)
    }
    let text = String(decoding: command.prefix { $0 != 0x0D && $0 != 0x0A }, as: UTF8.self)
    let words = text.split(separator: " ")
    switch words.first {
    case nil: return []
    case "SKVER": return lines("EVER 1.5.2", "OK")
    case "SKINFO": return lines("EINFO \(Self.own) 00005EFFFE005302 21 FFFF \(isSided ? "0" : "FFFE")", "OK")
    case "ROPT": return Array("OK 01\r".utf8)
    case "SKSCAN": return words.count == (isSided ? 5 : 4) ? scanned : lines("FAIL ER05")
    case "SKLL64": return lines(Self.meter)
    case "SKJOIN": return lines("OK", "EVENT 25 \(Self.meter)\(isSided ? " 0" : "")")
    case "SKTERM": return lines("OK", "EVENT 27 \(Self.meter)\(isSided ? " 0" : "")")
    default: return lines("OK")
    }
  }

  /// A datagram with this data, as the module shows it.
  func received(_ data: [UInt8], from port: String = "0E1A") -> [UInt8] {
    let head = "ERXUDP \(Self.meter) \(Self.own) \(port) \(port) 00005EFFFE005301 \(isSided ? "C0 1 0" : "1") "
    let digits = String(data.count, radix: 16, uppercase: true)
    let length = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    return lines(head + length + " " + Hexadecimal.text(data))
  }

  /// The head of an answer to a request, up to the service.
  static func answerHead(_ transaction: UInt16, service: UInt8) -> [UInt8] {
    let number = [UInt8(transaction >> 8), UInt8(transaction & 255)]
    return [0x10, 0x81] + number + ECHONETObject.meter.bytes + ECHONETObject.controller.bytes + [service]
  }

  /// The data of `SKSENDTO`, and whether the command has the field of a side.
  static func datagram(_ command: [UInt8]) -> (frame: [UInt8], isSided: Bool)? {
    guard command.starts(with: "SKSENDTO ".utf8) else { return nil }
    let fields = command.split(separator: 0x20, maxSplits: 7, omittingEmptySubsequences: false)
    guard fields.count >= 7 else { return nil }
    let isSided = fields[5].count == 1
    let start = fields[isSided ? 7 : 6].startIndex
    return (Array(command[start...]), isSided)
  }

  private var scanned: [UInt8] {
    var beacon = ["OK", "EVENT 20 \(Self.meter)", "EPANDESC", "  Channel:2B", "  Channel Page:09", "  Pan ID:4D42"]
    beacon += ["  Addr:00005EFFFE005301", "  LQI:C0"]
    if isSided { beacon.append("  Side:0") }
    beacon += ["  PairID:\(Self.identifier.suffix(8))", "EVENT 22 \(Self.meter)"]
    return lines(beacon)
  }

  private func reply(to frame: [UInt8]) -> [UInt8] {
    guard let request = try? ECHONETFrame(frame.span), request.service == .get else { return [] }
    let codes = request.properties.map(\.code)
    let isWhole = codes.allSatisfy { Self.properties[$0] != nil }
    var data = Self.answerHead(request.transaction, service: isWhole ? 0x72 : 0x52) + [UInt8(codes.count)]
    for code in codes {
      let content = Self.properties[code] ?? []
      data += [code, UInt8(content.count)] + content
    }
    return received(data)
  }

  private func lines(_ lines: String...) -> [UInt8] { self.lines(lines) }
  private func lines(_ lines: [String]) -> [UInt8] { Array(lines.map { $0 + "\r\n" }.joined().utf8) }
}
