import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Platform

/// An interview with these answers, and what it has shown.
private final class Talk {
  private let folder: TemporaryFolder
  private let descriptor: Int32
  private(set) var secretsAsked = 0
  private var answers: [String]

  init(_ answers: String...) throws {
    folder = try TemporaryFolder()
    descriptor = unsafe open(folder.path("shown"), O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
    self.answers = answers
  }

  deinit { close(descriptor) }

  var interview: Interview {
    Interview(Console(output: descriptor)) { isSecret in
      if isSecret { self.secretsAsked += 1 }
      return self.answers.isEmpty ? nil : self.answers.removeFirst()
    }
  }

  var shown: String { (try? folder.text("shown")) ?? "" }
}

private func number(_ text: String) throws(InvalidValue) -> Int {
  guard let number = Int(text) else { throw InvalidValue("is not a number") }
  return number
}

@Test("an empty answer and the end of the input take the default")
func defaultAnswers() throws {
  let talk = try Talk("", " 7 ")
  let interview = talk.interview
  #expect(try interview.ask("How many", else: (3, "3"), number) == 3)
  #expect(try interview.ask("How many", else: (3, "3"), number) == 7)
  #expect(try interview.ask("How many", else: (3, "3"), number) == 3)
  #expect(talk.shown.hasPrefix("How many [3]: "))
}

@Test("a wrong answer is asked for again, with the reason")
func wrongAnswers() throws {
  let talk = try Talk("many", "4")
  #expect(try talk.interview.ask("How many", else: nil, number) == 4)
  #expect(talk.shown == "How many:   `many` is not a number\nHow many: ")
}

@Test("a question without a default needs an answer")
func neededAnswers() throws {
  let talk = try Talk("", "x")
  #expect(throws: Interview.Ended(message: "no answer to \"How many\", and it has no default")) {
    try talk.interview.ask("How many", else: nil, number)
  }
  let silent = Interview(Console(output: -1), readLine: nil)
  #expect(throws: Interview.Ended.self) { try silent.ask("How many", else: nil, number) }
  #expect(try silent.ask("How many", else: (1, "1"), number) == 1)
}

@Test("a secret answer is never shown, right or wrong")
func secretAnswers() throws {
  let talk = try Talk("hidden", "5")
  #expect(try talk.interview.ask("Key", else: nil, isSecret: true, number) == 5)
  #expect(talk.secretsAsked == 2)
  #expect(!talk.shown.contains("hidden"))
}

@Test("yes and no are understood")
func agreements() throws {
  let talk = try Talk("Y", "no", "perhaps", "yes", "")
  let interview = talk.interview
  #expect(try interview.agrees("Ask", else: false))
  #expect(try !interview.agrees("Ask", else: true))
  #expect(try interview.agrees("Ask", else: false))
  #expect(try interview.agrees("Ask", else: true))
  #expect(talk.shown.contains("[y/N]") && talk.shown.contains("[Y/n]") && talk.shown.contains("neither y nor n"))
}
