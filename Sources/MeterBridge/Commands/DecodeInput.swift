internal import Decoders
internal import Glibc
internal import Meters
internal import Platform

/// Reads the input of `decode`: raw bytes, hexadecimal text, or the text of a P1 port.
enum DecodeInput {
  /// All bytes of a file, `-` for standard input.
  static func read(_ path: String) throws(Errno) -> [UInt8] {
    if path == "-" { return try readToEnd(of: STDIN_FILENO) }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last }
    defer { close(descriptor) }
    return try readToEnd(of: descriptor)
  }

  /// The bytes of a telegram in an input: without lines of `#` at its beginning, and not as hexadecimal text.
  static func telegrams(_ input: [UInt8]) -> [UInt8] { Hexadecimal.unwrapped(Array(withoutComments(input))) }

  /// The same where each line of text is a telegram: what each line has, or all raw bytes as one piece.
  static func lines(
    _ input: [UInt8], _ heard: (ArraySlice<UInt8>) -> ProtocolDescription.Heard?
  ) -> [ProtocolDescription.Heard] {
    let lines = withoutComments(input).split { $0 == 0x0A || $0 == 0x0D }.map { heard($0) ?? (Array($0), nil) }
    // Raw bytes have line ends in them by chance.
    let isText = input.allSatisfy { (0x20...0x7E).contains($0) || (0x09...0x0D).contains($0) }
    return isText ? lines.filter { !$0.bytes.isEmpty } : [(telegrams(input), nil)]
  }

  private static func withoutComments(_ input: [UInt8]) -> ArraySlice<UInt8> {
    var rest = input[...]
    while rest.first == UInt8(ascii: "#") { rest = rest.drop { $0 != 0x0A }.dropFirst() }
    return rest
  }
}
