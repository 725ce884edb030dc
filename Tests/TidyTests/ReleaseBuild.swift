import Foundation
import Testing

/// Every place that could build the program as it is installed.
private func buildFiles() throws -> [String] {
  let folders = ["Scripts", "Benchmarks", "Fuzz", ".ci", "deploy"]
  let names = try folders.flatMap { folder in
    try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path).map { "\(folder)/\($0)" }
  }
  return ["Makefile"] + names.filter { $0.hasSuffix(".sh") || $0.hasSuffix("/run") }
}

@Test("the released program is built by one script, which has it linked safely and looks at the result")
func releaseBuild() throws {
  let builders = try buildFiles().filter {
    try String(contentsOf: root.appending(path: $0), encoding: .utf8).contains("--static-swift-stdlib")
  }
  #expect(builders == ["Scripts/build.sh"])
  let script = try String(contentsOf: root.appending(path: "Scripts/build.sh"), encoding: .utf8)
  for part in ["--disable-local-rpath", "-Xlinker -z -Xlinker now", "RUNPATH", "BIND_NOW", "GNU_RELRO", "0x10000"] {
    #expect(script.contains(part))
  }
}

@Test("compose.yaml and the page on containers name the image of this version")
func imageVersion() throws {
  func text(_ path: String) throws -> String { try String(contentsOf: root.appending(path: path), encoding: .utf8) }
  let version = try #require(try text("Sources/Base/Values/Version.swift").firstMatch(of: /text = "(.+)"/)?.1)
  let named = try ["deploy/container/compose.yaml", "docs/CONTAINER.md"].flatMap { path in
    try text(path).matches(of: /meterbridge[:_](\d+\.\d+\.\d+)/).map(\.1)
  }
  #expect(named.count > 5 && Set(named) == [version], "\(named)")
}
