/// A word or a sign of Swift.
struct SwiftToken {
  var text: Substring
  var line: Int
  var isWord: Bool

  /// The tokens of code without comments and strings.
  static func all(_ code: String) -> [SwiftToken] {
    var tokens: [SwiftToken] = []
    let utf8 = code.utf8
    var line = 1
    var at = utf8.startIndex
    while at < utf8.endIndex {
      let byte = utf8[at]
      var end = utf8.index(after: at)
      if isWordByte(byte) {
        while end < utf8.endIndex, isWordByte(utf8[end]) { end = utf8.index(after: end) }
        tokens.append(SwiftToken(text: code[at..<end], line: line, isWord: true))
      } else if byte == UInt8(ascii: "\n") {
        line += 1
      } else if byte != UInt8(ascii: " "), byte != UInt8(ascii: "`") {
        tokens.append(SwiftToken(text: code[at..<end], line: line, isWord: false))
      }
      at = end
    }
    return tokens
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
      true
    default: false
    }
  }
}
