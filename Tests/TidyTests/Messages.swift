import Foundation

/// A sentence of the program for its user, with `…` for what it fills in.
struct Message: Hashable, Comparable {
  var text: String
  /// Where it stands: `Sources/MeterBridge/Loop/Port.swift`.
  var file: String

  static func < (left: Message, right: Message) -> Bool { (left.file, left.text) < (right.file, right.text) }
}

/// Finds the warnings and errors that the program can write.
///
/// They are the texts in certain calls, and all texts of the files in `wordFiles`. A call that gets its text by a variable
/// must be in `origins`, which says where the words are.
enum Messages {
  /// What the arguments of a call for a warning or error begin with.
  private static let calls = [
    "Log.write(.error,", "Log.write(.warning,", ".log(.error,", ".log(.warning,", "say(.error,", "say(.warning,",
    "SourceError(", "notes.append(", "warn(", "fail(EX_", ".reopen(reason:", "reopen(", ".refused(", ".warning(",
  ]

  /// Files whose texts are all for the user. Others may be told with a dead letter or another message, too.
  static let wordFiles: Set<String> = [
    "ConnectFailure.swift", "TLSFailure.swift", "ConnectRefusal.swift", "BrokerSession.swift", "Refusal.swift",
    "SKSTACKTrouble.swift", "SerialTrouble.swift", "FetchFailure.swift", "GatewayWords.swift", "HTTPBody.swift",
    "TCPSocket.swift", "TotalsGuard+Messages.swift", "AnswerNotices.swift", "AbortMark.swift", "StateFile.swift",
    "SecretFile.swift", "StateLock.swift", "TelnetSession.swift", "LineDiagnosis+Finding.swift",
    "LineSearch.swift", "MBusFailure.swift", "MBusCommissioning+Outcome.swift", "ListenFailure.swift",
    "SupervisorTrouble.swift", "RepairWords.swift", "ReceiverTrouble.swift",
  ]

  /// The arguments of calls that are not texts, and the file with their words, or what they are.
  static let origins: [String: String] = [
    "reason": "SourceError", "text": "AnswerNotices.swift, TelnetSession.swift, SourceEvent", "$0": "configuration",
    "trouble": "StateFile.swift, StateLock.swift, SupervisorTrouble.swift", "warning": "AbortMark.swift",
    "note": "notes.append", "mistake": "configuration",
    "refusal.text(tried, clientID: settings.clientID), words, at: now": "ConnectRefusal.swift",
    "contestText, words, at: now": "BrokerSession.swift", "suspicionText, at: now": "BrokerSession.swift",
    "text + (isCut ? topicHint : ) + count, words, at: now": "ConnectRefusal.swift",
    "failure.text(tried) + hint, at: now": "ConnectFailure.swift",
  ]

  /// Texts of the word files that are not for the user.
  static func isQuiet(_ text: String) -> Bool { text.contains(" cannot happen while ") }

  /// The files with the codes of dead letters and of `bridge/health`.
  private static let codeFiles = [
    "Decoders/Bytes/DecodeError.swift", "MQTT/Refusal.swift", "Meters/Dialogues/SKSTACK/SKSTACKTrouble.swift",
    "Meters/Pipeline/TotalsGuard+Messages.swift",
  ]

  /// The codes of dead letters and of `bridge/health`.
  static func codes() throws -> [String] {
    try codeFiles.flatMap { path in
      let text = try String(contentsOf: root.appending(path: "Sources/\(path)"), encoding: .utf8)
      return text.matches(of: /(?:case [^\n]*: |ode = )"([a-z_]+)"/).map { String($0.1) }
    }
  }

  /// Fewer words are a part of a sentence.
  private static let fewestWords = 3

  /// All messages, sorted, and the calls that `origins` lacks.
  static func all() throws -> (messages: [Message], unknown: [String]) {
    var messages: Set<Message> = []
    var unknown: [String] = []
    // Simulators are not the user's, and documents are not the log.
    let silent = ["Sources/Simulator/", "Sources/Documents/"]
    for file in try SwiftFile.all(under: "Sources") where !silent.contains(where: file.path.hasPrefix) {
      let texts = SwiftTexts(file)
      if wordFiles.contains(file.name) {
        messages.formUnion(texts.sentences(in: 0..<texts.count).map { Message(text: $0, file: file.path) })
      }
      for call in calls {
        for range in texts.arguments(of: call) {
          let sentences = texts.sentences(in: range)
          messages.formUnion(sentences.map { Message(text: $0, file: file.path) })
          let code = texts.code(in: range)
          if sentences.isEmpty, call.hasPrefix("Log.") || call.hasPrefix(".log(") || call.hasPrefix("say("),
            origins[code] == nil, !texts.hasText(in: range)
          {
            unknown.append("\(file.path): \(call) \(code)")
          }
        }
      }
    }
    return (messages.filter { $0.text.split(separator: " ").count { $0 != "…" } >= fewestWords }.sorted(), unknown)
  }
}

/// The texts between the quotes of a file.
struct SwiftTexts {
  private let text: [UInt8]
  /// The same length as `text`, with blanks in place of comments and strings.
  private let code: [UInt8]

  init(_ file: SwiftFile) {
    text = Array(file.text.utf8)
    code = Array(file.code.utf8)
  }

  var count: Int { code.count }

  /// The ranges behind each call, up to its closing parenthesis.
  func arguments(of call: String) -> [Range<Int>] {
    let call = Array(call.utf8)
    return code.indices.compactMap { start in
      guard code[start] == call[0], code[start...].starts(with: call) else { return nil }
      // `warn(` is not the end of another name.
      if start > 0, call[0] != UInt8(ascii: "."), isNameByte(code[start - 1]) { return nil }
      if code[..<start].suffix(5).elementsEqual("func ".utf8) || code[..<start].suffix(5).elementsEqual("case ".utf8) {
        return nil
      }
      let begin = start + call.count
      return begin..<max(begin, end(from: begin))
    }
  }

  /// The words of the code, in one line.
  func code(in range: Range<Int>) -> String {
    String(decoding: code[range], as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
      .replacing("\"", with: "").replacing("  ", with: " ").trimmingCharacters(in: .whitespaces)
  }

  func hasText(in range: Range<Int>) -> Bool { code[range].contains(UInt8(ascii: "\"")) }

  /// The texts of a range, those that `+` joins as one.
  func sentences(in range: Range<Int>) -> [String] {
    var found: [String] = []
    var at = range.lowerBound
    while at < range.upperBound {
      guard code[at] == UInt8(ascii: "\"") else {
        at += 1
        continue
      }
      var (sentence, next) = literal(at)
      while let more = joined(from: next) {
        let (part, end) = literal(more)
        sentence += part
        next = end
      }
      found.append(sentence.replacing("……", with: "…"))
      at = next
    }
    return found
  }

  /// The place of the text that `+` joins to one which ends here.
  private func joined(from place: Int) -> Int? {
    guard place < count, let plus = code[place...].firstIndex(where: { !isBlank($0) }), code[plus] == UInt8(ascii: "+"),
      let next = code[(plus + 1)...].firstIndex(where: { !isBlank($0) }), code[next] == UInt8(ascii: "\"")
    else { return nil }
    return next
  }

  /// The text that begins with this quote, and the place behind its end.
  private func literal(_ start: Int) -> (String, Int) {
    if code[start...].starts(with: "\"\"\"".utf8) {
      var at = start + 3
      while at < count, !code[at...].starts(with: "\"\"\"".utf8) { at += 1 }
      return ("", min(at + 3, count))
    }
    var bytes: [UInt8] = []
    var at = start + 1
    while at < count, code[at] != UInt8(ascii: "\"") {
      // `(` stands in the code only where an interpolation begins.
      if code[at] == UInt8(ascii: "("), bytes.last == UInt8(ascii: "\\") {
        bytes.removeLast()
        bytes += Array("…".utf8)
        at = min(end(from: at + 1, isInterpolation: true) + 1, count)
      } else {
        bytes.append(text[at])
        at += 1
      }
    }
    let shown = String(decoding: bytes, as: UTF8.self)
    return (shown.replacing("\\\"", with: "\"").replacing("\\\\", with: "\\"), min(at + 1, count))
  }

  /// The closing parenthesis of a range that begins here. That of an interpolation is a blank in the code.
  private func end(from start: Int, isInterpolation: Bool = false) -> Int {
    var depth = 0
    var at = start
    while at < count {
      switch code[at] {
      case UInt8(ascii: "\""):
        at = literal(at).1
        continue
      case UInt8(ascii: "("): depth += 1
      case UInt8(ascii: ")"):
        if depth == 0 { return at }
        depth -= 1
      case UInt8(ascii: " ") where isInterpolation && depth == 0 && text[at] == UInt8(ascii: ")"): return at
      default: break
      }
      at += 1
    }
    return min(at, count)
  }

  private func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") }
  private func isNameByte(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") || (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A
  }
}
