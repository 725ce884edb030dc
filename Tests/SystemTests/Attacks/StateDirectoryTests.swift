import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Platform

/// What another user of the machine may have put into the state directory, or made of it.
private enum Trap: String, Sendable, CaseIterable, CustomTestStringConvertible {
  case linkedLetters = "dead-letter.jsonl is a link"
  case linkedState = "state.json is a link"
  case linkedLock = "lock is a link"
  case linkedJournal = "journal.sqlite is a link"
  case hardLink = "dead-letter.jsonl has a second name"
  case pipe = "state.json is a FIFO"
  case pipeOfLetters = "dead-letter.jsonl is a FIFO"
  case open = "others may write into the directory"

  var testDescription: String { rawValue }

  /// The file that the log must name; nil for the directory.
  var file: String? {
    switch self {
    case .linkedLetters, .hardLink, .pipeOfLetters: "dead-letter.jsonl"
    case .linkedState, .pipe: "state.json"
    case .linkedLock: "lock"
    case .linkedJournal: "journal.sqlite"
    case .open: nil
    }
  }

  func set(_ state: String, target: String) {
    let place = file.map { "\(state)/\($0)" } ?? state
    switch self {
    case .linkedLetters, .linkedState, .linkedLock, .linkedJournal: unsafe symlink(target, place)
    case .hardLink: unsafe link(target, place)
    case .pipe, .pipeOfLetters: unsafe mkfifo(place, 0o600)
    case .open: unsafe chmod(state, 0o777)
    }
  }
}

/// A bridge whose state directory is there before it.
private func scene() throws -> (broker: Broker, bridge: RunningBridge, target: String) {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  // A letter at the first telegram.
  let meter = "  - {id: grid, protocol: p1, source: 'file:$/telegrams'}"
  try Data(Array("/XYZ5TEST\r\n\r\n!0000\r\n".utf8)).write(to: URL(filePath: bridge.path("telegrams")))
  try bridge.configure(meter)
  try FileManager.default.createDirectory(
    atPath: bridge.path("state"), withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
  let target = bridge.path("target")
  try "precious\n".write(toFile: target, atomically: false, encoding: .utf8)
  return (broker, bridge, target)
}

@Suite struct StateDirectoryTests {
  @Test("what others have put into the state directory is not followed, and is named", arguments: Trap.allCases)
  fileprivate func trapsInStateDirectory(_ trap: Trap) throws {
    let (_, bridge, target) = try scene()
    trap.set(bridge.path("state"), target: target)
    try bridge.run()
    let daemon = try #require(bridge.daemon)
    #expect(eventually { bridge.log.contains(trap.file ?? bridge.path("state")) }, "\(bridge.log)")
    usleep(300_000)
    // Whether it has refused to start or goes on without that file, it hears the order to end.
    kill(daemon.id, SIGTERM)
    let start = Clock.now()
    let hasEnded = eventually { daemon.hasEnded }
    if !hasEnded { daemon.end(SIGKILL) }
    #expect(hasEnded, "deaf to SIGTERM")
    #expect(Clock.now() - start < promised(.seconds(2)))
    #expect(try String(contentsOfFile: target, encoding: .utf8) == "precious\n")
  }

  @Test("a link in the place of the next state file is not followed") func linkForNextStateFile() throws {
    let (broker, bridge, target) = try scene()
    let witness = try Witness(broker)
    unsafe symlink(target, bridge.path("state/state.json.new"))
    try bridge.run()
    #expect(eventually { witness.last("meterbridge/bridge/state") == "online" })
    bridge.end()
    #expect(try String(contentsOfFile: target, encoding: .utf8) == "precious\n")
    var status = stat()
    #expect(unsafe lstat(bridge.path("state/state.json"), &status) == 0 && status.st_mode & S_IFMT == S_IFREG)
  }

  @Test("files that others could read are closed to them") func modesOfStateFiles() throws {
    let (_, bridge, _) = try scene()
    for name in ["dead-letter.jsonl", "state.json", "lock"] {
      try Data().write(to: URL(filePath: bridge.path("state/\(name)")))
      unsafe chmod(bridge.path("state/\(name)"), 0o666)
    }
    try bridge.run()
    #expect(eventually { !bridge.deadLetters.isEmpty }, "\(bridge.log)")
    bridge.end()
    for name in try FileManager.default.contentsOfDirectory(atPath: bridge.path("state")) {
      var status = stat()
      try #require(unsafe stat(bridge.path("state/\(name)"), &status) == 0)
      #expect(status.st_mode & 0o777 == 0o600, "\(name)")
    }
  }
}
