internal import Decoders
internal import Glibc

/// What people hand to `decode`: raw bytes, hexadecimal text, or the text of a P1 port.
enum DecodeInput {
  /// All bytes of a file, `-` for standard input.
  static func read(_ path: String) throws(Errno) -> [UInt8] {
    if path == "-" { return try readToEnd(of: STDIN_FILENO) }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last }
    defer { close(descriptor) }
    return try readToEnd(of: descriptor)
  }

  /// The bytes that a hexadecimal text stands for, or the input itself where it is no such text.
  static func unwrapped(_ input: [UInt8]) -> [UInt8] {
    guard let bytes = Hexadecimal.bytes(input), !bytes.isEmpty else { return input }
    return bytes
  }

  /// The protocol by the first bytes that begin a telegram.
  static func recognise(_ bytes: [UInt8]) -> MeterProtocol? {
    for index in bytes.indices {
      switch bytes[index] {
      case 0x2F where bytes[(index + 1)...].prefix(3).count(where: isLetter) == 3: return .p1
      case 0x68 where index + 3 < bytes.count && bytes[index + 1] == bytes[index + 2] && bytes[index + 3] == 0x68:
        // Which application is in the frame, its CI field says: 00 to 1F are segments of DLMS.
        return index + 6 < bytes.count && bytes[index + 6] < 0x20 ? .dlms : .mbus
      case 0x7E where index + 1 < bytes.count && bytes[index + 1] & 0xF0 == 0xA0: return .dlms
      default: continue
      }
    }
    guard let first = bytes.first else { return nil }
    if bytes.starts(with: [0x10, 0x81]) || bytes.starts(with: "ERXUDP ".utf8) { return .echonet }
    if [0x10, 0x68, 0xE5].contains(first) { return .mbus }
    let isWrapper = bytes.count > 8 && bytes.starts(with: [0x00, 0x01])
    return isWrapper || [0x0F, 0xDB, 0xDC, 0xE0, 0xE6].contains(first) ? .dlms : nil
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }
}

/// What a command prints.
enum Output {
  /// A line on standard output, whole, however long it is.
  static func write(_ line: String) { Console().write(line + "\n") }

  /// A line on standard error.
  static func error(_ line: String) { Console().complain(line) }
}
