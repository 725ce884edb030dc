internal import Decoders
internal import Glibc

/// What people hand to `decode`: raw bytes, hexadecimal text, or the text of a P1 port.
enum DecodeInput {
  /// All bytes of a file, `-` for standard input; nil with `errno` set where it cannot be read.
  static func read(_ path: String) -> [UInt8]? {
    let descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { if descriptor != STDIN_FILENO { close(descriptor) } }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      if count < 0 { return nil }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
  }

  /// The bytes that a hexadecimal text stands for, or the input itself where it is no such text.
  static func unwrapped(_ input: [UInt8]) -> [UInt8] {
    guard let bytes = Hexadecimal.bytes(input), !bytes.isEmpty else { return input }
    return bytes
  }

  /// The protocol by the first bytes that begin a telegram: `/` and three letters, or an M-Bus start byte.
  static func recognise(_ bytes: [UInt8]) -> MeterProtocol? {
    for index in bytes.indices {
      switch bytes[index] {
      case 0x2F where bytes[(index + 1)...].prefix(3).count(where: isLetter) == 3: return .p1
      case 0x68 where index + 3 < bytes.count && bytes[index + 1] == bytes[index + 2] && bytes[index + 3] == 0x68:
        return .mbus
      default: continue
      }
    }
    return bytes.first.flatMap { [0x10, 0x68, 0xE5].contains($0) ? .mbus : nil }
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
