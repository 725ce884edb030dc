import Foundation
import Glibc
import TestSupport
import Testing

@Test func withoutRoomForDeadLettersTheyAreLostAndCountedAndEverythingElseGoesOn() throws {
  let rig = try FaultHarness()
  let house = rig.house
  // Blocks of 512 bytes: files end at 32 kB.
  try rig.run(limits: ["-f 64"])
  let broken = Array("/garbage\r\n\r\n\(String(repeating: "1-0:1.8.1(x)\r\n", count: 200))!0000\r\n".utf8)
  let isTold = eventually {
    rig.meter.sendRaw(broken)
    rig.meter.send()
    usleep(50_000)
    return house.log.contains("dead letters cannot be written")
  }
  #expect(isTold && house.log.contains("File too large; they are lost until that is put right"))
  #expect(rig.hasAll)
  // Whole lines, and nothing behind them.
  #expect(eventually { house.deadLetters.hasSuffix("}\n") })
  try FileManager.default.removeItem(atPath: house.path("state/dead-letter.jsonl"))
  rig.meter.sendRaw(broken)
  #expect(eventually { house.log.contains("dead letters are written to") })
  #expect(eventually { house.deadLetters.contains("\"checksum_mismatch\"") })
  house.end()
}

@Test func withoutDescriptorsTheRestGoesOn() throws {
  let places = (1...16).map { "other\($0)" }
  let meters = [FaultHarness.meter("grid")] + places.map { "  - {id: \($0), protocol: p1, source: $/\($0)}" }
  let rig = try FaultHarness(meters: meters.joined(separator: "\n"))
  let others = try places.map { try ScriptedMeter(in: rig.house, $0) }
  try rig.run(limits: ["-n 28"])
  #expect(eventually { rig.house.log.contains("too many files are open; raise the limit") })
  rig.meter.send()
  #expect(rig.hasAll && !others.allSatisfy { $0.isOpen })
  rig.house.end()
}

@Test(arguments: 3...16) func withHardlyAnyDescriptorsItRunsOrSaysWhyNot(descriptors: Int) throws {
  let broker = try Broker(starts: false)
  let house = try RunningBridge(broker)
  let meter = try ScriptedMeter(in: house)
  try house.configure(FaultHarness.meter("grid"))
  let state = "{\n\"kept\":{\"a\":1}\n}\n"
  try FileManager.default.createDirectory(atPath: house.path("state"), withIntermediateDirectories: false)
  try state.write(toFile: house.path("state/state.json"), atomically: true, encoding: .utf8)
  try house.run(limits: ["-n \(descriptors)"])
  let daemon = try #require(house.daemon)
  // Whoever cannot even read the state ends at once.
  let isHopeless = { house.log.contains("cannot be read for now") }
  #expect(eventually { daemon.hasEnded || meter.isOpen || house.log.contains("oo many") && !isHopeless() })
  if !daemon.hasEnded {
    kill(daemon.id, SIGTERM)
    #expect(daemon.wait() == 0, "\(house.log)")
  } else {
    #expect([66, 69, 74, 127].contains(daemon.exitStatus), "\(daemon.exitStatus) \(house.log)")
  }
  // A file that cannot be opened for want of a descriptor is not a damaged one.
  let found = try String(contentsOfFile: house.path("state/state.json"), encoding: .utf8)
  #expect(found.contains("\"kept\":{\"a\":1}"))
}

@Test func aSecondDaemonIsKeptFromTheStateOfTheFirst() throws {
  let rig = try FaultHarness()
  let house = rig.house
  try rig.run()
  let second = try ChildProcess(
    RealProgram.path, ["run", "--config", house.path("meterbridge.yaml")], log: house.path("second"))
  #expect(second.wait() == 69)
  let said = try String(contentsOfFile: house.path("second"), encoding: .utf8)
  #expect(said.contains("another meterbridge uses \(house.path("state")): stop it"))
  // And it is free with the first one's end, however that came.
  house.end(SIGKILL)
  try rig.run()
  house.end()
}

@Test func whatTheDaemonKeepsIsItsOwnersAlone() throws {
  let rig = try FaultHarness()
  let house = rig.house
  try rig.run()
  rig.meter.sendRaw(Array("/garbage\r\n\r\n!0000\r\n".utf8))
  #expect(rig.shows(rig.meter.send()))
  #expect(eventually { !house.deadLetters.isEmpty })
  let limits = try String(contentsOfFile: "/proc/\(house.daemon?.id ?? 0)/limits", encoding: .utf8)
  let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
  #expect(core?.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"])
  house.end()
  let names = try FileManager.default.contentsOfDirectory(atPath: house.path("state"))
  #expect(Set(names).isSuperset(of: ["dead-letter.jsonl", "state.json", "lock"]))
  var status = stat()
  for name in names {
    #expect(unsafe stat(house.path("state/\(name)"), &status) == 0 && status.st_mode & 0o777 == 0o600, "\(name)")
  }
  #expect(unsafe stat(house.path("state"), &status) == 0 && status.st_mode & 0o777 == 0o700)
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

@Test func theServiceManagerIsToldOfEverything() throws {
  let house = try RunningBridge(try Broker(starts: false))
  let supervisor = try Supervisor()
  try house.configure(FaultHarness.meter("grid"))
  try house.run(environment: ["NOTIFY_SOCKET": supervisor.path, "WATCHDOG_USEC": "400000"])
  #expect(eventually { supervisor.count("READY=1") == 1 })
  // The broker is away all the time, and that is no reason to be started anew.
  #expect(eventually { supervisor.count("WATCHDOG=1") >= 5 })
  let daemon = try #require(house.daemon)
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
