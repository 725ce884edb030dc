import Foundation
import Glibc
import Testing
import TestSupport

@Test("without room dead letters are lost and counted, and everything else goes on")
func withoutRoomForDeadLettersTheyAreLostAndCountedAndEverythingElseGoesOn() throws {
  let harness = try FaultHarness()
  let bridge = harness.bridge
  // Blocks of 512 bytes: files end at 32 kB.
  try harness.run(limits: ["-f 64"])
  let isTold = eventually {
    harness.meter.sendRaw(ScriptedMeter.broken())
    harness.meter.send()
    usleep(50_000)
    return bridge.log.contains("dead letters cannot be written")
  }
  #expect(isTold && bridge.log.contains("File too large; they are lost until that is fixed"))
  #expect(harness.hasAll)
  // Whole lines, and nothing behind them.
  #expect(eventually { bridge.deadLetters.hasSuffix("}\n") })
  try FileManager.default.removeItem(atPath: bridge.path("state/dead-letter.jsonl"))
  harness.meter.sendRaw(ScriptedMeter.broken())
  #expect(eventually { bridge.log.contains("dead letters are written to") })
  #expect(eventually { bridge.deadLetters.contains("\"checksum_mismatch\"") })
  bridge.end()
}

@Test("without descriptors the rest goes on")
func withoutDescriptorsTheRestGoesOn() throws {
  let places = (1...16).map { "other\($0)" }
  let meters = [FaultHarness.meter("grid")] + places.map { "  - {id: \($0), protocol: p1, source: $/\($0)}" }
  let harness = try FaultHarness(meters: meters.joined(separator: "\n"))
  let others = try places.map { try ScriptedMeter(in: harness.bridge, $0) }
  try harness.run(limits: ["-n 32"])
  #expect(eventually { harness.bridge.log.contains("too many files are open; raise the limit") })
  harness.meter.send()
  #expect(harness.hasAll && !others.allSatisfy { $0.isOpen })
  harness.bridge.end()
}

@Test("with very few descriptors the program runs or gives its reason", arguments: 3...16)
func withHardlyAnyDescriptorsItRunsOrSaysWhyNot(descriptors: Int) throws {
  let broker = try Broker(starts: false)
  let bridge = try RunningBridge(broker)
  let meter = try ScriptedMeter(in: bridge)
  try bridge.configure(FaultHarness.meter("grid"))
  let state = "{\n\"kept\":{\"a\":1}\n}\n"
  try FileManager.default.createDirectory(atPath: bridge.path("state"), withIntermediateDirectories: false)
  try state.write(toFile: bridge.path("state/state.json"), atomically: true, encoding: .utf8)
  try bridge.run(limits: ["-n \(descriptors)"])
  let daemon = try #require(bridge.daemon)
  // Whoever cannot even read the state ends at once.
  let isHopeless = { bridge.log.contains("cannot be read for now") }
  #expect(eventually { daemon.hasEnded || meter.isOpen || bridge.log.contains("oo many") && !isHopeless() })
  if !daemon.hasEnded {
    kill(daemon.id, SIGTERM)
    #expect(daemon.wait() == 0, "\(bridge.log)")
  } else {
    #expect([66, 69, 74, 127].contains(daemon.exitStatus), "\(daemon.exitStatus) \(bridge.log)")
  }
  // A file that cannot be opened for want of a descriptor is not a damaged one.
  let found = try String(contentsOfFile: bridge.path("state/state.json"), encoding: .utf8)
  #expect(found.contains("\"kept\":{\"a\":1}"))
}

@Test("a second daemon cannot use the state of the first")
func aSecondDaemonIsKeptFromTheStateOfTheFirst() throws {
  let harness = try FaultHarness()
  let bridge = harness.bridge
  try harness.run()
  let second = try ChildProcess(
    RealProgram.path, ["run", "--config", bridge.path("meterbridge.yaml")], log: bridge.path("second"))
  #expect(second.wait() == 69)
  let said = try String(contentsOfFile: bridge.path("second"), encoding: .utf8)
  #expect(said.contains("another meterbridge uses \(bridge.path("state")): stop it"))
  // And it is free with the first one's end, however that came.
  bridge.end(SIGKILL)
  try harness.run()
  bridge.end()
}

@Test("only the owner can read the daemon's files")
func ownership() throws {
  let harness = try FaultHarness()
  let bridge = harness.bridge
  try harness.run()
  harness.meter.sendRaw(Array("/garbage\r\n\r\n!0000\r\n".utf8))
  #expect(harness.shows(harness.meter.send()))
  #expect(eventually { !bridge.deadLetters.isEmpty })
  let limits = try String(contentsOfFile: "/proc/\(bridge.daemon?.id ?? 0)/limits", encoding: .utf8)
  let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
  #expect(core?.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"])
  bridge.end()
  let names = try FileManager.default.contentsOfDirectory(atPath: bridge.path("state"))
  #expect(Set(names).isSuperset(of: ["dead-letter.jsonl", "state.json", "lock"]))
  var status = stat()
  for name in names {
    #expect(unsafe stat(bridge.path("state/\(name)"), &status) == 0 && status.st_mode & 0o777 == 0o600, "\(name)")
  }
  #expect(unsafe stat(bridge.path("state"), &status) == 0 && status.st_mode & 0o777 == 0o700)
}

/// Stands in for systemd at the other end of `$NOTIFY_SOCKET`.
private final class Supervisor {
  let path = FileManager.default.temporaryDirectory.appending(path: "notify-\(UUID().uuidString)").path
  private let descriptor: Int32
  private(set) var messages: [String] = []

  init() throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
    let bound = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
  }

  func count(_ message: String) -> Int {
    var bytes = [UInt8](repeating: 0, count: 4096)
    while true {
      let got = unsafe recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
      if got <= 0 { return messages.count { $0.hasPrefix(message) } }
      messages.append(String(decoding: bytes[..<got], as: UTF8.self))
    }
  }

  deinit {
    close(descriptor)
    unsafe unlink(path)
  }
}

@Test("the service manager is told of every change")
func theServiceManagerIsToldOfEverything() throws {
  let bridge = try RunningBridge(try Broker(starts: false))
  let supervisor = try Supervisor()
  try bridge.configure(FaultHarness.meter("grid"))
  try bridge.run(environment: ["NOTIFY_SOCKET": supervisor.path, "WATCHDOG_USEC": "400000"])
  #expect(eventually { supervisor.count("READY=1") == 1 })
  // The broker is away all the time, and that is no reason to be started anew.
  #expect(eventually { supervisor.count("WATCHDOG=1") >= 5 })
  let daemon = try #require(bridge.daemon)
  kill(daemon.id, SIGHUP)
  #expect(eventually { supervisor.count("RELOADING=1") == 1 && supervisor.count("READY=1") == 2 })
  kill(daemon.id, SIGTERM)
  // Its messages are taken meanwhile: it waits where too many stand in line.
  #expect(
    eventually {
      _ = supervisor.count("")
      return daemon.hasEnded
    })
  #expect(daemon.exitStatus == 0 && supervisor.count("STOPPING=1") == 1)
}
