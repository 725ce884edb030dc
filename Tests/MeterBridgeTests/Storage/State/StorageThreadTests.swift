import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Platform

private struct SampleSection: StateSection {
  static let sectionName = "retained"
  var text: String
  func encoded() -> [UInt8] { Array("\"\(text)\"".utf8) }
}

private func instant(_ minutes: Int64) -> Instant { Instant(milliseconds: 0) + .minutes(minutes) }

/// A worker on a folder, and what it said.
private func worker(_ files: any FileSystem) -> (StorageWorker, Shared<[String]>) {
  let said = Shared<[String]>([])
  let worker = StorageWorker(
    log: DeadLetterLog(in: files),
    stateFile: StateFile(in: files)
  ) { _, text in said.change { $0.append(text) } }
  return (worker, said)
}

@Test("the state is written at most every quarter of an hour")
func quarterOfAnHour() throws {
  let folder = try TemporaryFolder()
  var (worker, said) = worker(folder.files)
  #expect(worker.due == nil)
  worker.state(SampleSection(text: "first"), isUrgent: false, at: instant(0))
  worker.work(at: instant(0))
  #expect(try folder.names().isEmpty)
  #expect(worker.due == instant(1))
  worker.state(SampleSection(text: "second"), isUrgent: false, at: instant(1))
  worker.work(at: instant(1))
  #expect(try folder.text("state.json").contains("second"))
  #expect(worker.due == nil)
  for minute in Int64(2)...15 {
    worker.state(SampleSection(text: "at \(minute)"), isUrgent: false, at: instant(minute))
    worker.work(at: instant(minute))
    #expect(try folder.text("state.json").contains("second"))
  }
  #expect(worker.due == instant(16))
  worker.work(at: instant(16))
  #expect(try folder.text("state.json").contains("at 15"))
  #expect(said.current.isEmpty)
}

@Test("an urgent state and the last one are written at once")
func urgentState() throws {
  let folder = try TemporaryFolder()
  var (worker, _) = worker(folder.files)
  worker.state(SampleSection(text: "urgent"), isUrgent: true, at: instant(0))
  worker.work(at: instant(0))
  #expect(try folder.text("state.json").contains("urgent"))
  worker.state(SampleSection(text: "last"), isUrgent: false, at: instant(1))
  worker.finish(at: instant(1))
  #expect(try folder.text("state.json").contains("last"))
}

@Test("urgent states are written at most every ten seconds")
func urgentStates() throws {
  let folder = try TemporaryFolder()
  var (worker, _) = worker(folder.files)
  let written = { try folder.text("state.json") }
  worker.state(SampleSection(text: "first"), isUrgent: true, at: instant(0))
  worker.work(at: instant(0))
  for second in Int64(1)...9 {
    let now = instant(0) + .seconds(second)
    worker.state(SampleSection(text: "at \(second)"), isUrgent: true, at: now)
    worker.work(at: now)
    #expect(try written().contains("first"))
    #expect(worker.due == instant(0) + .seconds(10))
  }
  worker.work(at: instant(0) + .seconds(10))
  #expect(try written().contains("at 9"))
  // One that waits anyway is not put off.
  worker.state(SampleSection(text: "last"), isUrgent: true, at: instant(0) + .seconds(11))
  worker.finish(at: instant(0) + .seconds(11))
  #expect(try written().contains("last"))
}

@Test("an unchanged state is not written")
func unchangedState() throws {
  let folder = try TemporaryFolder()
  var (worker, _) = worker(folder.files)
  worker.state(SampleSection(text: "same"), isUrgent: true, at: instant(0))
  worker.work(at: instant(0))
  try FileManager.default.removeItem(atPath: folder.path + "/state.json")
  worker.state(SampleSection(text: "same"), isUrgent: true, at: instant(1))
  worker.work(at: instant(1))
  #expect(try folder.names().isEmpty)
  #expect(worker.due == nil)
}

@Test("a full disk is reported once, and so is its end")
func fullDiskOfStorageThread() throws {
  let folder = try TemporaryFolder()
  let files = FailingFileSystem(folder.files, .forGood, at: 2)
  var (worker, said) = worker(files)
  let entries = sampleEntries(5)
  for entry in entries.prefix(3) { worker.deadLetter(entry) }
  #expect(worker.lost == 3)
  #expect(said.current.count == 1)
  #expect(said.current.first?.contains("No space left on device") == true)
  files.heal()
  for entry in entries.suffix(2) { worker.deadLetter(entry) }
  #expect(worker.written == 2)
  #expect(said.current.count == 2)
  #expect(said.current.last?.contains("3 were lost") == true)
}

@Test("a failed write is repeated each minute")
func retry() throws {
  let folder = try TemporaryFolder()
  // A directory where the file must go.
  try FileManager.default.createDirectory(atPath: folder.path + "/state.json", withIntermediateDirectories: false)
  var (worker, said) = worker(folder.files)
  worker.state(SampleSection(text: "new"), isUrgent: true, at: instant(0))
  worker.work(at: instant(0))
  #expect(said.current.count == 1)
  worker.state(SampleSection(text: "newer"), isUrgent: false, at: instant(0))
  #expect(worker.due == instant(1))
  worker.work(at: instant(1))
  #expect(said.current.count == 1)
  try FileManager.default.removeItem(atPath: folder.path + "/state.json")
  worker.work(at: instant(2))
  #expect(said.current.count == 2)
  #expect(try folder.text("state.json").contains("newer"))
  #expect(worker.due == nil)
}

@Test("the thread writes and answers")
func thread() throws {
  let folder = try TemporaryFolder()
  let inbox = try #require(Mailbox<StorageMessage>())
  let reports = try #require(Mailbox<StorageReport>())
  let status = Shared(StorageStatus())
  let log = DeadLetterLog(in: folder.files)
  let started = StorageThread.start(
    log: log, stateFile: StateFile(in: folder.files),
    journal: JournalPlace(in: folder.files), inbox: inbox,
    reports: reports, answer: { _ in true }, status: status
  ) { _, text in Issue.record("\(text)") }
  #expect(started)
  let entries = sampleEntries(10)
  for entry in entries { #expect(inbox.post(.deadLetter(entry))) }
  #expect(inbox.post(.state(SampleSection(text: "kept"), isUrgent: false)))
  #expect(
    eventually {
      let now = status.current
      return now.written == 10 && now.busySince == nil
    })
  #expect(try folder.names().filter { !$0.hasPrefix("journal") } == ["dead-letter.jsonl"])

  #expect(inbox.post(.stop))
  awaitBytes(at: reports.descriptor)
  #expect(reports.takeAll() == [.stopped])
  #expect(try readAll(log).entries == entries)
  #expect(try folder.text("state.json").contains("kept"))
}
