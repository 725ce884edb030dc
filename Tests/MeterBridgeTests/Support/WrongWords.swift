import Glibc
import Testing

/// Words that a command refuses, and how it says so.
struct WrongWords: Sendable, CustomTestStringConvertible {
  var words: [String]
  var message: String
  var testDescription: String { words.joined(separator: " ") }

  func verify(by command: String) throws {
    let (status, _, said) = try runProgram([command] + words)
    #expect(status == EX_USAGE)
    #expect(said.hasPrefix("meterbridge \(command): \(message)"), "\(said)")
  }
}
