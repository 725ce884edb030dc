import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform

private struct Words: Sendable, CustomTestStringConvertible {
  var words: String
  var meter: String?
  var isDry = false
  var action: DeadLetterCommand.Action?
  /// What is said about wrong words.
  var complaint: String?
  var testDescription: String { words }
}

private let vectors = [
  Words(words: "list", action: .list(meter: nil)),
  Words(words: "list", meter: "heat", action: .list(meter: "heat")),
  Words(words: "show 0hk3", action: .show("0hk3")),
  Words(words: "show 99", action: .show("99")),
  Words(words: "replay", action: .replay(meter: nil, isDry: false)),
  Words(words: "replay", meter: "heat", isDry: true, action: .replay(meter: "heat", isDry: true)),
  Words(words: "", complaint: "say list, show ID or replay"),
  Words(words: "list heat", complaint: "unexpected heat"),
  Words(words: "list", isDry: true, complaint: "--dry-run goes with replay only"),
  Words(words: "show x", meter: "heat", complaint: "--meter goes with list and replay only"),
  Words(words: "show", complaint: "show needs the ID of a letter, or its beginning"),
  Words(words: "show 0hk3vk2a1s0 0hk3vk2a1s1", complaint: "unexpected 0hk3vk2a1s1"),
  Words(words: "lst", complaint: "unknown dead-letter lst; did you mean `list`?"),
  Words(words: "delete", complaint: "unknown dead-letter delete: say list, show ID or replay"),
]

@Test("the words of the command are understood or refused", arguments: vectors)
private func words(vector: Words) {
  let words = vector.words.split(separator: " ").map(String.init)
  do throws(UsageError) {
    #expect(try DeadLetterCommand.action(words, meter: vector.meter, isDry: vector.isDry) == vector.action)
  } catch {
    #expect(error.message == vector.complaint)
  }
}

/// What a command said, and how it ended.
private func run(
  _ action: DeadLetterCommand.Action, _ folder: TemporaryFolder
) -> (status: Int32, lines: [String], complaints: [String]) {
  var configuration = Configuration()
  configuration.stateDirectory = folder.path
  let lines = Shared<[String]>([])
  let complaints = Shared<[String]>([])
  let command = DeadLetterCommand(
    configuration: configuration, write: { line in lines.change { $0.append(line) } },
    complain: { line in complaints.change { $0.append(line) } })
  let status = command.run(action)
  return (status, lines.current, complaints.current)
}

@Test("the list ends with the newest letter")
func listOrder() throws {
  let folder = try TemporaryFolder()
  let log = DeadLetterLog(in: folder.files)
  var entries = sampleEntries(3)
  entries[1].letter.meter = "grid"
  entries[2].letter.message = "a\u{1B}[31mred\u{202E}"
  for entry in entries { try log.append(entry) }
  let all = run(.list(meter: nil), folder)
  #expect(all.status == EX_OK)
  #expect(all.complaints.isEmpty)
  #expect(all.lines.count == 4)
  #expect(all.lines[0].hasPrefix("ID "))
  #expect(all.lines[1].hasPrefix("\(entries[0].id)  \(entries[0].letter.time)  heat   framing  checksum_mismatch"))
  #expect(all.lines[3].hasSuffix("  a·[31mred·"))
  let some = run(.list(meter: "grid"), folder)
  #expect(some.lines.count == 2)
  #expect(some.lines.last?.contains("  grid   ") == true)
}

@Test("the columns of the list are as wide as what is in them")
func listColumns() throws {
  let folder = try TemporaryFolder()
  let log = DeadLetterLog(in: folder.files)
  var entries = sampleEntries(3)
  entries[1].letter.meter = "a_meter_with_a_long_name"
  entries[2].letter.code = "a_code_that_no_version_has_had_so_far"
  for entry in entries { try log.append(entry) }
  let lines = run(.list(meter: nil), folder).lines.map(Array.init)
  for column in ["METER", "STAGE", "CODE", "MESSAGE"] {
    let header = String(lines[0])
    let place = try #require(header.firstRange(of: column)).lowerBound.utf16Offset(in: header)
    for line in lines { #expect(line[place - 2] == " " && line[place - 1] == " " && line[place] != " ") }
  }
}

@Test("the list says how often a letter came again")
func listOfRepeats() throws {
  let folder = try TemporaryFolder()
  let log = DeadLetterLog(in: folder.files)
  var entries = sampleEntries(2)
  entries[1].letter.bytes = []
  entries[1].repeats = DeadLetterEntry.Repeats(
    original: entries[0].id, count: 59, first: WallTime(milliseconds: 1_795_172_401_250))
  for entry in entries { try log.append(entry) }
  let first = WallTime(milliseconds: 1_795_172_401_250)
  let last = run(.list(meter: nil), folder).lines.last
  #expect(last?.hasSuffix("  2 (59 more like \(entries[0].id) since \(first))") == true)
  #expect(run(.show("\(entries[1].id)"), folder).lines.contains("repeated  59"))
}

@Test("an empty list names the folder")
func emptyList() throws {
  let folder = try TemporaryFolder()
  try folder.write("", to: "lock")
  let result = run(.list(meter: nil), folder)
  #expect(result.status == EX_OK)
  #expect(result.lines.isEmpty)
  #expect(result.complaints == ["no dead letters in \(folder.path)"])
}

@Test("a folder that no daemon has used is an error, and not an empty list")
func unusedFolder() throws {
  let folder = try TemporaryFolder()
  for action in [.list(meter: nil), .show("0"), .replay(meter: nil, isDry: true)] as [DeadLetterCommand.Action] {
    let empty = run(action, folder)
    #expect(empty.status == EX_NOINPUT)
    #expect(empty.complaints == [StateDirectory.unused(folder.path)])
  }
  var configuration = Configuration()
  configuration.stateDirectory = folder.path + "/missing"
  let command = DeadLetterCommand(configuration: configuration, write: { _ in }, complain: { _ in })
  #expect(command.run(.list(meter: nil)) == EX_NOINPUT)
}

@Test("root beside the service looks into the service's folder")
func folderOfService() throws {
  let folder = try TemporaryFolder()
  func found(
    configuration: String = Program.defaultConfiguration, _ variables: [String: String] = [:], user: UInt32 = 0,
    service: String? = nil
  ) -> String? {
    StateDirectory.besideService(
      configuration: configuration, environment: Environment(variables), user: user, service: service ?? folder.path)
  }
  #expect(found() == folder.path)
  #expect(found(user: 1000) == nil)
  #expect(found(configuration: "/home/me/meterbridge.yaml") == nil)
  #expect(found(["STATE_DIRECTORY": "/srv/m"]) == nil)
  #expect(found(service: folder.path + "/missing") == nil)
  // As with DynamicUser=.
  try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: folder.path)
  #expect(found(service: folder.path + "/link") == folder.path + "/link")
}

@Test("a damaged line is named, and the other letters are listed")
func damagedLine() throws {
  let folder = try TemporaryFolder()
  let log = DeadLetterLog(in: folder.files)
  let entries = sampleEntries(2)
  for entry in entries { try log.append(entry) }
  try Data(entries[0].line().dropLast(9) + [0x0A] + entries[1].line()).write(to: URL(filePath: log.path(0)))
  let result = run(.list(meter: nil), folder)
  #expect(result.lines.count == 2)
  #expect(result.complaints == ["dead-letter.jsonl:1: a damaged line was skipped"])
}

@Test("a letter is shown with its bytes")
func shownLetter() throws {
  let folder = try TemporaryFolder()
  var entry = sampleEntries(1)[0]
  entry.letter.bytes = Array("/ISK5\\2M550T-1012".utf8) + [0x0D, 0x0A]
  entry.letter.subject = .init(field: "energy_import", value: "0", last: "1.5")
  try DeadLetterLog(in: folder.files).append(entry)
  let result = run(.show("\(entry.id)"), folder)
  #expect(result.status == EX_OK)
  #expect(result.lines.contains("code      checksum_mismatch"))
  #expect(result.lines.contains("offset    21"))
  #expect(result.lines.contains("last      1.5"))
  #expect(result.lines.contains("bytes     19"))
  let dump = [
    "0000  2F 49 53 4B 35 5C 32 4D 35 35 30 54 2D 31 30 31  /ISK5\\2M550T-101",
    "0010  32 0D 0A                                         2..",
  ]
  #expect(Array(result.lines.suffix(2)) == dump)
}

@Test("a letter that does not exist ends the command with NOINPUT")
func missingLetter() throws {
  let folder = try TemporaryFolder()
  try folder.write("", to: "lock")
  for name in ["0hk3vk2a1s0", "99"] {
    let result = run(.show(name), folder)
    #expect(result.status == EX_NOINPUT)
    #expect(result.complaints == ["no dead letter \(name) in \(folder.path)"])
  }
}

@Test("a beginning that is not unique lists the letters that it fits")
func beginnings() throws {
  let folder = try TemporaryFolder()
  let log = DeadLetterLog(in: folder.files)
  let entries = sampleEntries(25)
  for entry in entries { try log.append(entry) }
  let ids = entries.map { "\($0.id)" }
  let beginnings = (1...11).map { String(ids[3].prefix($0)) }
  let unique = try #require(beginnings.first { start in ids.count { $0.hasPrefix(start) } == 1 })
  let one = run(.show(unique.uppercased()), folder)
  #expect(one.status == EX_OK)
  #expect(one.lines.first == "id        \(ids[3])")
  let many = run(.show("0"), folder)
  #expect(many.status == EX_USAGE)
  #expect(many.lines.isEmpty)
  #expect(many.complaints.first == "0 is the beginning of 25 dead letters:")
  #expect(many.complaints.count == 22 && many.complaints.last == "  … and 5 more")
  #expect(many.complaints[1].hasPrefix("  \(ids[0])  "))
}

// MARK: - What has been replayed

@Test("replayed letters are remembered at once")
func remembered() throws {
  let folder = try TemporaryFolder()
  let ids = sampleEntries(3).map(\.id)
  var letters = try ReplayedLetters(in: folder.files)
  #expect(letters.ids.isEmpty)
  for id in ids { try letters.remember(id) }
  #expect(try folder.text("dead-letter.replayed") == ids.map { "\($0)\n" }.joined())
  #expect(try folder.mode("dead-letter.replayed") == 0o600)
  var again = try ReplayedLetters(in: folder.files)
  #expect(again.ids == Set(ids))
  try again.keep(only: Set(ids.suffix(1)))
  #expect(try folder.text("dead-letter.replayed") == "\(ids[2])\n")
}

@Test("half an id is not an id")
func halfID() throws {
  let folder = try TemporaryFolder()
  let ids = sampleEntries(2).map(\.id)
  try folder.write("\(ids[0])\n\("\(ids[1])".prefix(5))", to: "dead-letter.replayed")
  var letters = try ReplayedLetters(in: folder.files)
  #expect(letters.ids == [ids[0]])
  try letters.remember(ids[1])
  #expect(try ReplayedLetters(in: folder.files).ids == Set(ids))
}

@Test("remembered letters stay remembered, whichever call fails", arguments: FailingFileSystem.Fault.allCases)
func failingCallsOfReplay(fault: FailingFileSystem.Fault) throws {
  let ids = sampleEntries(5).map(\.id)
  var number = 0
  while true {
    number += 1
    let folder = try TemporaryFolder()
    let files = FailingFileSystem(folder.files, fault, at: number)
    var letters = try ReplayedLetters(in: files)
    let remembered = ids.filter { (try? letters.remember($0)) != nil }
    try? letters.keep(only: Set(ids))
    let found = try ReplayedLetters(in: folder.files).ids
    #expect(found.isSuperset(of: remembered), "call \(number)")
    #expect(found.isSubset(of: ids), "call \(number)")
    var next = try ReplayedLetters(in: folder.files)
    try next.remember(ids[4])
    #expect(try ReplayedLetters(in: folder.files).ids == found.union([ids[4]]))
    if files.calls < number { break }
  }
  #expect(number > 10)
}
