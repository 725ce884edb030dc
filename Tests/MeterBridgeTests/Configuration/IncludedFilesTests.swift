import Foundation
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Publishing

/// A configuration in a folder of its own, with other files beside it.
private struct Files {
  let folder: TemporaryFolder

  init(_ files: [String: String]) throws {
    folder = try TemporaryFolder()
    for (name, text) in files {
      let path = folder.path(name)
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
  }

  func read() throws(ConfigurationError) -> Configuration {
    try Configuration.read(path: folder.path("m.yaml"), environment: [:])
  }

  /// The mistakes, with paths from the folder on.
  func mistakes() -> [String] {
    do throws(ConfigurationError) {
      _ = try read()
      return []
    } catch {
      return error.lines.map { $0.replacing(folder.path + "/", with: "") }
    }
  }
}

private func meter(_ id: String) -> String { "{id: \(id), protocol: p1, source: /dev/\(id)}" }

@Suite struct IncludedFilesTests {
  @Test("meters come from files and folders, with the defaults of their file and of those that include it")
  func filesAndFolders() throws {
    let files = try Files([
      "m.yaml": "include: [flats, more.yaml]\ndefaults: {heartbeat: 1h}\nmeters: [\(meter("grid"))]\n",
      "flats/2.yaml": "defaults: {interval: 2h}\nmeters: [\(meter("two"))]\ninclude: deep/list.yaml\n",
      "flats/1.yml": "defaults: {heartbeat: 2h}\nmeters: [\(meter("one"))]\n",
      "flats/note.txt": "]", "flats/.hidden.yaml": "]",
      "deep/list.yaml": "- \(meter("three"))\n",
      "more.yaml": "mqtt: {host: broker.lan}\n", "empty.yaml": "# nothing\n",
    ])
    let read = try files.read()
    #expect(read.meters.map(\.id) == ["grid", "one", "two", "three"])
    #expect(read.meters.map(\.heartbeat) == [60, 120, 60, 60].map { .minutes($0) })
    // Those of a file hold for the files that it includes, too.
    #expect(read.meters.map(\.interval) == [nil, nil, .minutes(120), .minutes(120)])
    #expect(read.mqtt.host == "broker.lan")
    let only = try Files(["m.yaml": "include: one.yaml\n", "one.yaml": "meters: [\(meter("one"))]\n"])
    #expect(try only.read().meters.map(\.id) == ["one"])
  }

  @Test("a mistake has the name of its file, also where it is about two files")
  func places() throws {
    let files = try Files([
      "m.yaml": "include: [a.yaml, b/b.yaml, list]\nmqtt: {host: a}\nmeters:\n  - \(meter("one"))\n",
      "a.yaml": "mqtt: {host: b}\nmeters:\n  - {id: x, protocol: p1, sorce: /dev/x}\n",
      "b/b.yaml": "meters:\n\n  - \(meter("one"))\n  - {id: n, protocol: p1, source: /dev/one}\n",
      "list/1.yaml": "a: [1\n", "list/2.yaml": "5\n", "list/3.yaml": "meters: []\n---\n",
    ])
    #expect(
      files.mistakes() == [
        "a.yaml:1:1: `mqtt` stands here a second time; the first is in line 2 of m.yaml",
        "a.yaml:3:6: `source` is missing: \(ValueFormat<SourceAddress>.source.described)",
        "a.yaml:3:27: unknown key `sorce`; did you mean `source`?",
        "b/b.yaml:3:10: `one` is the id of the meter in line 4 of m.yaml already",
        "b/b.yaml:3:37: the meter in line 4 of m.yaml reads this source already; only M-Bus meters on a device or TCP share one, "
          + "or wireless ones on a receiver",
        "list/1.yaml:1:4: the [ that opens here is not closed, or a comma is missing",
        "list/2.yaml:1:1: an included file is a group of settings, one to a line: meters, defaults, include",
        "list/3.yaml:2:1: a second document begins here; a configuration is one, without `---` in it",
      ])
  }

  @Test("a file that is missing, or read already, is named at the place of its name")
  func wrongNames() throws {
    let files = try Files([
      "m.yaml": "include: [no.yaml, m.yaml, a.yaml, ./a.yaml, [x], big.yaml]\n\(rightMeter)",
      "a.yaml": "include: b.yaml\n", "b.yaml": "include: a.yaml\n",
      "big.yaml": String(repeating: "#", count: Limits.configurationBytes + 1),
    ])
    #expect(
      files.mistakes() == [
        "m.yaml:1:11: cannot read `no.yaml`: No such file or directory",
        "m.yaml:1:20: `m.yaml` is read already: each file can be included once",
        "m.yaml:1:36: `./a.yaml` is read already: each file can be included once",
        "m.yaml:1:46: `include` is one value, not a list or a group",
        "m.yaml:1:51: cannot read `big.yaml`: larger than \(Limits.configurationBytes) bytes",
        "b.yaml:1:10: `a.yaml` is read already: each file can be included once",
      ])
  }

  @Test("depth and number of files are limited")
  func limits() throws {
    let deep = try Files(
      Dictionary(
        uniqueKeysWithValues: (0...9).map { number in
          (number == 0 ? "m.yaml" : "\(number).yaml", "include: \(number + 1).yaml\nmeters: [\(meter("m\(number)"))]\n")
        }))
    #expect(deep.mistakes() == ["8.yaml:1:10: files are included deeper than 8 here"])
    let many = try Files(
      Dictionary(
        uniqueKeysWithValues: (0...Limits.includedFiles).map { ("d/\($0).yaml", "# nothing\n") }
          + [("m.yaml", "include: d\n" + rightMeter)]))
    #expect(many.mistakes() == ["m.yaml:1:10: more than \(Limits.includedFiles) files are included"])
  }

  @Test("a secret in an included file that others can read is warned of, with its place")
  func secrets() throws {
    let files = try Files([
      "m.yaml": "include: a.yaml\nmeters: [\(meter("one"))]\n",
      "a.yaml": "mqtt: {username: u, password: hunter2}\n",
    ])
    for (mode, count) in [(0o600, 0), (0o644, 1)] {
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: files.folder.path("a.yaml"))
      let warnings = try files.read().warnings
      #expect(warnings.count == count, "\(warnings)")
      #expect(warnings.allSatisfy { $0.contains("/a.yaml:1:31: a secret stands in this file, and every user") })
    }
    try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: files.folder.path("a.yaml"))
    #expect(try files.read().warnings.contains { $0.contains("can be changed by other users") })
  }
}
