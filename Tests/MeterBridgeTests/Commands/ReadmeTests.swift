import Foundation
import Testing
import TestSupport

@testable import MeterBridge

/// The blocks of a language in the README, line by line.
private func lines(_ language: String) throws -> [String] {
  let text = try String(contentsOf: repository.appending(path: "README.md"), encoding: .utf8)
  let blocks = text.components(separatedBy: "```\(language)\n").dropFirst().compactMap {
    $0.components(separatedBy: "\n```").first
  }
  #expect(blocks.count >= 3)
  return blocks.flatMap { $0.components(separatedBy: "\n") }
}

/// The commands of the shell blocks, without comments and `sudo`.
private func commands() throws -> [[String]] {
  try lines("sh").map { line in
    let words = line.components(separatedBy: " #")[0].split(separator: " ").map(String.init)
    return Array(words.drop { $0 == "sudo" })
  }
}

@Test("every command of the README is one that the program or the Makefile knows")
func commandsOfTheREADME() throws {
  let commands = try commands()
  let ours = commands.filter { $0.first == "meterbridge" }.map { Array($0.dropFirst()) }
  #expect(ours.count >= 4)
  for words in ours {
    let command = try Program.command(named: try #require(words.first))
    let arguments = try Arguments(words.dropFirst(), options: command.options)
    #expect(command.operandCount.contains(arguments.operands.count), "\(words)")
  }
  let makefile = try String(contentsOf: repository.appending(path: "Makefile"), encoding: .utf8)
  let targets = commands.filter { $0.first == "make" }.map { $0[1] }
  #expect(Set(["run", "test"]).isSubset(of: targets))
  for target in targets { #expect(makefile.contains("\n\(target):"), "make \(target)") }
}

@Test("the meters of the README are a configuration, but for the files of their keys")
func configurationOfTheREADME() throws {
  let found = mistakes(try lines("yaml").joined(separator: "\n"))
  #expect(found.count == 3 && found.allSatisfy { $0.contains("cannot read `secrets/") }, "\(found)")
}
