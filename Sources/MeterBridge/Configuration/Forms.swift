internal import Base

extension Form<String> {
  /// What people may write freely.
  static func text(_ described: String) -> Form {
    Form(described) { text throws(Unfit) in
      guard !text.isEmpty else { throw Unfit("is empty") }
      guard text.unicodeScalars.count <= 256 else { throw Unfit("is too long: at most 256 characters") }
      try refuseControls(text)
      return text
    }
  }

  /// The name or address of a machine.
  static let host = Form("a name or an address") { text throws(Unfit) in
    try parseHost(text)
  }

  static let clientID = Form("1 to 23 letters, digits, `_` and `-`") { text throws(Unfit) in
    let isRight = text.utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == 0x5F || $0 == 0x2D }
    guard isRight, (1...23).contains(text.utf8.count) else {
      throw Unfit("is no client id that every broker takes: 1 to 23 letters, digits, `_` and `-`")
    }
    return text
  }

  /// A topic, or the first levels of topics.
  static let topic = Form("a topic") { text throws(Unfit) in
    guard !text.isEmpty, !text.hasPrefix("/"), !text.hasSuffix("/"), !text.contains("//") else {
      throw Unfit("is no topic here: levels joined by `/`, none of them empty")
    }
    guard !text.utf8.contains(where: { $0 == 0x23 || $0 == 0x2B }) else {
      throw Unfit("is no topic to publish on: the wildcards `#` and `+` cannot stand in it")
    }
    guard !text.hasPrefix("$") else {
      throw Unfit("is no topic to publish on: those that begin with `$` are the broker's")
    }
    guard text.utf8.count <= Limits.configuredTopicBytes else {
      throw Unfit("is too long: at most \(Limits.configuredTopicBytes) bytes")
    }
    try refuseControls(text)
    return text
  }

  /// What stands in topics and entity ids.
  static func identifier(butNot reserved: String? = nil) -> Form {
    let except = reserved.map { ", not `\($0)`" } ?? ""
    return Form("`a`–`z`, `0`–`9` and `_`\(except)") { text throws(Unfit) in
      if text == reserved { throw Unfit("is taken: its topics are the program's own") }
      guard !text.isEmpty, text.utf8.allSatisfy({ isLowercase($0) || isDigit($0) || $0 == 0x5F }) else {
        throw Unfit("is no id: only a–z, 0–9 and _\(Suggestion.question(identifier(like: text)))")
      }
      guard text.utf8.count <= Limits.idCharacters else {
        throw Unfit("is too long: at most \(Limits.idCharacters) characters")
      }
      return text
    }
  }

  /// The id that a text would be, nil for none.
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

  static let path = Form("a path") { text throws(Unfit) in
    try parsePath(text)
  }
}

extension Form<Secret> {
  /// Shown nowhere, not even where it is wrong.
  static let secret: Form = {
    var form = Form("a text; better `!file PATH` or `!env NAME`") { text throws(Unfit) in
      guard !text.isEmpty else { throw Unfit("is empty") }
      guard !text.utf8.contains(0) else { throw Unfit("has a NUL character in it") }
      return Secret(text)
    }
    form.isSecret = true
    return form
  }()
}

extension Form<Bool> {
  static let flag = Form("`true` or `false`") { text throws(Unfit) in
    switch text {
    case "true": return true
    case "false": return false
    default:
      let meant = ["yes": "true", "on": "true", "1": "true", "no": "false", "off": "false", "0": "false"]
      let near = meant[text.lowercased()] ?? Suggestion.nearest(to: text, of: ["true", "false"])
      throw Unfit("is neither true nor false\(Suggestion.question(near))")
    }
  }
}

extension Form<UInt16> {
  static let port = Form("a port number") { text throws(Unfit) in
    guard let port = UInt16(digits: text), port > 0 else { throw Unfit("is no port number: 1 to 65535") }
    return port
  }
}

extension Form<Int> {
  /// A whole number of something.
  static func whole(_ range: ClosedRange<Int>, of things: String) -> Form {
    Form("a whole number of \(things), \(range.lowerBound) to \(range.upperBound)") { text throws(Unfit) in
      guard let number = Int(digits: text), range.contains(number) else {
        throw Unfit("is no number of \(things): a whole number from \(range.lowerBound) to \(range.upperBound)")
      }
      return number
    }
  }
}

extension Form {
  /// One of a few words.
  static func choice(_ choices: [(name: String, value: Value)], alsoCalled otherNames: [String: String] = [:]) -> Form
  where Value: Sendable {
    let names = choices.map(\.name)
    return Form(names.map { "`\($0)`" }.joined(separator: ", ")) { text throws(Unfit) in
      if let choice = choices.first(where: { $0.name == text }) { return choice.value }
      let near = otherNames[text.lowercased()] ?? Suggestion.nearest(to: text, of: names)
      throw Unfit("is none of \(names.joined(separator: ", "))\(Suggestion.question(near))")
    }
  }
}

extension Form<Milliseconds> {
  /// A length of time: a whole number and its unit.
  static func duration(_ range: ClosedRange<Milliseconds>) -> Form {
    Form("a time such as `500ms`, `10s`, `15m`, `1h`") { text throws(Unfit) in
      let time = try parse(text)
      guard time >= range.lowerBound else { throw Unfit("is too short: at least \(range.lowerBound.written)") }
      guard time <= range.upperBound else { throw Unfit("is too long: at most \(range.upperBound.written)") }
      return time
    }
  }

  private static let units: [(name: String, length: Int64)] = [
    ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000),
  ]

  private static func parse(_ text: String) throws(Unfit) -> Milliseconds {
    let number = text.prefix { $0.isASCII && $0.isNumber }
    let unit = String(text.dropFirst(number.count).drop { $0 == " " })
    guard let count = Int64(digits: String(number)) else {
      throw Unfit("is no length of time: a whole number and ms, s, m or h, such as `15m`")
    }
    if count == 0, unit.isEmpty { return 0 }
    guard let length = units.first(where: { $0.name == unit })?.length else {
      guard !unit.isEmpty else { throw Unfit("has no unit: `\(count)s` are seconds, `\(count)m` minutes") }
      throw Unfit("is no length of time: a whole number and ms, s, m or h\(Suggestion.question(meant(count, unit)))")
    }
    let (product, overflow) = count.multipliedReportingOverflow(by: length)
    return Milliseconds(overflow ? .max : product)
  }

  /// The units of other programs.
  private static func meant(_ count: Int64, _ unit: String) -> String? {
    switch unit.lowercased() {
    case "sec", "secs", "second", "seconds": return "\(count)s"
    case "min", "mins", "minute", "minutes": return "\(count)m"
    case "hr", "hrs", "hour", "hours", "h": return "\(count)h"
    case "d", "day", "days":
      let (hours, overflow) = count.multipliedReportingOverflow(by: 24)
      return overflow ? nil : "\(hours)h"
    default: return nil
    }
  }
}

extension Milliseconds {
  /// As the configuration has it, in the largest unit that holds it whole: `15m`.
  var written: String {
    if count % 3_600_000 == 0, count != 0 { return "\(count / 3_600_000)h" }
    if count % 60_000 == 0, count != 0 { return "\(count / 60_000)m" }
    return count % 1000 == 0 ? "\(count / 1000)s" : "\(count)ms"
  }
}
