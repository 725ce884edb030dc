internal import Base

extension ValueFormat<String> {
  /// Free text.
  static func text(_ described: String) -> ValueFormat {
    ValueFormat(described) { text throws(InvalidValue) in
      guard !text.isEmpty else { throw InvalidValue("is empty") }
      guard text.unicodeScalars.count <= 256 else { throw InvalidValue("is too long: at most 256 characters") }
      try refuseControls(text)
      return text
    }
  }

  /// The name or address of a machine.
  static let host = ValueFormat("a name or an address") { text throws(InvalidValue) in
    try parseHost(text)
  }

  static let clientID = ValueFormat("1 to 23 letters, digits, `_` and `-`") { text throws(InvalidValue) in
    let isRight = text.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == 0x5F || $0 == 0x2D }
    guard isRight, (1...23).contains(text.utf8.count) else {
      throw InvalidValue("is not a client id that every broker takes: 1 to 23 letters, digits, `_` and `-`")
    }
    return text
  }

  /// A topic, or the first levels of topics.
  static let topic = ValueFormat("a topic") { text throws(InvalidValue) in
    guard !text.isEmpty, !text.hasPrefix("/"), !text.hasSuffix("/"), !text.contains("//") else {
      throw InvalidValue("is not a topic here: levels joined by `/`, none of them empty")
    }
    guard !text.utf8.contains(where: { $0 == 0x23 || $0 == 0x2B }) else {
      throw InvalidValue("is not a topic to publish on: the wildcards `#` and `+` cannot stand in it")
    }
    guard !text.hasPrefix("$") else {
      throw InvalidValue("is not a topic to publish on: those that begin with `$` are the broker's")
    }
    guard text.utf8.count <= Limits.configuredTopicBytes else {
      throw InvalidValue("is too long: at most \(Limits.configuredTopicBytes) bytes")
    }
    try refuseControls(text)
    return text
  }

  /// A name for topics and entity ids.
  static func identifier(butNot reserved: String? = nil) -> ValueFormat {
    let except = reserved.map { ", not `\($0)`" } ?? ""
    return ValueFormat("`a`–`z`, `0`–`9` and `_`\(except)") { text throws(InvalidValue) in
      if text == reserved { throw InvalidValue("is taken: its topics are the program's own") }
      guard isIdentifier(text.utf8) else {
        throw InvalidValue("is not an id: only a–z, 0–9 and _\(Suggestion.question(identifier(like: text)))")
      }
      guard text.utf8.count <= Limits.idCharacters else {
        throw InvalidValue("is too long: at most \(Limits.idCharacters) characters")
      }
      return text
    }
  }

  /// The id most like a text; nil if there is no such id.
  private static func identifier(like text: String) -> String? {
    var id: [UInt8] = []
    for scalar in text.lowercased().unicodeScalars {
      let byte = UInt8(exactly: scalar.value) ?? 0
      if isLowercase(byte) || isDigit(byte) {
        id.append(byte)
      } else if let last = id.last, last != 0x5F {
        id.append(0x5F)
      }
    }
    while id.last == 0x5F { id.removeLast() }
    return id.isEmpty || id.count > Limits.idCharacters ? nil : String(decoding: id, as: UTF8.self)
  }

  static let path = ValueFormat("a path") { text throws(InvalidValue) in
    try parsePath(text)
  }
}

extension ValueFormat<Secret> {
  /// Never shown, not even in a mistake about it.
  static let secret: ValueFormat = {
    var format = ValueFormat("a text; better `!file PATH` or `!env NAME`") { text throws(InvalidValue) in
      guard !text.isEmpty else { throw InvalidValue("is empty") }
      guard !text.utf8.contains(0) else { throw InvalidValue("has a NUL character in it") }
      return Secret(text)
    }
    format.isSecret = true
    return format
  }()
}
