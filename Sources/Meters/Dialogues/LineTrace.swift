internal import Base
internal import Decoders

/// The bytes of a line in hexadecimal, for the log. Secrets of a dongle's commands and of their echoes are not shown.
package struct LineTrace: Sendable {
  private let name: String
  /// Nil for a line on which the program sends no secrets.
  private let credentials: SKSTACKCredentials?
  /// The line of the dongle that has begun.
  private var incoming: [UInt8] = []
  /// Whether the echo of a secret may still come, damaged beyond recognition perhaps.
  private var mayEchoSecret = false
  private var lastIsSecret = false

  /// The beginnings of lines that a dongle writes by itself. All others may be echoes, or data of the authentication.
  private static let shownLines = ["FAIL", "EVENT", "EVER", "EINFO", "EPANDESC", "ERXUDP", "  "].map {
    Array($0.utf8)
  }
  private static let longestAnswer = "OK 01\r".utf8.count
  private static let secretCommands = ["SKSETPWD", "SKSETRBID"]
  /// The port of the authentication (PANA), as a dongle writes it.
  private static let authenticationPort = Array(" 02CC ".utf8)

  /// - Parameters:
  ///   - name: of the source.
  ///   - credentials: secrets that the program sends on the line.
  package init(_ name: String, credentials: SKSTACKCredentials?) {
    self.name = name
    self.credentials = credentials
  }

  /// Whether it must see all bytes to know which of them are secret.
  package var hidesSecrets: Bool { credentials != nil }

  /// The lines about bytes that the program sends.
  package mutating func sent(_ bytes: [UInt8]) -> [String] {
    guard let credentials else { return lines("sent", bytes) }
    let command = Self.secretCommands.first { bytes.starts(with: Array($0.utf8)) }
    lastIsSecret = command != nil
    if lastIsSecret { mayEchoSecret = true }
    if let command { return ["\(name): sent \(command) and the secret, \(counted(bytes.count, "byte"))"] }
    return lines("sent", credentials.conceal(bytes), of: bytes.count)
  }

  /// The lines about bytes that came in.
  package mutating func received(_ bytes: [UInt8]) -> [String] {
    guard credentials != nil else { return lines("received", bytes) }
    var lines: [String] = []
    for byte in bytes {
      incoming.append(byte)
      let isWhole = Self.isLineEnd(byte)
      if isWhole || incoming.count >= Limits.tracedBytes { lines += takeLine(isWhole: isWhole) }
    }
    return lines
  }

  private static func isLineEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") }

  /// A line of a dongle. One that is cut may be cut inside a secret.
  private mutating func takeLine(isWhole: Bool) -> [String] {
    let line = incoming
    incoming = []
    guard let credentials, !line.allSatisfy(Self.isLineEnd) else { return [] }
    // `OK` or `OK 01`. What is longer may be anything.
    let isAnswer = line.starts(with: Array("OK".utf8)) && line.count <= Self.longestAnswer
    if isAnswer, !lastIsSecret { mayEchoSecret = false }
    let isKnown = isAnswer || Self.shownLines.contains { line.starts(with: $0) }
    let isAuthentication = line.indices.contains { line[$0...].starts(with: Self.authenticationPort) }
    let isShown = isWhole && isKnown && !mayEchoSecret && !isAuthentication
    return lines("received", isShown ? credentials.conceal(line) : [], of: line.count)
  }

  private func lines(_ verb: String, _ bytes: [UInt8], of count: Int) -> [String] {
    bytes.isEmpty ? ["\(name): \(verb) \(counted(count, "byte")) that are not shown"] : lines(verb, bytes)
  }

  private func lines(_ verb: String, _ bytes: [UInt8]) -> [String] {
    stride(from: 0, to: bytes.count, by: Limits.tracedBytes).map { start in
      "\(name): \(verb) \(Hexadecimal.text(bytes[start..<min(start + Limits.tracedBytes, bytes.count)]))"
    }
  }
}
