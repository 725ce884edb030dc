internal import Base
internal import Decoders
internal import Meters

/// A receiver of wireless M-Bus at the other end of a port: what it answers to commands, and how it hands telegrams over.
///
/// Like a stick that was just plugged in it hears only what its maker has set, until commands say otherwise.
package struct RadioReceiver: Sendable {
  package enum Model: Sendable {
    /// IMST iM871A-USB.
    case im871a
    /// Amber AMB8465.
    case amb8465
    /// culfw on a CUL or nanoCUL.
    case cul
    /// Radiocrafts RC1180.
    case rc1180
    /// A program that writes lines as rtl_wmbus does.
    case lines
  }

  let model: Model
  /// The speed of the reader's port; nil where that cannot be seen.
  var heardAt: Int?
  private(set) var hears: Set<RadioMode>
  /// Half a command.
  private var pending: [UInt8] = []
  /// What the memory of AMB8465 and RC1180 begins with: commands on at 5, and the level behind telegrams at 69 or 5.
  private var memory = [UInt8](repeating: 0, count: 256)
  /// RC1180 takes commands and hands nothing over.
  private var isConfigured = false
  /// The level comes with telegrams.
  private var showsLevel = false

  init(_ model: Model) {
    self.model = model
    switch model {
    case .im871a, .amb8465, .cul: hears = []
    case .rc1180: hears = [.t]
    case .lines: hears = [.c, .t]
    }
    // The level is switched on, as with the maker's own program.
    if model == .rc1180 || model == .amb8465 { (memory[model == .rc1180 ? 5 : 69], showsLevel) = (1, true) }
  }

  var line: LineSettings {
    let baud =
      switch model {
      case .im871a: 57_600
      case .amb8465: 9600
      case .cul: 38_400
      case .rc1180: 19_200
      // No wire between.
      case .lines: 100_000_000
      }
    return LineSettings(baud: baud, dataBits: 8, parity: .none, stopBits: 1)
  }

  /// Lines come from a program, not over a wire.
  var keepsSpeed: Bool { model != .lines }

  // MARK: Commands

  /// The answer to bytes of the reader.
  mutating func receive(_ bytes: [UInt8]) -> [UInt8] {
    guard heardAt ?? line.baud == line.baud else { return [] }
    var answer: [UInt8] = []
    for byte in bytes {
      pending.append(byte)
      switch model {
      case .im871a: answer += answerOfIM871A()
      case .amb8465: answer += answerOfAMB8465()
      case .cul: answer += answerOfCUL()
      case .rc1180: answer += answerOfRC1180()
      case .lines: pending = []
      }
    }
    return answer
  }

  /// `A5 01`, message, length, payload (IMST, WM-Bus HCI).
  private mutating func answerOfIM871A() -> [UInt8] {
    if pending[0] != 0xA5 { pending = [] }
    guard pending.count >= 4, pending.count >= 4 + Int(pending[3]) else { return [] }
    let (message, payload) = (pending[2], Array(pending[4...]))
    pending = []
    switch message {
    case 0x01: return [0xA5, 0x01, 0x02, 0x00]
    // Kind of module, mode, firmware 1.4, version of the protocol, number.
    case 0x0F: return [0xA5, 0x01, 0x10, 0x08, 0x33, 0x00, 0x14, 0x01, 0x01, 0x00, 0x00, 0x71]
    case 0x03:
      let modes: [UInt8: Set<RadioMode>] = [0x0A: [.c, .t], 0x07: [.c], 0x03: [.t], 0x00: []]
      guard payload.count >= 3, payload[1] == 0x02, let chosen = modes[payload[2]] else { return [] }
      hears = chosen
      // The fourth byte says which others follow: the level is the first of them.
      if payload.count >= 5, payload[3] & 0x10 != 0 { showsLevel = payload[4] == 1 }
      return [0xA5, 0x01, 0x04, 0x01, 0x00]
    default: return []
    }
  }

  /// `FF`, command, length, data, the exclusive or of all before.
  private mutating func answerOfAMB8465() -> [UInt8] {
    if pending[0] != 0xFF { pending = [] }
    guard pending.count >= 3, pending.count >= 4 + Int(pending[2]) else { return [] }
    let (command, data, check) = (pending[1], Array(pending[3..<pending.count - 1]), pending[pending.count - 1])
    let isWhole = check == pending.dropLast().reduce(0, ^)
    pending = []
    guard isWhole else { return [] }
    func answer(_ data: [UInt8]) -> [UInt8] {
      let bytes = [0xFF, command | 0x80, UInt8(data.count)] + data
      return bytes + [bytes.reduce(0, ^)]
    }
    switch command {
    case 0x04 where data.count == 1:
      let modes: [UInt8: Set<RadioMode>] = [0x09: [.c, .t], 0x08: [.t], 0x0E: [.c], 0x03: []]
      guard let chosen = modes[data[0]] else { return answer([1]) }
      hears = chosen
      return answer([0])
    case 0x05:
      showsLevel = memory[69] != 0
      isConfigured = memory[5] != 0
      return answer([0])
    case 0x09 where data.count >= 2 && data.count == 2 + Int(data[1]) && Int(data[0]) + Int(data[1]) <= 128:
      memory.replaceSubrange(Int(data[0])..<Int(data[0]) + Int(data[1]), with: data[2...])
      return answer([0])
    case 0x0A where data.count == 2:
      let count = min(Int(data[1]), 0x78)
      return answer([data[0], UInt8(count)] + memory[Int(data[0])..<min(256, Int(data[0]) + count)])
    case 0x0B: return answer([0x71, 0x00, 0x00, 0x01])
    default: return []
    }
  }

  /// A line.
  private mutating func answerOfCUL() -> [UInt8] {
    guard let last = pending.last, last == 0x0A || last == 0x0D else { return [] }
    let command = String(decoding: pending.dropLast(), as: UTF8.self)
    pending = []
    let answer: String
    switch command {
    case "": return []
    case "V": answer = "V 1.67 nanoCUL868"
    // In C mode culfw takes T1 too.
    case "brc": (hears, answer) = ([.c, .t], "CMODE")
    case "brt": (hears, answer) = ([.t], "TMODE")
    case "brs": (hears, answer) = ([], "SMODE")
    case "X21":
      showsLevel = true
      return []
    default: answer = "? (\(command) is unknown) Use one of b e F l R t V W x X"
    }
    return Array("\(answer)\r\n".utf8)
  }

  /// Single bytes: 00 begins, X ends.
  private mutating func answerOfRC1180() -> [UInt8] {
    let command = pending[0]
    pending = []
    switch command {
    case 0x00:
      isConfigured = true
      return Array(">".utf8)
    case UInt8(ascii: "0") where isConfigured: return memory + Array(">".utf8)
    case UInt8(ascii: "X"): isConfigured = false
    default: break
    }
    return []
  }

  // MARK: Telegrams

  /// A telegram as the receiver hands it over; empty if it does not hear it.
  ///
  /// The frame comes without check values, the level is in dBm. A damaged one has damaged bytes, or is lost where no check
  /// value would show that.
  func deliver(
    _ frame: [UInt8], _ mode: RadioMode, level: Int, isDamaged: Bool, at time: WallTime
  ) -> [UInt8] {
    guard hears.contains(mode) else { return [] }
    var bytes: [UInt8]
    switch model {
    case .im871a:
      bytes = [0xA5, showsLevel ? 0xC2 : 0x82, 0x03, frame[0]] + frame.dropFirst()
      if showsLevel { bytes.append(UInt8(clamping: (level + 100) * 2 + 45)) }
      let check = CRC16.x25(bytes.span.extracting(1..<bytes.count))
      bytes += [UInt8(truncatingIfNeeded: check), UInt8(check >> 8)]
    case .amb8465:
      let tail = showsLevel ? [Self.twice(level + 74)] : []
      guard isConfigured else { return isDamaged ? [] : [frame[0] + UInt8(tail.count)] + frame.dropFirst() + tail }
      bytes = [0xFF, 0x03, frame[0] + UInt8(tail.count)] + frame.dropFirst() + tail
      bytes.append(bytes.reduce(0, ^))
    case .cul:
      guard showsLevel else { return [] }
      let sealed = mode == .c ? Self.formatB(frame) : Self.formatA(frame)
      var digits = Hexadecimal.text(sealed + [0x2B, Self.twice(level + 74)])
      if isDamaged { digits = Self.damaged(digits) }
      return Array("b\(mode == .c ? "Y" : "")\(digits)\r\n".utf8)
    case .rc1180:
      guard !isConfigured, !isDamaged else { return [] }
      return [frame[0] + 1] + frame.dropFirst() + [UInt8(clamping: level * -2)]
    case .lines:
      let digits = Hexadecimal.text(frame, uppercase: false)
      let kind = mode == .c ? "C1" : "T1"
      return Array("\(kind);\(isDamaged ? 0 : 1);1;\(Self.text(time));\(level);;;0x\(digits)\n".utf8)
    }
    if isDamaged { bytes[bytes.count / 2] ^= 0x10 }
    return bytes
  }

  private static func twice(_ level: Int) -> UInt8 { UInt8(bitPattern: Int8(clamping: level * 2)) }

  /// One digit changed.
  private static func damaged(_ digits: String) -> String {
    var bytes = Array(digits.utf8)
    bytes[bytes.count / 2] = bytes[bytes.count / 2] == 0x30 ? 0x31 : 0x30
    return String(decoding: bytes, as: UTF8.self)
  }

  /// `2026-01-02 03:04:05.000`, in UTC.
  private static func text(_ time: WallTime) -> String {
    let date = CivilTime(utc: time.milliseconds.quotient(flooring: 1000))
    func two(_ numbers: Int..., between: String) -> String {
      numbers.map { String($0, width: 2) }.joined(separator: between)
    }
    let day = two(date.year, date.month, date.day, between: "-")
    return "\(day) \(two(date.hour, date.minute, date.second, between: ":")).000"
  }

  /// With check values behind ten bytes and behind every sixteen that follow.
  private static func formatA(_ frame: [UInt8]) -> [UInt8] {
    var sealed = checked(frame[..<10])
    for start in stride(from: 10, to: frame.count, by: 16) {
      sealed += checked(frame[start..<min(start + 16, frame.count)])
    }
    return sealed
  }

  /// With a check value behind at most 126 bytes and one at the end, which the length counts.
  private static func formatB(_ frame: [UInt8]) -> [UInt8] {
    var frame = frame
    let isLong = frame.count > 126
    frame[0] += isLong ? 4 : 2
    return checked(frame.prefix(126)) + (isLong ? checked(frame[126...]) : [])
  }

  private static func checked(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let value = CRC16.en13757(bytes.span, 0..<bytes.count)
    return bytes + [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)]
  }
}
