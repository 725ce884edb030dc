import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Platform

/// A pipe for the log of the program, with a reader that can stand still.
private final class LogPipe {
  let bridge: RunningBridge
  private let reader: ChildProcess
  private let descriptor: Int32

  init(of bridge: RunningBridge) throws {
    self.bridge = bridge
    unsafe try #require(mkfifo(bridge.path("pipe"), 0o600) == 0)
    reader = try ChildProcess("/bin/sh", ["-c", "exec cat '\(bridge.path("pipe"))' > '\(bridge.path("log"))'"])
    var opened: Int32 = -1
    let hasReader = eventually {
      opened = unsafe open(bridge.path("pipe"), O_WRONLY | O_NONBLOCK | O_CLOEXEC)
      return opened >= 0
    }
    try #require(hasReader)
    descriptor = opened
  }

  /// The reader stands still, and the pipe has no room for another byte.
  func stop() {
    kill(reader.id, SIGSTOP)
    let filler = [UInt8](repeating: 0x0A, count: 4096)
    for size in [4096, 1] { while unsafe write(descriptor, filler, size) > 0 {} }
  }

  func goOn() { kill(reader.id, SIGCONT) }

  deinit {
    close(descriptor)
    goOn()
  }
}

@Test("a reader of the log that stands still stops neither meters nor reload nor end")
func standingReaderOfLog() throws {
  let harness = try FaultHarness()
  let bridge = harness.bridge
  let pipe = try LogPipe(of: bridge)
  try bridge.run(log: "pipe")
  try #require(harness.meter.awaitListener())
  pipe.stop()
  let daemon = try #require(bridge.daemon)
  for _ in 1...5 {
    kill(daemon.id, SIGHUP)
    #expect(harness.shows(harness.meter.send()))
  }
  #expect(!bridge.log.contains("configuration read again"))
  pipe.goOn()
  #expect(eventually { bridge.log.contains("configuration read again") })
  pipe.stop()
  bridge.end()
  #expect(harness.hasAll)
}

@Test("the last line comes out before the program ends")
func lastLine() throws {
  let harness = try FaultHarness()
  try harness.run()
  harness.bridge.end()
  #expect(harness.bridge.log.contains("ending\n"))
}

@Test("a configuration that cannot be read for now stops nothing, and no order to reload is lost")
func standingSecret() throws {
  let harness = try FaultHarness()
  let bridge = harness.bridge
  try harness.run()
  let daemon = try #require(bridge.daemon)
  // A pipe whose writer says nothing.
  unsafe try #require(mkfifo(bridge.path("secret"), 0o600) == 0)
  let writer = unsafe open(bridge.path("secret"), O_RDWR | O_CLOEXEC)
  try bridge.configure(
    FaultHarness.meter("grid"), port: harness.proxy.port, mqtt: "keepalive: 5s, username: a, password: !file secret")
  kill(daemon.id, SIGHUP)
  #expect(harness.shows(harness.meter.send()))
  // The next order comes while the first one waits, and is for another file.
  try bridge.configure(FaultHarness.meter("grid"), port: harness.proxy.port, more: "log_level: debug")
  kill(daemon.id, SIGHUP)
  #expect(harness.shows(harness.meter.send()))
  #expect(!bridge.log.contains("configuration read again"))
  _ = unsafe write(writer, Array("hidden\n".utf8), 7)
  close(writer)
  #expect(eventually { bridge.log.components(separatedBy: "configuration read again").count == 3 })
  #expect(harness.shows(harness.meter.send()))
  bridge.end()
}

@Test("a program whose configuration hangs ends in time")
func endWhileReading() throws {
  let harness = try FaultHarness()
  let bridge = harness.bridge
  try harness.run()
  unsafe try #require(mkfifo(bridge.path("secret"), 0o600) == 0)
  let writer = unsafe open(bridge.path("secret"), O_RDWR | O_CLOEXEC)
  defer { close(writer) }
  try bridge.configure(
    FaultHarness.meter("grid"), port: harness.proxy.port, mqtt: "username: a, password: !file secret")
  kill(try #require(bridge.daemon).id, SIGHUP)
  #expect(harness.shows(harness.meter.send()))
  bridge.end()
}
