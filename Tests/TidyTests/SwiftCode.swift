/// Takes comments and the text of strings out of Swift. Blanks take their place, so that lines and columns stay. The
/// code inside `\(…)` stays too.
struct SwiftCode {
  private var bytes: [UInt8]
  private var at = 0

  /// The text with blanks in place of comments, strings and regular expressions.
  static func stripped(_ text: String) -> String {
    var code = SwiftCode(bytes: Array(text.utf8))
    code.skipCode(toParenthesis: false)
    return String(decoding: code.bytes, as: UTF8.self)
  }

  /// Walks over code to the end of the file, or to the parenthesis that ends an interpolation.
  private mutating func skipCode(toParenthesis: Bool) {
    var depth = 0
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "/"): skipSlash()
      case UInt8(ascii: "\""), UInt8(ascii: "#"): skipString()
      case UInt8(ascii: "("):
        depth += 1
        at += 1
      case UInt8(ascii: ")"):
        if toParenthesis, depth == 0 { return }
        depth -= 1
        at += 1
      default: at += 1
      }
    }
  }

  private mutating func skipSlash() {
    if starts("//") {
      while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { blank(1) }
    } else if starts("/*") {
      blankBlockComment()
    } else if isRegexStart {
      at += 1
      while bytes[at] != UInt8(ascii: "/") { blank(bytes[at] == UInt8(ascii: "\\") ? 2 : 1) }
      at += 1
    } else {
      at += 1
    }
  }

  private mutating func blankBlockComment() {
    var depth = 0
    repeat {
      if starts("/*") {
        depth += 1
        blank(2)
      } else if starts("*/") {
        depth -= 1
        blank(2)
      } else {
        blank(1)
      }
    } while at < bytes.count && depth > 0
  }

  /// A slash begins a regular expression behind an opening bracket, comma or colon, where a second slash is in its line.
  private var isRegexStart: Bool {
    let rest = bytes[(at + 1)...].prefix { $0 != UInt8(ascii: "\n") }
    guard rest.first != UInt8(ascii: " "), rest.contains(UInt8(ascii: "/")) else { return false }
    let before = bytes[..<at].last { $0 != UInt8(ascii: " ") } ?? UInt8(ascii: "\n")
    return "(,=:[{\n".utf8.contains(before)
  }

  /// A string in any of its forms: `"`, `"""`, and both between `#`.
  private mutating func skipString() {
    let marks = bytes[at...].prefix { $0 == UInt8(ascii: "#") }.count
    at += marks
    guard starts("\"") else { return }
    let fence = String(repeating: "#", count: marks)
    let quotes = starts("\"\"\"") ? "\"\"\"" : "\""
    let escape = "\\" + fence
    at += quotes.utf8.count
    while at < bytes.count, !starts(quotes + fence) {
      guard starts(escape) else {
        blank(1)
        continue
      }
      blank(escape.utf8.count)
      if starts("(") {
        at += 1
        skipCode(toParenthesis: true)
      } else {
        blank(1)
      }
    }
    at += quotes.utf8.count + marks
  }

  private mutating func blank(_ count: Int) {
    for _ in 0..<count where at < bytes.count {
      if bytes[at] != UInt8(ascii: "\n") { bytes[at] = UInt8(ascii: " ") }
      at += 1
    }
  }

  private func starts(_ text: String) -> Bool { bytes[min(at, bytes.count)...].starts(with: text.utf8) }
}
