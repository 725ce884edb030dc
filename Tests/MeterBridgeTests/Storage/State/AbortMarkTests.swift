import Testing
import TestSupport

@testable import MeterBridge
@testable import Platform

/// The file after these runs, each of which ends in one way.
private enum Ending { case abort, clean, kill }

private func start(after endings: [Ending]) throws -> AbortMark {
  let folder = try TemporaryFolder()
  for ending in endings {
    let mark = AbortMark(in: folder.files)
    switch ending {
    case .abort: try folder.files.writeAll([AbortWatch.mark], to: #require(mark.file))
    case .clean: mark.clear()
    case .kill: break
    }
  }
  return AbortMark(in: folder.files)
}

@Test("the start after an assertion says so, and the second one avoids MQTT 5 until a clean end")
func startAfterAborts() throws {
  func mark(_ endings: Ending...) throws -> AbortMark { try start(after: endings) }
  let none = try mark()
  #expect(none.count == 0 && none.warning == nil && !none.avoidsFive)
  let one = try mark(.abort)
  #expect(one.isNew && one.warning?.contains("the last run did not end well") == true && !one.avoidsFive)
  let two = try mark(.abort, .abort)
  #expect(two.avoidsFive && two.warning?.contains("this run speaks MQTT 3.1.1") == true)
  #expect(try mark(.abort, .abort, .abort, .abort).count == 2)
  // A power cut is not an assertion.
  #expect(try mark(.kill).warning == nil)
  let later = try mark(.abort, .kill)
  #expect(later.count == 1 && later.warning == nil)
  let stays = try mark(.abort, .abort, .kill, .kill)
  #expect(stays.avoidsFive && stays.warning?.hasPrefix("earlier runs") == true)
  #expect(try mark(.abort, .abort, .clean).warning == nil)
}

@Test("a usual run writes nothing to the file of aborts")
func usualRunWritesNothing() throws {
  let folder = try TemporaryFolder()
  for _ in 0..<3 { AbortMark(in: folder.files).clear() }
  #expect(try folder.files.contents(of: AbortMark.name, limit: 10) == [])
}
