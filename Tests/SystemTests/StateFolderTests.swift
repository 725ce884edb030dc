import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Platform

/// The program, with a state directory that a test has prepared.
private struct Scene {
  let bridge: RunningBridge
  var state: String { bridge.path("state") }

  init() throws {
    bridge = try RunningBridge(try Broker(starts: false))
    try bridge.configure("  - {id: grid, protocol: p1, source: $/port}")
    try FileManager.default.createDirectory(atPath: bridge.path("state"), withIntermediateDirectories: false)
    try "precious".write(toFile: bridge.path("target"), atomically: true, encoding: .utf8)
  }

  /// Starts it; whether it refuses the folder, with these words and nothing done to the target.
  func isRefused(_ words: String, within: String = "") throws -> Bool {
    try bridge.run(within: within)
    let daemon = try #require(bridge.daemon)
    let hasEnded = eventually { daemon.hasEnded }
    #expect(hasEnded && daemon.exitStatus == 74, "\(bridge.log)")
    #expect(try String(contentsOfFile: bridge.path("target"), encoding: .utf8) == "precious")
    return bridge.log.contains(words)
  }
}

private let names = [
  "lock", "state.json", "dead-letter.jsonl", "dead-letter.jsonl.3", "dead-letter.replayed", "journal.sqlite",
  "journal.sqlite-wal",
]

@Test("a link, a second name or a pipe in the state directory is refused with the file's name", arguments: names)
func strangeFile(name: String) throws {
  let scene = try Scene()
  let path = "\(scene.state)/\(name)"
  unsafe try #require(symlink(scene.bridge.path("target"), path) == 0)
  #expect(try scene.isRefused("\(path): it is a symbolic link, which is not followed; put the file itself there\n"))
  unsafe try #require(unlink(path) == 0 && link(scene.bridge.path("target"), path) == 0)
  #expect(try scene.isRefused("\(path): it has another name too (a hard link); remove that one, or put a copy here\n"))
  unsafe try #require(unlink(path) == 0 && mkfifo(path, 0o600) == 0)
  #expect(try scene.isRefused("\(path): it is not a regular file; move it away\n"))
}

@Test("a state directory that others can write to is refused with the command that helps")
func laxFolder() throws {
  let scene = try Scene()
  for mode in [0o777, 0o1777, 0o770] as [mode_t] {
    unsafe chmod(scene.state, mode)
    let words = "\(scene.state): other users can write to it: `chmod go-w \(scene.state)`\n"
    #expect(try scene.isRefused(words))
    #expect(try scene.bridge.command("dead-letter", "list") == 74)
  }
}

private let nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups"

@Test("the folder of another user is refused, and a user's own is not", .enabled(if: geteuid() == 0))
func ownersOfFolder() throws {
  let scene = try Scene()
  unsafe chown(scene.state, 65_534, 65_534)
  #expect(try scene.isRefused("\(scene.state): it belongs to another user (65534): `chown 0 \(scene.state)`"))
  // Its owner may use it, with files that were lax.
  unsafe try #require(chown(scene.bridge.folder.path, 65_534, 65_534) == 0)
  try "{\n}\n".write(toFile: "\(scene.state)/state.json", atomically: true, encoding: .utf8)
  unsafe try #require(chown("\(scene.state)/state.json", 65_534, 65_534) == 0)
  // Root may look into it.
  #expect(try scene.bridge.command("dead-letter", "list") == 0)
  try FileManager.default.removeItem(atPath: scene.bridge.path("log"))
  try scene.bridge.run(within: nobody)
  let daemon = try #require(scene.bridge.daemon)
  #expect(eventually { daemon.isBlocking(SIGTERM) })
  scene.bridge.end()
  var status = stat()
  #expect(unsafe stat("\(scene.state)/state.json", &status) == 0 && status.st_mode & 0o777 == 0o600)
}

@Test("a folder that others could write to is refused to every user", .enabled(if: geteuid() == 0))
func laxFolderOfRoot() throws {
  let scene = try Scene()
  unsafe chmod(scene.state, 0o777)
  #expect(try scene.isRefused("other users can write to it", within: nobody))
}
