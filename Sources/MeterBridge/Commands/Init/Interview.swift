internal import Base
internal import Glibc
internal import Platform

/// Asks a person, or reads the answers from standard input, one a line.
final class Interview {
  /// Why no answer came.
  struct Ended: Error, Equatable {
    var message: String
  }

  /// Reads a line without its end; nil at the end of the input. `isSecret`: nothing of it is shown.
  typealias ReadLine = (_ isSecret: Bool) -> String?

  private let console: Console
  private let readLine: ReadLine?
  /// How often a wrong answer is asked for again.
  private static let tries = 5

  /// - Parameters:
  ///   - console: for the questions.
  ///   - readLine: for the answers; nil to take the default of every question.
  init(_ console: Console, readLine: ReadLine?) {
    self.console = console
    self.readLine = readLine
  }

  /// Tells something.
  func tell(_ text: String) { console.writeLine(text) }

  /// Asks until the answer is right.
  ///
  /// - Parameters:
  ///   - question: without its colon.
  ///   - fallback: the value of an empty answer and what is shown of it; nil where an answer must be given.
  ///   - isSecret: whether the answer must not be shown.
  ///   - parse: reads the answer.
  /// - Returns: the value.
  /// - Throws: that no answer came and none can be assumed.
  func ask<Value>(
    _ question: String, else fallback: (value: Value, shown: String)?, isSecret: Bool = false,
    _ parse: (String) throws(InvalidValue) -> Value
  ) throws(Ended) -> Value {
    let shown = fallback.map { $0.shown.isEmpty ? "" : " [\($0.shown)]" } ?? ""
    for _ in 0..<Self.tries {
      guard let readLine else { break }
      console.write("\(question)\(shown): ")
      guard let line = readLine(isSecret) else {
        console.write("\n")
        break
      }
      let answer = String(line.trimmed)
      if answer.isEmpty {
        if let fallback { return fallback.value }
        tell("  an answer must be given")
        continue
      }
      do throws(InvalidValue) { return try parse(answer) } catch {
        tell("  \(isSecret ? "this" : SettingReader.quoted(answer)) \(error.message)")
      }
    }
    guard let fallback else { throw Ended(message: "no answer to \"\(question)\", and it has no default") }
    return fallback.value
  }

  /// Asks a question with yes or no.
  func agrees(_ question: String, else fallback: Bool) throws(Ended) -> Bool {
    try ask(question, else: (fallback, fallback ? "Y/n" : "y/N")) { answer throws(InvalidValue) in
      switch answer.lowercased() {
      case "y", "yes": return true
      case "n", "no": return false
      default: throw InvalidValue("is neither y nor n")
      }
    }
  }
}

extension String {
  /// The text without blanks around it.
  fileprivate var trimmed: Substring {
    let start = drop { $0 == " " || $0 == "\t" || $0 == "\r" }
    return start.dropLast(start.reversed().prefix { $0 == " " || $0 == "\t" || $0 == "\r" }.count)
  }
}

/// Standard input as a source of answers.
enum StandardInput {
  /// Reads one line, byte by byte, so that nothing behind it is lost to others.
  static func readLine(isSecret: Bool) -> String? {
    let isHidden = isSecret && isatty(STDIN_FILENO) == 1
    var before = termios()
    if isHidden { unsafe tcgetattr(STDIN_FILENO, &before) }
    if isHidden { hide(before) }
    defer { if isHidden { unsafe tcsetattr(STDIN_FILENO, TCSANOW, &before) } }
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while bytes.count < Limits.answerBytes {
      let count = unsafe read(STDIN_FILENO, &byte, 1)
      if count < 0, errno == EINTR { continue }
      // Ctrl-C ends the program, but not before the terminal shows again what is typed.
      guard count == 1, !(isHidden && byte == interrupt) else { return bytes.isEmpty || isHidden ? nil : text(bytes) }
      if byte == UInt8(ascii: "\n") { break }
      bytes.append(byte)
    }
    // On a terminal a person has just typed the line.
    if isHidden || isatty(STDIN_FILENO) != 1 { Console().writeLine(isSecret ? "" : text(bytes)) }
    return text(bytes)
  }

  private static let interrupt: UInt8 = 3

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// Nothing typed is shown. Ctrl-C does not kill the program, which would leave the terminal so: it ends the line.
  private static func hide(_ before: termios) {
    var hidden = before
    hidden.c_lflag &= ~tcflag_t(ECHO | ISIG)
    unsafe withUnsafeMutableBytes(of: &hidden.c_cc) { characters in unsafe characters[Int(VEOL)] = interrupt }
    unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
  }
}
