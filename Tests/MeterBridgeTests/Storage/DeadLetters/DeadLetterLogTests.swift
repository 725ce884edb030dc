import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform

@Test("only the owner can read the log")
func ownership() throws {
  let folder = try TemporaryFolder()
  let log = try DeadLetterLog(in: Folder(making: folder.path + "/state/meterbridge"))
  try log.append(sampleEntries(1)[0])
  #expect(try folder.mode("state") == 0o700)
  #expect(try folder.mode("state/meterbridge") == 0o700)
  #expect(try folder.mode("state/meterbridge/dead-letter.jsonl") == 0o600)
}

@Test("the log is rotated and bounded")
func rotation() throws {
  let folder = try TemporaryFolder()
  let entries = sampleEntries(100)
  let log = DeadLetterLog(in: folder.files, totalBytes: 4000)
  for entry in entries {
    try log.append(entry)
    let sizes = try folder.names().map { try folder.bytes($0).count }
    #expect(sizes.allSatisfy { $0 <= 1000 })
  }
  let names = ["dead-letter.jsonl", "dead-letter.jsonl.1", "dead-letter.jsonl.2", "dead-letter.jsonl.3"]
  #expect(try folder.names() == names)
  let kept = try readAll(log)
  #expect(kept.damaged.isEmpty)
  #expect(kept.entries == Array(entries.suffix(kept.entries.count)))
  // Three full files and at least one letter in the newest.
  #expect(kept.entries.count > 3 * (1000 / entries[99].line().count))
  #expect(log.newestID() == entries[99].id)
}

@Test("an interrupted rotation is completed")
func interruptedRotation() throws {
  let folder = try TemporaryFolder()
  let log = DeadLetterLog(in: folder.files, totalBytes: 4000)
  for entry in sampleEntries(12) { try log.append(entry) }
  let before = try readAll(log).entries
  // As a power cut leaves it after the first of two renames.
  #expect(try folder.names().count == 3)
  try log.files.rename(DeadLetterLog.name(2), to: DeadLetterLog.name(3))
  try log.files.rename(DeadLetterLog.name(1), to: DeadLetterLog.name(2))
  for entry in sampleEntries(4, after: before.last?.id) { try log.append(entry) }
  let after = try readAll(log).entries
  #expect(Array(after.prefix(before.count)) == before)
  #expect(after.count == before.count + 4)
}

@Test("half a line stays alone and is reported")
func halfLine() throws {
  let folder = try TemporaryFolder()
  let log = DeadLetterLog(in: folder.files)
  let entries = sampleEntries(4)
  try log.append(entries[0])
  let whole = try folder.bytes("dead-letter.jsonl")
  for tail in [Array(entries[1].line().dropLast(20)), [UInt8](repeating: 0, count: 5000), Array("{".utf8)] {
    try Data(whole + tail).write(to: URL(filePath: log.path(0)))
    #expect(log.newestID() == entries[0].id)
    try log.append(entries[2])
    try log.append(entries[3])
    let lines = try readAll(log)
    #expect(lines.entries == [entries[0], entries[2], entries[3]])
    #expect(lines.damaged == ["dead-letter.jsonl:2"])
  }
}

@Test("a line that is longer than any letter is skipped")
func longLine() throws {
  let folder = try TemporaryFolder()
  let log = DeadLetterLog(in: folder.files)
  let entries = sampleEntries(2)
  let long = [UInt8](repeating: 0x7B, count: 1_000_000)
  try Data(entries[0].line() + [0x0A] + long + [0x0A] + entries[1].line()).write(to: URL(filePath: log.path(0)))
  let lines = try readAll(log)
  #expect(lines.entries == entries)
  #expect(lines.damaged == ["dead-letter.jsonl:3"])
}

@Test("a rotation during reading hides nothing")
func rotationWhileReading() throws {
  let folder = try TemporaryFolder()
  let log = DeadLetterLog(in: folder.files, totalBytes: 4000)
  let entries = sampleEntries(12)
  for entry in entries { try log.append(entry) }
  let reader = try DeadLetterReader(log)
  var messages: [String] = []
  for entry in sampleEntries(8, after: entries.last?.id) { try log.append(entry) }
  while case .entry(let entry)? = try reader.next() { messages.append(entry.letter.message) }
  #expect(messages == entries.map(\.letter.message))
}

@Test("a missing log is an empty one")
func missingLog() throws {
  let folder = try TemporaryFolder()
  let log = try DeadLetterLog(in: Folder(making: folder.path + "/none"))
  #expect(try readAll(log).entries.isEmpty)
  #expect(log.newestID() == nil)
}

/// Every call that a disk can refuse, refused once: what was reported as written is there, in order and once, and nothing
/// but a half line that could not be taken back is damaged.
@Test("the log stays whole, whichever call fails", arguments: FailingFileSystem.Fault.allCases)
func whicheverCallFailsTheLogStaysWhole(fault: FailingFileSystem.Fault) throws {
  let entries = sampleEntries(16)
  var number = 0
  while true {
    number += 1
    let folder = try TemporaryFolder()
    let files = FailingFileSystem(try Folder(making: folder.path + "/state"), fault, at: number)
    let failing = DeadLetterLog(in: files, totalBytes: 4000)
    let written = entries.prefix(15).filter { (try? failing.append($0)) != nil }
    let log = try DeadLetterLog(in: Folder(making: folder.path + "/state"), totalBytes: 4000)
    try log.append(entries[15])
    let lines = try readAll(log)
    #expect(lines.damaged.count <= (fault == .halfWritten ? 1 : 0), "call \(number)")
    #expect(lines.entries == written + [entries[15]], "call \(number)")
    #expect(fault != .once || written.count >= 14, "call \(number)")
    if files.calls < number { break }
  }
  // A file is made, written, rotated: far more than these have been tried.
  #expect(number > 30)
}

@Test("a full disk leaves no half line")
func fullDisk() throws {
  let folder = try TemporaryFolder()
  let files = FailingFileSystem(folder.files, .once, at: 2)
  #expect(throws: Errno(ENOSPC)) { try DeadLetterLog(in: files).append(sampleEntries(1)[0]) }
  #expect(try folder.bytes("dead-letter.jsonl").isEmpty)
}

@Test("a file at the size limit keeps its whole lines")
func sizeLimit() async throws {
  await #expect(processExitsWith: .exitCode(7)) {
    let folder = try TemporaryFolder()
    let log = DeadLetterLog(in: folder.files)
    signal(SIGXFSZ, SIG_IGN)
    var limit = rlimit(rlim_cur: 1000, rlim_max: .max)
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    let entries = sampleEntries(20)
    let written = entries.filter { (try? log.append($0)) != nil }
    try #require(written.count < 20)
    let lines = try readAll(log)
    try #require(lines.damaged.isEmpty)
    try #require(lines.entries == written)
    // Room again: the next letter is written as if nothing had been.
    limit.rlim_cur = .max
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
    try log.append(sampleEntries(1, after: entries[19].id)[0])
    try #require(readAll(log).entries.count == written.count + 1)
    // The folder's end of life does not come with `exit`.
    try FileManager.default.removeItem(atPath: folder.path)
    exit(7)
  }
}

/// The kernel ends a write at a page's end where the process is killed meanwhile: that letter alone is half there.
@Test("a kill at any moment costs only the letter under way")
func aKillAtAnyMomentCostsNoLetterButTheOneUnderWay() async throws {
  let folder = try TemporaryFolder()
  let path = folder.path
  var newest: DeadLetterID?
  for kills in 1...5 {
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let log = try DeadLetterLog(in: Folder(making: path), totalBytes: 40_000)
      var numbering = DeadLetterNumbering(after: log.newestID())
      // One letter for certain, however slow the machine is.
      try log.append(DeadLetterEntry(id: numbering.next(at: WallTime(milliseconds: 0)), letter: sampleLetter()))
      _ = Thread.start {
        // At any moment, in the middle of a line too.
        usleep(.random(in: 1000...20_000))
        kill(getpid(), SIGKILL)
      }
      while true {
        try log.append(DeadLetterEntry(id: numbering.next(at: WallTime(milliseconds: 0)), letter: sampleLetter()))
      }
    }
    let log = try DeadLetterLog(in: Folder(making: path), totalBytes: 40_000)
    let lines = try readAll(log)
    #expect(lines.damaged.count <= kills)
    let ids = lines.entries.map(\.id)
    #expect(ids == ids.sorted())
    #expect(Set(ids).count == ids.count)
    #expect(zip(ids, ids.dropFirst()).allSatisfy { DeadLetterNumbering(after: $0).following == $1 })
    #expect(newest.map { ids.last ?? $0 > $0 } ?? !ids.isEmpty)
    newest = ids.last
  }
}

extension DeadLetterNumbering {
  fileprivate var following: DeadLetterID {
    var copy = self
    return copy.next(at: WallTime(milliseconds: 0))
  }
}
