package import Meters

/// A receiver of wireless M-Bus at the end of a line: it answers its own commands, and wraps telegrams as its make does.
package struct ScriptedReceiver: Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    case im871a, amb8465, cul, rc1180

    /// What names it in a configuration.
    package var setting: WirelessReception.Receiver {
      switch self {
      case .im871a: .im871a
      case .amb8465: .amb8465
      case .cul: .cul
      case .rc1180: .rc1180
      }
    }
  }

  package let kind: Kind
  /// Everything that it was sent.
  package private(set) var commands: [[UInt8]] = []
  package var isMute = false
  package var refuses = false
  /// iM871A.
  package var firmware: UInt8 = 0x14
  /// AMB8465: telegrams with `FF 03` in front.
  package var isInCommandMode = true
  package var putsStrength = true
  private var pending: [UInt8] = []

  package init(_ kind: Kind) { self.kind = kind }

  package var baud: Int {
    switch kind {
    case .im871a: 57_600
    case .amb8465: 9600
    case .cul: 38_400
    case .rc1180: 19_200
    }
  }

  /// The commands of a set-up in full, by the maker's manuals.
  package var setUp: [[UInt8]] {
    switch kind {
    case .im871a:
      [[0xA5, 1, 1, 0], [0xA5, 1, 0x0F, 0], [0xA5, 1, 3, 6, 0, 2, 0x0A, 0x30, 1, 0]]
    case .amb8465: [[0xFF, 0x0A, 2, 0, 0x80, 0x77], [0xFF, 4, 1, 9, 0xF3]]
    case .cul: ["V\r\n", "brc\r\n", "X21\r\n"].map { Array($0.utf8) }
    case .rc1180: [[0], [0x30], [0x58]]
    }
  }

  /// What it answers to bytes.
  package mutating func receive(_ bytes: [UInt8]) -> [UInt8] {
    guard !isMute else { return [] }
    pending += bytes
    guard let count = length, pending.count >= count else { return [] }
    let command = Array(pending[..<count])
    pending.removeFirst(count)
    commands.append(command)
    return answer(command) + receive([])
  }

  /// Bytes of the command that has begun.
  private var length: Int? {
    switch kind {
    case .im871a: pending.count > 3 ? 4 + Int(pending[3]) : nil
    case .amb8465: pending.count > 2 ? 4 + Int(pending[2]) : nil
    case .cul: pending.firstIndex(of: 0x0A).map { $0 + 1 }
    case .rc1180: 1
    }
  }

  private func answer(_ command: [UInt8]) -> [UInt8] {
    switch (kind, command.count > 2 ? command[kind == .im871a ? 2 : 1] : command[0]) {
    case (.im871a, 0x01): [0xA5, 1, 2, 0]
    case (.im871a, 0x0F): [0xA5, 1, 0x10, 8, 0x33, 0, firmware, 0x17, 1, 2, 3, 4]
    case (.im871a, 0x03): [0xA5, 1, 4, 1, 1]
    case (.amb8465, 0x0A): summed([0xFF, 0x8A, 0x7A, 0, 0x78] + memory(120, strengthAt: 69))
    case (.amb8465, 0x04): summed([0xFF, 0x84, 1, refuses ? 1 : 0])
    case (.cul, _): Array(text(String(decoding: command.dropLast(2), as: UTF8.self)).utf8)
    case (.rc1180, 0x00): [0x3E]
    case (.rc1180, 0x30): memory(256, strengthAt: 5) + [0x3E]
    default: []
    }
  }

  private func text(_ command: String) -> String {
    switch command {
    case "V": "V 1.67 nanoCUL868\r\n"
    case "brc", "brt", "brs", "brn":
      refuses ? "? (\(command) is unknown)\r\n" : "\(command.suffix(1).uppercased())MODE\r\n"
    default: ""
    }
  }

  private func memory(_ count: Int, strengthAt place: Int) -> [UInt8] {
    var memory = [UInt8](repeating: 0, count: count)
    memory[place] = putsStrength ? 1 : 0
    return memory
  }

  private func summed(_ bytes: [UInt8]) -> [UInt8] { bytes + [bytes.reduce(0, ^)] }

  /// A telegram as it delivers it, with -71 dBm. `stripped` has no check values; `air` is as it was sent, in format A or B: a
  /// CUL leaves them.
  package func wrapped(_ stripped: [UInt8], air: [UInt8], isFormatB: Bool) -> [UInt8] {
    let content = Array(stripped.dropFirst())
    let strength: [UInt8] = putsStrength ? [kind == .rc1180 ? 142 : kind == .im871a ? 103 : 6] : []
    let length = stripped[0] + UInt8(strength.count)
    switch kind {
    case .im871a: return [0xA5, putsStrength ? 0x42 : 0x02, 3, stripped[0]] + content + strength
    case .amb8465 where isInCommandMode: return summed([0xFF, 3, length] + content + strength)
    case .amb8465, .rc1180: return [length] + content + strength
    case .cul:
      let digits = (air + [0x60, 6]).map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
      return Array("b\(isFormatB ? "Y" : "")\(digits.joined())\r\n".utf8)
    }
  }
}
