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

  /// The protocol that recognises the bytes as its own, the surest where several do.
  static func recognise(_ bytes: [UInt8]) -> MeterProtocol? {
    let span = bytes.span
    let all: [(MeterProtocol, Recognition?)] = [
      (.p1, P1Framer.recognise(span)), (.mbus, MBusFramer.recognise(span)), (.dlms, DLMSFramer.recognise(span)),
      (.echonet, ECHONETFramer.recognise(span)),
    ]
    let recognised = all.compactMap { name, recognition in recognition.map { (name, $0) } }
    return recognised.min { $0.1 < $1.1 }?.0
  }
}

/// What a command prints.
enum Output {
  /// A line on standard output, whole, however long it is.
  static func write(_ line: String) { Console().write(line + "\n") }

  /// A line on standard error.
  static func error(_ line: String) { Console().complain(line) }
}
