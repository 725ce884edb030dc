import Testing

@testable import MeterBridge

private func parse(_ words: String...) throws(UsageError) -> Arguments {
  try Arguments(words, options: [.config, .meterProtocol, .set, .format, .seed, .dryRun])
}

@Test("options and operands may come in any order")
func mixedOrder() throws {
  let arguments = try parse(
    "a", "--config", "x.yaml", "-", "--set", "a=b=c", "--set=d=e", "--dry-run", "--seed=0", "--format", "json", "--",
    "--config", "-x")
  #expect(arguments.operands == ["a", "-", "--config", "-x"])
  #expect(arguments.configuration == "x.yaml")
  #expect(arguments.all(.set) == ["a=b=c", "d=e"])
  #expect(arguments.has(.dryRun))
  #expect(arguments.count(.seed) == 0)
  #expect(arguments[.format] == "json")
  #expect(!arguments.wantsHelp)
  #expect(try parse("-h").wantsHelp)
  #expect(try parse("--help").wantsHelp)
}

@Test("an option that is not given is nil")
func absentOptions() throws {
  let arguments = try parse()
  #expect(arguments.configuration == "/etc/meterbridge/meterbridge.yaml")
  #expect(arguments[.format] == nil)
  #expect(arguments.all(.set) == [])
  #expect(!arguments.has(.dryRun))
}

private struct Misuse: Sendable, CustomTestStringConvertible {
  var words: [String]
  var message: String
  var testDescription: String { words.joined(separator: " ") }

  init(_ words: String..., says message: String) {
    self.words = words
    self.message = message
  }
}

private let misuses = [
  Misuse("--confg", "x", says: "unknown option --confg; did you mean --config?"),
  Misuse("--verbose", says: "unknown option --verbose"),
  Misuse("-d", "x", says: "unknown option -d"),
  Misuse("-c", says: "--config needs a value: --config FILE"),
  Misuse("--key=hunter2", says: "unknown option --key"),
  Misuse("--config", says: "--config needs a value: --config FILE"),
  Misuse("--config", "a", "--config", "b", says: "--config stands there twice"),
  Misuse("--dry-run=yes", says: "--dry-run takes no value"),
  Misuse("--format", "jsn", says: "--format is one of table, json; did you mean json?"),
  Misuse("--format", "xml", says: "--format is one of table, json"),
  Misuse("--protocol", "knx", says: "--protocol is one of mbus, p1, dlms, sml, d0, echonet, wmbus"),
  Misuse("--seed", "-1", says: "--seed needs a whole number"),
]

@Test("wrong use is explained", arguments: misuses)
private func misuse(misuse: Misuse) {
  #expect(throws: UsageError(misuse.message)) {
    try Arguments(misuse.words, options: [.config, .meterProtocol, .set, .format, .seed, .dryRun])
  }
}
