import Testing

@testable import Platform

@Test("the arguments are those that /proc tells, too")
func arguments() {
  #expect(!ProgramArguments.words.isEmpty)
  #expect(ProgramArguments.words == Array(CommandLine.arguments.dropFirst()))
}
