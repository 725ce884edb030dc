import Foundation
import Testing
import TestSupport

@testable import Base
@testable import Platform

/// The configuration of simulated meters, which goes with their places.
private func simulate(
  _ bridge: RunningBridge, _ word: String, program: String = RealProgram.path
) throws -> (simulator: ChildProcess, meters: String) {
  let printed = bridge.path("meters")
  let simulator = try ChildProcess(
    "/bin/sh", ["-c", "exec \"$0\" simulate \"$1\" >\"$2\" </dev/null", program, word, printed],
    log: bridge.path("counted"))
  func meters() -> String { (try? String(contentsOfFile: printed, encoding: .utf8)) ?? "" }
  try #require(eventually { meters().hasSuffix("\n") })
  return (simulator, meters())
}

@Suite struct RadioTests {
  @Test(
    "the simulated meters around a receiver are read, each with its key, and nothing else is said",
    arguments: ["lines", "im871a", "amb8465"])
  func simulatedReceiver(kind: String) throws {
    let broker = try Broker()
    let bridge = try RunningBridge(broker)
    let (simulator, meters) = try simulate(
      bridge, "wmbus-\(kind),every=300,copies=3,strangers=2,damaged=\(kind == "lines" ? 10 : 0)=\(bridge.path("air"))")
    try bridge.configure(meters)
    let subscriber = try Subscriber(to: broker)
    try bridge.run()
    let values = ["1/volume": "187.", "2/volume": "63.", "3/energy": "116", "4/volume": "512"]
    #expect(
      subscriber.eventually { now in
        values.allSatisfy { now.last("meterbridge/wmbus_\(kind)_\($0.key)")?.hasPrefix($0.value) == true }
      }, "\(bridge.log)")
    #expect(subscriber.last("meterbridge/wmbus_\(kind)_4/signal_strength")?.hasPrefix("-") == true)
    bridge.end()
    simulator.end()
    #expect(bridge.deadLetters.isEmpty, "\(bridge.deadLetters)")
  }
}

/// As many telegrams as three hundred meters send in a day, as fast as the release build of the program takes them.
@Suite(.serialized, .enabled(if: Soak.minutes != nil)) struct SoakRadioTests {
  @Test("a day of three hundred wireless meters: every telegram is published once, in order, and memory stays flat")
  func day() throws {
    let (meters, interval, day) = (300, 120, 24 * 3600 / 16)
    let broker = try Broker("max_inflight_messages 0\nmax_queued_messages 0\nset_tcp_nodelay true")
    let bridge = try RunningBridge(broker)
    // A subscriber that finds no broker ends at once.
    try #require(eventually { broker.isListening })
    // One line a meter: how many readings came, and how many of them had no higher number than the one before. Without
    // their options both programs would still hold lines when it ends.
    let counts = bridge.path("counts")
    let script = """
      stdbuf -oL mosquitto_sub -q 1 -c -i witness -h 127.0.0.1 -p \(broker.port) -t 'meterbridge/+/reading' -t end -F '%t %p' |
      awk -W interactive '$1 == "end" { exit } { count[$1]++; if (match($0, /fd08","value":[0-9]+/)) {
        n = substr($0, RSTART + 14, RLENGTH - 14) + 0; if (n <= last[$1]) twice[$1]++; last[$1] = n; numbered[$1] = 1 } }
        END { for (t in count) print t, count[t], twice[t] + 0, numbered[t] + 0 }' >"$0"
      """
    let witness = try ChildProcess("/bin/sh", ["-c", script, counts])
    let (simulator, configured) = try simulate(
      bridge, "wmbus-lines,meters=\(meters),strangers=20,every=\(interval)=tcp:\(try freePort())",
      program: RealProgram.release)
    try bridge.configure(configured, more: "limits: {meters: \(meters)}\nlog_level: error")
    try bridge.run(RealProgram.release)
    let daemon = try #require(bridge.daemon)
    let begun = Clock.now()
    // An hour of the day.
    usleep(UInt32(day / 24 * interval * 1000))
    let before = daemon.kilobytes("VmRSS")
    while Clock.now() < begun + Milliseconds(Int64(day * interval)) { usleep(1_000_000) }
    let after = daemon.kilobytes("VmRSS")
    simulator.end()
    // What is still on its way is read.
    usleep(1_000_000)
    bridge.end()
    // The first ends what counts, the second its subscriber, who finds nobody to write to.
    for _ in 0..<2 {
      let words = ["-h", "127.0.0.1", "-p", "\(broker.port)", "-t", "end", "-m", "x"]
      try ChildProcess("/usr/bin/mosquitto_pub", words).wait()
      usleep(500_000)
    }
    witness.wait()
    let counted = (try? String(contentsOfFile: bridge.path("counted"), encoding: .utf8)) ?? ""
    let sent = counted.firstMatch(of: /([0-9]+) telegrams/).flatMap { Int($0.1) } ?? -1
    let rows = ((try? String(contentsOfFile: counts, encoding: .utf8)) ?? "").split(separator: "\n").map {
      $0.split(separator: " ").dropFirst().compactMap { Int($0) }
    }
    let came = rows.reduce(0) { $0 + $1[0] }
    Soak.say("\(sent) telegrams of \(meters) meters, \(came) readings; VmRSS \(before) kB, then \(after) kB")
    #expect(sent >= meters * day * 9 / 10)
    #expect(rows.count == meters && came == sent)
    #expect(rows.allSatisfy { $0[1] == 0 } && rows.count { $0[2] == 1 } == meters * 3 / 4)
    #expect(bridge.deadLetters.isEmpty, "\(bridge.deadLetters.prefix(500))")
    #expect(after - before < 1024, "VmRSS \(before) kB after an hour, \(after) kB at the end")
  }
}
