import Foundation
import Glibc
import Testing
import TestSupport

@testable import MeterBridge
@testable import Platform

private typealias ThreadKill = @convention(c) (pid_t, pid_t, Int32) -> Int32

/// A program that looks for a broker in vain.
private final class Lone {
  let bridge: RunningBridge
  private var earlierLog = ""

  init() throws {
    bridge = try RunningBridge(Broker(starts: false))
    try bridge.configure("  - {id: grid, protocol: p1, source: 'file:/dev/null'}")
  }

  var marks: String { (try? String(contentsOfFile: bridge.path("state/\(AbortMark.name)"), encoding: .utf8)) ?? "" }

  /// The log of the last run.
  var log: Substring { bridge.log.dropFirst(earlierLog.count) }

  /// Starts it. Returns its threads when all of them are there.
  func start() throws -> [pid_t] {
    earlierLog = bridge.log
    try bridge.run()
    try #require(eventually { log.contains("refuses the connection") })
    let daemon = try #require(bridge.daemon)
    return try FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon.id)/task").compactMap { pid_t($0) }
      .sorted()
  }

  /// As `abort` does in a thread. The program ends at once in any case.
  func abort(in thread: pid_t) throws {
    let daemon = try #require(bridge.daemon)
    // Not in the headers that Swift sees.
    let address = unsafe try #require(dlsym(nil, "tgkill"))
    let send = unsafe unsafeBitCast(address, to: ThreadKill.self)
    #expect(send(daemon.id, thread, SIGABRT) == 0)
    #expect(eventually { daemon.hasEnded })
  }
}

@Test("the start after an abort of the thread that talks to the broker says so, and after two it speaks 3.1.1")
func abortOfTheBrokerThread() throws {
  let lone = try Lone()
  var number = 0
  var culprit: Int?
  repeat {
    let threads = try lone.start()
    try #require(number < threads.count)
    try lone.abort(in: threads[number])
    if lone.marks == "!" { culprit = number } else { #expect(lone.marks == "") }
    number += 1
  } while culprit == nil
  let threads = try lone.start()
  #expect(lone.log.contains("the last run did not end well: libmosquitto ended the program"))
  try lone.abort(in: threads[try #require(culprit)])
  // A kill is not an abort, and does not end the caution.
  for hint in ["the last runs did not end well", "earlier runs did not end well"] {
    _ = try lone.start()
    #expect(lone.log.contains(hint) && lone.log.contains("speaks MQTT 3.1.1"))
    lone.bridge.end(SIGKILL)
  }
  _ = try lone.start()
  lone.bridge.end()
  _ = try lone.start()
  #expect(!lone.log.contains("libmosquitto"))
  lone.bridge.end()
}
