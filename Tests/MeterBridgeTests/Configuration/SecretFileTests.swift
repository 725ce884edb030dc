import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Publishing

private struct Access: Sendable, CustomTestStringConvertible {
  var mode: mode_t
  var owner: uid_t
  var reader: uid_t
  var advice: String?
  var testDescription: String { "\(String(mode, radix: 8)) of \(owner) for \(reader)" }
}

private let accesses = [
  Access(mode: 0o600, owner: 1000, reader: 1000),
  Access(mode: 0o400, owner: 1000, reader: 1000),
  Access(mode: 0o640, owner: 1000, reader: 1000, advice: "chmod 600 key"),
  Access(mode: 0o644, owner: 1000, reader: 1000, advice: "chmod o-rwx key"),
  // The service of the README, and what `sudo meterbridge check` sees of it.
  Access(mode: 0o640, owner: 0, reader: 61_184),
  Access(mode: 0o640, owner: 0, reader: 0),
  Access(mode: 0o644, owner: 0, reader: 0, advice: "chmod o-rwx key"),
  Access(mode: 0o604, owner: 0, reader: 61_184, advice: "chmod o-rwx key"),
  // What systemd makes of LoadCredential=.
  Access(mode: 0o440, owner: 0, reader: 61_184),
]

@Test("the mode of the file decides whether a secret is accepted", arguments: accesses)
private func access(access: Access) {
  let exposure = SecretFile.exposure(of: "key", mode: access.mode, owner: access.owner, reader: access.reader)
  #expect(exposure.map { $0.contains("`\(access.advice ?? "nothing")`") } == access.advice.map { _ in true })
}

@Test(
  "who else may write a file decides whether it is warned about",
  arguments: [
    (0o600, 5, false), (0o644, 5, false), (0o664, 1000, false), (0o664, 0, false), (0o664, 5, true),
    (0o646, 1000, true),
  ] as [(mode_t, gid_t, Bool)])
private func writableFile(mode: mode_t, group: gid_t, isOpen: Bool) {
  #expect(WritableFile.isOpen(mode: mode, group: group, ownGroup: 1000) == isOpen)
}

@Test("files that others can change are warned about, with their places")
func writableFiles() throws {
  let folder = try TemporaryFolder()
  try "hidden\n".write(toFile: folder.path + "/password", atomically: true, encoding: .utf8)
  try "me\n".write(toFile: folder.path + "/name", atomically: true, encoding: .utf8)
  unsafe chmod(folder.path + "/password", 0o600)
  #expect(try configuration(folder).warnings.isEmpty)
  let path = folder.path + "/meterbridge.yaml"
  try "mqtt: {username: !file name, password: !file password, tls: {ca_file: name}}\n\(rightMeter)".write(
    toFile: path, atomically: true, encoding: .utf8)
  unsafe chmod(folder.path + "/name", 0o666)
  unsafe chmod(path, 0o666)
  let warnings = try Configuration.read(path: path, environment: [:]).warnings
  try #require(warnings.count == 3, "\(warnings)")
  #expect(warnings[0] == "\(path): other users of this machine can change this configuration: `chmod go-w \(path)`")
  #expect(warnings[1].hasPrefix("\(path):1:18: ") && warnings[1].hasSuffix("`chmod go-w \(folder.path)/name`"))
  #expect(warnings[2].hasPrefix("\(path):1:71: "))
  // A folder in which all may write lets them put another file there, unless it is like /tmp.
  for file in [path, folder.path + "/name"] { unsafe chmod(file, 0o644) }
  unsafe chmod(folder.path, 0o777)
  #expect(try Configuration.read(path: path, environment: [:]).warnings.allSatisfy { $0.hasSuffix("\(folder.path)`") })
  unsafe chmod(folder.path, 0o1777)
  #expect(try Configuration.read(path: path, environment: [:]).warnings.isEmpty)
}

@Test(
  "a password that leaves the machine unencrypted is warned about",
  arguments: [
    ("broker.lan", "", true), ("192.168.1.5", "", true), ("broker.lan", ", tls: {}", false), ("localhost", "", false),
    ("127.0.0.1", "", false), ("::1", "", false), ("mqtt.localhost", "", false),
  ] as [(String, String, Bool)])
func plainPassword(host: String, more: String, isTold: Bool) throws {
  let text = "mqtt: {host: '\(host)', username: a, password: hidden\(more)}\n\(rightMeter)"
  let warnings = try Configuration.parse(Array(text.utf8), path: "m.yaml", environment: [:]).warnings
  #expect(warnings.isEmpty != isTold)
  #expect(warnings.allSatisfy { $0.contains("the password goes to \(host) unencrypted") && !$0.contains("hidden") })
}

private func configuration(_ folder: TemporaryFolder, _ extra: String = "") throws -> Configuration {
  let path = folder.path + "/meterbridge.yaml"
  try """
  mqtt: {username: a, password: !file password}
  meters:
    - {id: grid, protocol: p1, source: /dev/ttyUSB0}
  \(extra)
  """.write(toFile: path, atomically: true, encoding: .utf8)
  return try Configuration.read(path: path, environment: [:])
}

@Test("a password that everyone can read is refused, unless a setting allows it")
func readablePassword() throws {
  let folder = try TemporaryFolder()
  try "hidden\n".write(toFile: folder.path + "/password", atomically: true, encoding: .utf8)
  unsafe chmod(folder.path + "/password", 0o644)
  do {
    _ = try configuration(folder)
    Issue.record("it was read")
  } catch let error as ConfigurationError {
    #expect(error.lines.count == 1 && error.lines[0].contains("meterbridge.yaml:1:31: `password` is not secret"))
    #expect(error.lines[0].contains("`chmod o-rwx \(folder.path)/password`"))
  }
  #expect(try configuration(folder, "allow_readable_secrets: true").mqtt.password == Secret("hidden"))
  unsafe chmod(folder.path + "/password", 0o600)
  #expect(try configuration(folder).mqtt.password == Secret("hidden"))
}

@Test("a secret in a configuration that everyone can read is warned about")
func readableConfiguration() throws {
  let text = Array("mqtt: {username: a, password: b}\nmeters:\n  - {id: g, protocol: p1, source: /dev/ttyUSB0}\n".utf8)
  func warnings(_ extra: String = "", exposure: String?) throws -> [String] {
    try Configuration.parse(text + Array(extra.utf8), path: "m.yaml", environment: [:], exposure: exposure).warnings
  }
  #expect(try warnings(exposure: nil).isEmpty)
  #expect(try warnings(exposure: "…").first?.hasPrefix("m.yaml:1:31: a secret stands in this file") == true)
  #expect(try warnings("allow_readable_secrets: true\n", exposure: "…").isEmpty)
}

@Test("an address with a password is a secret too", arguments: ["http://u:p@host/x", "https://host/x?token=1"])
func addressWithPassword(address: String) throws {
  let text = Array("meters:\n  - {id: g, protocol: p1, source: \"\(address)\"}\n".utf8)
  func warnings(_ extra: String = "") throws -> [String] {
    try Configuration.parse(text + Array(extra.utf8), path: "m.yaml", environment: [:], exposure: "…").warnings
  }
  #expect(try warnings().first?.hasPrefix("m.yaml:2:35: a secret stands in this file") == true)
  #expect(try warnings("allow_readable_secrets: true\n").isEmpty)
  let folder = try TemporaryFolder()
  try folder.write(address, to: "address")
  func read() throws -> Configuration {
    let text = Array("meters:\n  - {id: g, protocol: p1, source: !file address}\n".utf8)
    return try Configuration.parse(text, path: folder.path + "/m.yaml", environment: [:])
  }
  #expect(try read().meters.count == 1)
  unsafe chmod(folder.path + "/address", 0o644)
  #expect(throws: ConfigurationError.self) { try read() }
}

@Test("everyone may read an address without a secret")
func addressWithoutSecret() throws {
  let text = Array("meters:\n  - {id: g, protocol: p1, source: \"http://host/x\"}\n".utf8)
  #expect(try Configuration.parse(text, path: "m.yaml", environment: [:], exposure: "…").warnings.isEmpty)
}

@Test(
  "a password in a wrong address is not shown",
  arguments: ["user:hidden@host/x", "http:/user:hidden@host/x", "htp://user:hidden@host/x?hidden", "://hidden@h"])
func mistakenAddress(address: String) {
  #expect(!SettingReader.quoted(address).contains("hidden"))
}

@Test("only one daemon has the state directory")
func stateLock() throws {
  let folder = try TemporaryFolder()
  let first = try StateLock(in: folder.files)
  #expect(throws: StateLock.Taken.self) { try StateLock(in: folder.files) }
  first.release()
  let second = try StateLock(in: folder.files)
  #expect(second.trouble == nil)
  second.release()
}

@Test("a directory that cannot be locked is used, with a warning")
func unlockableDirectory() throws {
  let folder = try TemporaryFolder()
  try FileManager.default.createDirectory(atPath: folder.path("lock"), withIntermediateDirectories: false)
  let lock = try StateLock(in: folder.files)
  #expect(lock.trouble?.contains("Is a directory") == true)
}

@Test("a command sees the daemon's lock, and never makes one")
func seenLock() throws {
  let folder = try TemporaryFolder()
  #expect(!StateLock.isTaken(in: folder.files))
  #expect(try folder.names() == [])
  let lock = try StateLock(in: folder.files)
  #expect(StateLock.isTaken(in: folder.files))
  lock.release()
  #expect(!StateLock.isTaken(in: folder.files))
}
