import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Decoders
@testable import Meters
@testable import Platform
@testable import Simulator

private let kinds = ScriptedReceiver.Kind.allCases

/// A sample without check values.
private func stripped(_ sample: [UInt8]) throws -> [UInt8] {
  let frame = try WirelessFrame(sample.span)
  return frame.stripped(sample.span)
}

/// The next telegram of the same meter: its access number is one higher. Without a check value a first total needs it.
private func next(_ stripped: [UInt8]) -> [UInt8] {
  var frame = stripped
  frame[11] += 1
  return frame
}

private func commands(_ simulator: RunningSimulator, _ line: Int) -> [[UInt8]] {
  let found = Shared<[[UInt8]]?>(nil)
  simulator.change(line: line) { simulation in
    guard let simulation = simulation as? ReceiverSimulation else { return }
    found.change { $0 = simulation.receiver.commands }
  }
  _ = eventually { found.current != nil }
  return found.current ?? []
}

@Test("four receivers on ptys are set up as their manuals say, and their telegrams are on topics")
func receiversOnPorts() throws {
  // In format A: what a CUL hands on.
  let air = try sampleBytes("wmbus/plain")
  let plain = try stripped(air)
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let lines = kinds.map { kind in
    var simulation = ReceiverSimulation(kind)
    let telegram = simulation.receiver.wrapped(plain, air: air, isFormatB: false)
    var damaged = telegram
    damaged[20] ^= 1
    // The xor of an AMB.
    simulation.telegrams = (kind == .amb8465 ? damaged : []) + telegram
    if kind != .cul {
      simulation.telegrams += simulation.receiver.wrapped(next(plain), air: [], isFormatB: false)
    }
    return (simulation: simulation as any LineSimulation, place: SimulatorPlace.path(bridge.path(kind.rawValue)))
  }
  let simulator = try RunningSimulator(lines)
  defer { simulator.stop() }
  // The first one is found out.
  let meters = kinds.map { kind in
    "  - {id: \(kind.rawValue), protocol: wmbus, source: $/\(kind.rawValue), address: 70112233"
      + (kind == .im871a ? "}" : ", receiver: \(kind.rawValue)}")
  }
  try bridge.configure(meters.joined(separator: "\n"))
  try bridge.run()
  let subscriber = try Subscriber(to: broker)
  #expect(
    subscriber.eventually { now in
      kinds.allSatisfy {
        now.last("meterbridge/\($0.rawValue)/volume") == "12.345"
          && now.last("meterbridge/\($0.rawValue)/signal_strength") == "-71"
      }
    }, "\(bridge.log)")
  for (index, kind) in kinds.enumerated() {
    #expect(commands(simulator, index) == ScriptedReceiver(kind).setUp, "\(kind)")
  }
  #expect(eventually { bridge.deadLetters.contains("checksum_mismatch") })
  #expect(bridge.deadLetters.split(separator: "\n").count == 1, "\(bridge.deadLetters)")
  #expect(bridge.log.contains("found the receiver iM871A, which hears C1 and T1"))
  bridge.end()
}

@Test("a receiver that refuses its set-up is an error that says what to do, and its telegrams still come")
func receiverRefuses() throws {
  let plain = try stripped(sampleBytes("wmbus/plain"))
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  var simulation = ReceiverSimulation(.amb8465)
  simulation.receiver.refuses = true
  let receiver = simulation.receiver
  simulation.telegrams = [plain, next(plain)].flatMap { receiver.wrapped($0, air: [], isFormatB: false) }
  let simulator = try RunningSimulator([(simulation: simulation, place: .path(bridge.path("stick")))])
  defer { simulator.stop() }
  try bridge.configure("  - {id: water, protocol: wmbus, source: $/stick, receiver: amb8465}")
  try bridge.run()
  let subscriber = try Subscriber(to: broker)
  #expect(subscriber.eventually { $0.last("meterbridge/water/volume") == "12.345" }, "\(bridge.log)")
  #expect(bridge.log.contains("the AMB8465 refuses to hear C1 and T1: unplug it for a moment"), "\(bridge.log)")
  bridge.end()
}

@Test("scan on a receiver lists what is in the air, whoever it belongs to, and prints a configuration")
func scanOfTheAir() throws {
  let folder = try TemporaryFolder()
  let frames = try ["wmbus/plain", "wmbus/mode7", "wmbus/techem-water"].map { try stripped(sampleBytes($0)) }
  var simulation = ReceiverSimulation(.im871a)
  let receiver = simulation.receiver
  simulation.telegrams = frames.flatMap { receiver.wrapped($0, air: $0, isFormatB: false) }
  let simulator = try RunningSimulator([(simulation: simulation, place: .path(folder.path("stick")))])
  defer { simulator.stop() }
  let scan = try ChildProcess(
    "/bin/sh",
    [
      "-c", "exec \"$@\" >\"$0\"", folder.path("output"), RealProgram.path, "scan", "--receiver", "im871a",
      "--config", folder.path("none.yaml"), folder.path("stick"),
    ], log: folder.path("log"))
  #expect(eventually { ((try? folder.text("log")) ?? "").contains("found the receiver iM871A") })
  usleep(500_000)
  #expect(scan.end(SIGINT) == 0)
  let output = try folder.text("output")
  let rows = output.split(separator: "\n").filter { $0.hasPrefix("# ") }.map {
    $0.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
  }
  #expect(rows.count == 4 && rows[1].hasPrefix("# 70445566 ESY"), "\(output)")
  #expect(rows.contains { $0.contains("70445566 ESY") && $0.contains("mode 7") && $0.hasSuffix("-71") }, "\(output)")
  #expect(output.contains("    address: 70445566\n    key: !file /etc/meterbridge/keys/electricity_70445566"))
  #expect(output.contains("    receiver: im871a\n    address: 70112233\n"))
  #expect(try folder.text("log").contains("3 meters heard"))
}
