import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base

/// The images of `make image`, run as a container engine runs them: their own files, read-only, and their own user.
@Suite(.serialized, .enabled(if: Soak.minutes != nil && geteuid() == 0)) struct SoakImageTests {
  @Test("a meter is read, an outage is made good, and status says that all is well", arguments: ContainerImage.all)
  func meterAndStatus(image: ContainerImage) throws {
    let broker = try Broker()
    let proxy = try FaultProxy(to: broker.port)
    let bridge = try RunningBridge(broker)
    let meter = try configure(bridge, port: proxy.port)
    let witness = try Witness(broker)
    #expect(try run("check", in: bridge, image).status == 0)
    #expect(try run("status", in: bridge, image).status == 2)

    let command = "exec \(image.entry(bridge)) run"
    let daemon = try ChildProcess("/bin/sh", ["-c", command], log: bridge.path("log"))
    try #require(eventually { meter.isOpen && bridge.log.contains("/etc/meterbridge/port: open") }, "\(bridge.log)")
    meter.send()
    #expect(eventually { witness.numbers("grid") == [1] })
    let status = try run("status", in: bridge, image)
    #expect(status.status == 0 && status.output.contains("grid"), "\(status.output)")

    proxy.set {
      $0.refuses = true
      $0.cuts += 1
    }
    for _ in 0..<3 { meter.send() }
    #expect(eventually { bridge.isInJournal(ScriptedMeter.payload(4)) })
    proxy.set { $0.refuses = false }
    #expect(eventually { withoutRepeats(witness.numbers("grid")) == meter.sent })
    #expect(daemon.end() == 0, "\(bridge.log)")
    let state = try FileManager.default.attributesOfItem(atPath: bridge.path("state/state.json"))
    #expect(state[.ownerAccountID] as? UInt32 == ContainerImage.user)
  }

  @Test("the image has no shell, no other program and nothing that its user may change", arguments: ContainerImage.all)
  func contents(image: ContainerImage) throws {
    var programs: [String] = []
    var certificates = 0
    let root = URL(filePath: image.root)
    for path in try FileManager.default.subpathsOfDirectory(atPath: image.root) {
      var file = stat()
      guard unsafe lstat(root.appending(path: path).path, &file) == 0 else { continue }
      let isFile = file.st_mode & S_IFMT == S_IFREG
      if isFile, file.st_mode & S_IXUSR != 0, !path.hasPrefix("lib/"), !path.hasPrefix("usr/lib/") {
        programs.append(path)
      }
      #expect(file.st_mode & (S_ISUID | S_ISGID) == 0, "\(path)")
      #expect(file.st_mode & S_IFMT == S_IFLNK || file.st_mode & (S_IWGRP | S_IWOTH) == 0, "\(path)")
      if file.st_uid != 0 { #expect(path == "var/lib/meterbridge" && file.st_uid == ContainerImage.user) }
      if path.hasPrefix("etc/ssl/certs/"), path.hasSuffix(".0") { certificates += 1 }
    }
    #expect(programs == ["usr/bin/meterbridge"])
    #expect(certificates > 100)
    let process = try image.process()
    #expect(process.contains("\"user\":{\"uid\":65532,\"gid\":20}"), "\(process)")
    #expect(process.contains("\"args\":[\"/usr/bin/meterbridge\",\"run\"]"))
    #expect(process.contains("STATE_DIRECTORY=/var/lib/meterbridge"))
  }

  /// Docker makes a folder that is missing for root alone, and then nobody else gets at what is in it.
  @Test("each folder above a file of the image is in the same layer or in one below", arguments: ContainerImage.all)
  func foldersOfLayers(image: ContainerImage) throws {
    let folder = try TemporaryFolder()
    let command = """
      tar -xf '\(repository.path)'/.build/image/meterbridge_*_docker_\(image).tar -C '\(folder.path)' && cd '\(folder.path)' && \
      for layer in $(grep -o '[0-9a-f]*.tar.gz' manifest.json); do tar -tzf $layer; done >names
      """
    #expect(try ChildProcess("/bin/sh", ["-c", command]).wait() == 0)
    var folders: Set<Substring> = [""]
    for name in try folder.text("names").split(separator: "\n").map({ $0.trimmingPrefix("./") }) {
      let parts = name.split(separator: "/")
      #expect(folders.contains(Substring(parts.dropLast().joined(separator: "/"))), "\(name)")
      if name.hasSuffix("/") { folders.insert(name.dropLast()) }
    }
    #expect(folders.contains("var/lib/meterbridge"))
  }

  @Test("a TLS broker is checked against the authorities of the image", arguments: ContainerImage.all)
  func authorities(image: ContainerImage) throws {
    let broker = try tlsBroker(wantsCertificate: false)
    let bridge = try RunningBridge(broker)
    _ = try configure(bridge, port: broker.port, more: ", tls: {}")
    let result = try run("status", in: bridge, image)
    #expect(result.status == 2 && result.output.contains("an authority that this system does not trust"), "\(result)")
  }

  @Test("compose.yaml fits the schema of Compose") func compose() throws {
    let folder = try TemporaryFolder()
    let file = repository.appending(path: "deploy/container/compose.yaml").path
    let command = "exec docker-compose -f '\(file)' config -q >\"$0\" 2>&1"
    let status = try ChildProcess("/bin/sh", ["-c", command, folder.path("output")]).wait()
    let output = try folder.text("output")
    #expect(status == 0, "\(output)")
  }

  /// Makes the folders of a container, with a configuration that its user may read. The meter is a port in there.
  private func configure(_ bridge: RunningBridge, port: UInt16, more: String = "") throws -> ScriptedMeter {
    for name in ["configuration", "state"] {
      try FileManager.default.createDirectory(atPath: bridge.path(name), withIntermediateDirectories: false)
    }
    try """
    mqtt: {host: 127.0.0.1, port: \(port), keepalive: 5s, replay_after: 0s\(more)}
    meters:
      - {id: grid, protocol: p1, source: /etc/meterbridge/port, min_interval: 0s}
    """.write(toFile: bridge.path("configuration/meterbridge.yaml"), atomically: true, encoding: .utf8)
    let meter = try ScriptedMeter(in: bridge, "configuration/port")
    for name in ["configuration/port", "state"] {
      unsafe try #require(chown(bridge.path(name), ContainerImage.user, ContainerImage.group) == 0)
    }
    return meter
  }

  /// A command of the image's program; its exit status, and what it prints.
  private func run(
    _ words: String, in bridge: RunningBridge, _ image: ContainerImage
  ) throws -> (status: Int32, output: String) {
    let command = "exec \(image.entry(bridge)) \(words) >\"$0\" 2>&1"
    let status = try ChildProcess("/bin/sh", ["-c", command, bridge.path("output")]).wait()
    return (status, try String(contentsOfFile: bridge.path("output"), encoding: .utf8))
  }
}
