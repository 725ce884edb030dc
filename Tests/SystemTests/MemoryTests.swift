import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Platform

/// One heap instead of one a thread, each of which takes 64 MB of addresses in advance: what the limit is about is memory.
private let oneHeap = ["MALLOC_ARENA_MAX": "1"]

/// A bridge with a meter on a pipe that takes as much at a time as a test likes to send.
private final class Flood {
  let broker: Broker
  let bridge: RunningBridge
  let witness: Witness
  private let proxy: FaultProxy
  private let pipe: Int32
  private(set) var sent = 0

  init() throws {
    // What is acknowledged to the program must have gone out to the witness, however much that is at a time.
    broker = try Broker("max_inflight_messages 0\nmax_queued_messages 0")
    bridge = try RunningBridge(broker)
    witness = try Witness(broker)
    proxy = try FaultProxy(to: broker.port)
    unsafe try #require(mkfifo(bridge.path("port"), 0o600) == 0)
    pipe = unsafe open(bridge.path("port"), O_RDWR | O_CLOEXEC | O_NONBLOCK)
    try bridge.configure(
      "  - {id: grid, protocol: p1, source: 'file:$/port', min_interval: 0s}", port: proxy.port,
      more: "limits: {replay_per_second: 1000}")
  }

  deinit { close(pipe) }

  /// Waits until the program takes it, as long as it is there.
  func write(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty, bridge.daemon?.hasEnded == false {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(pipe, $0.baseAddress, $0.count) }
      if count > 0 { rest = rest.dropFirst(count) } else { usleep(1_000) }
    }
  }

  func send(_ count: Int) {
    for _ in 0..<count {
      sent += 1
      write(ScriptedMeter.telegram(sent))
    }
  }

  /// Whether the program has read everything.
  var isRead: Bool {
    var count: Int32 = 0
    return unsafe ioctl(pipe, UInt(FIONREAD), &count) == 0 && count == 0
  }

  func endBroker() {
    broker.end()
    proxy.set { $0.refuses = true }
  }

  /// The program sees it no sooner than the witness.
  func startBroker() throws {
    try broker.start()
    try #require(witness.isListening())
    proxy.set { $0.refuses = false }
  }

  var health: String { witness.last("meterbridge/bridge/health") ?? "" }

  /// Whether everything has arrived. To look for that takes longer than to see that it cannot have.
  var hasAll: Bool { witness.lines.count >= sent && missing.isEmpty }

  /// The numbers that have not arrived yet.
  var missing: Set<Int> { Set(1...max(1, sent)).subtracting(witness.numbers("grid")) }
}

/// What the program needs with a little of everything, and some more: twenty megabytes without an end, five thousand
/// readings without a broker, and these then on their way.
@Test("with little memory the program still takes much input", .disabled(if: isSanitized))
func withMemoryForLittleItTakesMuch() throws {
  let first = try Flood()
  try first.bridge.run(environment: oneHeap)
  first.send(10)
  first.endBroker()
  first.write(Array("/garbage\r\n\r\n!0000\r\n".utf8))
  first.send(10)
  try #require(eventually { first.bridge.log.contains("refuses the connection") })
  try first.startBroker()
  try #require(eventually { first.hasAll })
  let needed = first.bridge.daemon?.kilobytes("VmPeak") ?? 0
  first.bridge.end()

  let flood = try Flood()
  try flood.bridge.run(limits: ["-v \(needed + 12 * 1024)"], environment: oneHeap)
  flood.send(10)
  try #require(eventually { flood.hasAll })
  flood.endBroker()
  flood.write(Array("/ENDLESS\r\n\r\n".utf8))
  for _ in 0..<320 { flood.write([UInt8](repeating: 0x41, count: 65_536)) }
  flood.write(Array("\r\n".utf8))
  var written = -1
  let isQuiet = eventually {
    usleep(500_000)
    defer { written = flood.bridge.deadLetters.utf8.count }
    return flood.isRead && flood.bridge.deadLetters.utf8.count == written
  }
  // As fast as hundreds of meters.
  for _ in 0..<200 {
    flood.send(25)
    usleep(50_000)
  }
  try flood.startBroker()
  let isAllThere = (0..<6).contains { _ in eventually { flood.hasAll } }
  let what = "\(flood.missing.count) of \(flood.sent) are missing: \(flood.health) \(flood.bridge.log)"
  #expect(isQuiet && isAllThere, "\(what)")
  flood.bridge.end()
}

/// A program that gets no memory ends, wherever that was; and what it had in its files is there for the next one.
@Test("with too little memory the program ends, and leaves its files to the next start", .disabled(if: isSanitized))
func withTooLittleMemoryItEndsAndLeavesItsFilesToTheNextStart() throws {
  let flood = try Flood()
  try flood.bridge.run(environment: oneHeap)
  flood.send(5)
  try #require(eventually { flood.hasAll })
  flood.endBroker()
  flood.write(Array("/garbage\r\n\r\n!0000\r\n".utf8))
  flood.send(200)
  // What is in the pipe is nobody's promise.
  try #require(eventually { !flood.bridge.deadLetters.isEmpty && flood.isRead })
  let needed = flood.bridge.daemon?.kilobytes("VmPeak") ?? 0
  flood.bridge.end()
  let letters = flood.bridge.deadLetters
  let state = try String(contentsOfFile: flood.bridge.path("state/state.json"), encoding: .utf8)
  #expect(state.contains("\"grid\""))

  var statuses: [Int32] = []
  for step in 0...24 {
    try flood.bridge.run(limits: ["-v \(needed * step / 20 + 1)"], environment: oneHeap)
    let daemon = try #require(flood.bridge.daemon)
    // Where it waits for the signal it has started; and then it has a second to do something.
    #expect(eventually { daemon.hasEnded || daemon.isBlocking(SIGTERM) })
    let end = Clock.now() + .seconds(1)
    while !daemon.hasEnded, Clock.now() < end { usleep(10_000) }
    // It may have enough.
    if !daemon.hasEnded { kill(daemon.id, SIGTERM) }
    let isOver = eventually { daemon.hasEnded }
    #expect(isOver, "\(step): it hangs")
    if !isOver { daemon.end(SIGKILL) }
    statuses.append(daemon.exitStatus)
  }
  // Too little to begin with, and enough in the end.
  #expect(statuses.first != 0 && statuses.last == 0, "\(statuses)")

  #expect(flood.bridge.deadLetters.hasPrefix(letters))
  try flood.startBroker()
  try flood.bridge.run()
  #expect(eventually { flood.hasAll }, "\(flood.missing.sorted()) \(flood.bridge.log)")
  #expect(!flood.bridge.log.contains("damaged"), "\(flood.bridge.log)")
  flood.bridge.end()
  let names = try FileManager.default.contentsOfDirectory(atPath: flood.bridge.path("state"))
  #expect(!names.contains { $0.hasSuffix(".damaged") }, "\(names)")
}
