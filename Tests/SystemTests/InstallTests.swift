import Foundation
import Testing
import TestSupport

@testable import Base

/// All files below a folder, by their paths in it.
private func files(below folder: String) -> Set<String> {
  let all = FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []
  return Set(all.filter { !isFolder("\(folder)/\($0)") })
}

private func isFolder(_ path: String) -> Bool {
  var isFolder: ObjCBool = false
  return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
}

/// Runs a script of the repository, and says what it prints.
private func run(_ script: String, _ words: String..., environment: [String: String] = [:]) throws -> String {
  let folder = try TemporaryFolder()
  let settings = environment.map { "\($0.key)='\($0.value)'" }.joined(separator: " ")
  let command = "\(settings) exec '\(repository.appending(path: script).path)' \"$@\" >\"$0\" 2>&1"
  let status = try ChildProcess("/bin/sh", ["-c", command, folder.path("output")] + words).wait()
  let output = try folder.text("output")
  try #require(status == 0, "\(output)")
  return output
}

@Test("make install puts program, unit and rules where they are looked for, and uninstall takes back what it has put")
func installAndUninstall() throws {
  let folder = try TemporaryFolder()
  let place = ["DESTDIR": folder.path, "PREFIX": "/usr", "PROGRAM": RealProgram.path]
  let said = try run("Scripts/install.sh", "install", environment: place)
  let installed = files(below: folder.path)
  #expect(
    installed.isSuperset(of: [
      "usr/bin/meterbridge", "usr/lib/systemd/system/meterbridge.service", "usr/lib/udev/rules.d/60-meterbridge.rules",
      "usr/share/doc/meterbridge/README.md", "usr/share/doc/meterbridge/examples/meterbridge.yaml",
    ]), "\(said)")
  #expect(installed.allSatisfy { $0.hasPrefix("usr/") }, "a configuration is the user's")
  #expect(Set(said.split(separator: "\n").map { String($0.dropFirst(folder.path.count + 1)) }) == installed)
  let secrets = try FileManager.default.attributesOfItem(atPath: folder.path("etc/meterbridge/secrets"))
  #expect(secrets[.posixPermissions] as? Int == 0o700)

  try folder.write("mqtt: {}", to: "etc/meterbridge/meterbridge.yaml")
  _ = try run("Scripts/install.sh", "uninstall", environment: place)
  #expect(files(below: folder.path) == ["etc/meterbridge/meterbridge.yaml"])
}

@Test("the version has one place: the scripts read it there, and the changelog begins with it")
func version() throws {
  #expect(try run("Scripts/version.sh") == "\(Version.text)\n")
  let changelog = try String(contentsOf: repository.appending(path: "CHANGELOG.md"), encoding: .utf8)
  #expect(changelog.split(separator: "\n").first { $0.hasPrefix("## ") } == "## \(Version.text)")
}
