import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Platform

/// Runs a command of the shell; its exit status.
@discardableResult
private func shell(_ command: String) throws -> Int32 { try ChildProcess("/bin/sh", ["-c", command]).wait() }

/// A file system that is mounted at a path for the length of a test.
private final class Mount {
  let path: String

  init(at path: String, _ command: String) throws {
    self.path = path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try #require(shell("\(command) '\(path)'") == 0, "\(command)")
  }

  deinit { _ = try? shell("umount -l '\(path)'") }
}

/// A network namespace for the program, which reaches the rest of the machine by one cable.
private final class Cable {
  let namespace: String
  /// Of this end.
  let address: String
  private let link: String

  init() throws {
    let number = UInt16.random(in: 0...UInt16.max)
    namespace = "meter\(number)"
    link = "cable\(number)"
    let network = "10.213.\(number & 0xFF)"
    address = "\(network).1"
    let commands = """
      ip netns add \(namespace) && ip link add \(link) type veth peer name far netns \(namespace) &&
      ip addr add \(address)/24 dev \(link) && ip link set \(link) up &&
      ip -n \(namespace) addr add \(network).2/24 dev far && ip -n \(namespace) link set far up
      """
    try #require(shell(commands) == 0)
  }

  func set(_ state: String) throws { try #require(shell("ip link set \(link) \(state)") == 0) }

  deinit { _ = try? shell("ip link del \(link); ip netns del \(namespace)") }
}

@Suite(.serialized, .enabled(if: Soak.minutes != nil && geteuid() == 0)) struct SoakRootTests {
  @Test("a full disk is reported, and so is its end")
  func aFullDiskIsSaidAndItsEndToo() throws {
    let harness = try FaultHarness()
    let mount = try Mount(at: harness.bridge.path("state"), "mount -t tmpfs -o size=1m,mode=0700 none")
    let filler = mount.path + "/filler"
    try shell("dd if=/dev/zero of='\(filler)' bs=1k count=980 2>/dev/null")
    try harness.run()
    let isTold = eventually {
      harness.meter.sendRaw(ScriptedMeter.broken())
      harness.meter.send()
      usleep(50_000)
      return harness.bridge.log.contains("No space left on device")
    }
    #expect(isTold && harness.hasAll)
    try shell("rm '\(filler)'")
    harness.meter.sendRaw(ScriptedMeter.broken())
    #expect(eventually { harness.bridge.log.contains("dead letters are written to") })
    harness.bridge.end()
    #expect(harness.bridge.deadLetters.hasSuffix("}\n"))
  }

  @Test("a read-only file system is reported, and so is its end")
  func aFileSystemThatTurnsReadOnlyIsSaidAndItsEndToo() throws {
    let harness = try FaultHarness()
    let image = harness.bridge.path("image")
    try shell("truncate -s 16M '\(image)' && mkfs.ext4 -q '\(image)'")
    let mount = try Mount(at: harness.bridge.path("state"), "mount -o loop,errors=remount-ro '\(image)'")
    try harness.run()
    harness.meter.send()
    #expect(harness.has([1]))
    // As a disk that fails does it, whatever is open for writing.
    try shell("echo fault > /sys/fs/ext4/$(basename $(findmnt -no SOURCE '\(mount.path)'))/trigger_fs_error")
    harness.meter.sendRaw(ScriptedMeter.broken())
    #expect(eventually { harness.bridge.log.contains("Read-only file system") })
    harness.meter.send()
    #expect(harness.has([1, 2]))
    harness.bridge.end()
    // With a state directory that is read-only from the start it runs as well.
    try harness.run()
    harness.meter.send()
    #expect(harness.has([1, 2, 3]))
    harness.bridge.end()
  }

  /// The image of the disk is copied while the program writes: that is what a power cut leaves.
  @Test("a power cut does not prevent the next start")
  func aPowerCutLeavesNothingThatKeepsItFromStarting() throws {
    let harness = try FaultHarness()
    let image = harness.bridge.path("image")
    try shell("truncate -s 16M '\(image)' && mkfs.ext4 -q '\(image)'")
    let mount = try Mount(at: harness.bridge.path("state"), "mount -o loop '\(image)'")
    try harness.run()
    for cut in 1...20 {
      for _ in 0..<Int.random(in: 1...10) {
        harness.meter.sendRaw(ScriptedMeter.broken())
        harness.meter.send()
        usleep(UInt32.random(in: 0...20_000))
      }
      // Now and then what is in memory has been written by then.
      if Bool.random() { try shell("sync -f '\(mount.path)'") }
      let copy = harness.bridge.path("copy\(cut)")
      try shell("cp --sparse=always '\(image)' '\(copy)'")
      let after = try RunningBridge(Broker())
      let meter = try ScriptedMeter(in: after, after: 1_000 * cut)
      let restored = try Mount(at: after.path("state"), "mount -o loop '\(copy)'")
      try after.configure(FaultHarness.meter("grid"))
      try after.run()
      #expect(meter.awaitListener(), "cut \(cut): \(after.log)")
      meter.sendRaw(ScriptedMeter.broken())
      #expect(eventually { after.deadLetters.hasSuffix("}\n") }, "cut \(cut)")
      after.end()
      _ = restored
      try shell("rm '\(copy)'")
    }
    #expect(harness.hasAll)
    harness.bridge.end()
  }

  /// Nobody says good-bye, and nothing is refused: packets just go nowhere.
  @Test("a pulled cable is noticed, and the readings follow later")
  func aCableThatIsPulledIsNoticedAndWhatCameMeanwhileFollows() throws {
    let cable = try Cable()
    let broker = try Broker("listener $PORT 127.0.0.1\nlistener $PORT \(cable.address)")
    let harness = try FaultHarness(at: broker)
    try harness.bridge.configure(FaultHarness.meter("grid"), host: cable.address, mqtt: "keepalive: 5s")
    try harness.run(within: "ip netns exec \(cable.namespace)")
    #expect(harness.shows(harness.meter.send()))
    try cable.set("down")
    let start = Clock.now()
    for _ in 0..<5 { harness.meter.send() }
    #expect(eventually { harness.bridge.log.contains("the broker was silent for too long") })
    #expect(Clock.now() - start < promised(.seconds(10)))
    harness.meter.send()
    #expect(!harness.witness.numbers("grid").contains(2))
    try cable.set("up")
    #expect(harness.hasAll && harness.shows(7))
    harness.bridge.end()
  }

  /// `/etc/hosts` of a mount namespace of its own, which learns the broker's name later.
  @Test("a name that resolves later is found")
  func aNameThatResolvesLaterIsFound() throws {
    let harness = try FaultHarness()
    let hosts = harness.bridge.path("hosts")
    try "127.0.0.1 localhost\n".write(toFile: hosts, atomically: false, encoding: .utf8)
    try harness.bridge.configure(FaultHarness.meter("grid"), host: "broker.test")
    try harness.run(within: "unshare -m sh -c 'mount --bind \"\(hosts)\" /etc/hosts && exec \"$0\" \"$@\"'")
    #expect(eventually { harness.bridge.log.contains("\"broker.test\" cannot be resolved") })
    harness.meter.send()
    try "127.0.0.1 localhost broker.test\n".write(toFile: hosts, atomically: false, encoding: .utf8)
    #expect(harness.has([1]))
    harness.bridge.end()
  }
}

private let fakeTime = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"]
  .map { $0 + "/faketime/libfaketimeMT.so.1" }.first { FileManager.default.fileExists(atPath: $0) }

@Suite(.serialized, .enabled(if: Soak.minutes != nil && fakeTime != nil)) struct SoakClockTests {
  /// Starts in 1970 without a clock of its own, learns the time, jumps both ways, and goes through the end of summer time.
  @Test("intervals stay when the clock jumps")
  func theClockJumpsAndTheIntervalsStay() throws {
    let harness = try FaultHarness()
    let clock = harness.bridge.path("clock")
    func set(_ time: String) throws { try "\(time)\n".write(toFile: clock, atomically: false, encoding: .utf8) }
    try set("@1970-01-01 00:00:20")
    try harness.run(environment: [
      "LD_PRELOAD": fakeTime ?? "", "FAKETIME_TIMESTAMP_FILE": clock, "FAKETIME_NO_CACHE": "1",
      "FAKETIME_DONT_FAKE_MONOTONIC": "1", "TZ": "Europe/Amsterdam",
    ])
    for time in ["@1970-01-01 00:00:21", "+0", "+10y", "-3d", "@2026-10-25 02:59:59", "@2026-03-29 01:59:59", "+0"] {
      try set(time)
      for _ in 0..<4 {
        harness.meter.send()
        usleep(300_000)
      }
      #expect(harness.hasAll, "\(time)")
      #expect(harness.witness.last("meterbridge/grid/availability") == "online", "\(time)")
    }
    let received = harness.witness.lines.filter { $0.hasPrefix("meterbridge/grid/reading ") }
    #expect(received.contains { $0.contains("\"received\":\"1970-01-01T") })
    #expect(received.last?.contains("\"received\":\"1970-01-01T") == false)
    #expect(
      !harness.witness.lines.contains("meterbridge/grid/availability offline")
        || harness.witness.lines.count { $0 == "meterbridge/grid/availability offline" } == 1)
    #expect(!harness.bridge.log.contains("silent"))
    harness.bridge.end()
  }
}
