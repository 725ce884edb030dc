import Foundation
import Glibc
import Testing

@testable import Base
@testable import Platform

/// Five meters, the program behind a fault proxy, and a witness that is always there before the program.
private final class SoakHarness {
  static let ids = (1...5).map { "m\($0)" }

  let broker: Broker
  let proxy: FaultProxy
  let bridge: RunningBridge
  let witness: Witness
  private(set) var meters: [String: ScriptedMeter] = [:]
  private var sent: [String: [Int]] = [:]
  /// Numbers that nobody promised: sent just before the program was killed.
  private var excused: [String: Set<Int>] = [:]

  init() throws {
    broker = try Broker("persistence false")
    proxy = try FaultProxy(to: broker.port)
    bridge = try RunningBridge(broker)
    for id in SoakHarness.ids {
      meters[id] = try ScriptedMeter(in: bridge, id)
      sent[id] = []
      excused[id] = []
    }
    witness = try Witness(broker)
    let lines = SoakHarness.ids.map { "  - {id: \($0), protocol: p1, source: $/\($0), min_interval: 0s}" }
    try bridge.configure(lines.joined(separator: "\n"), port: proxy.port, mqtt: "keepalive: 5s")
  }

  func run() throws {
    try bridge.run()
    try #require(meters.values.allSatisfy { $0.awaitListener() })
  }

  /// A telegram of each meter twice a second, for so long.
  func speak(_ time: Milliseconds) {
    let end = Clock.now() + time
    while Clock.now() < end {
      for (id, meter) in meters where meter.isOpen { sent[id]?.append(meter.send()) }
      usleep(500_000)
    }
  }

  /// The broker goes, and comes back empty. The program sees it no sooner than the witness does.
  func restartBroker(_ signal: Int32, after time: Milliseconds) throws {
    broker.end(signal)
    proxy.set { $0.refuses = true }
    speak(time)
    try broker.start()
    try #require(witness.isListening())
    proxy.set { $0.refuses = false }
  }

  /// The last two seconds of readings may be under way; what is longer unacknowledged must survive.
  func restartProgram() throws {
    let recent = Dictionary(uniqueKeysWithValues: sent.map { ($0.key, Set($0.value.suffix(5))) })
    bridge.end(SIGKILL)
    excused.merge(recent) { $0.union($1) }
    try run()
  }

  func unplug(_ id: String) throws {
    meters[id]?.unplug()
    speak(Milliseconds(1_500))
    meters[id] = try ScriptedMeter(in: bridge, id, after: sent[id]?.last ?? 0)
    try #require(meters[id]?.awaitListener() == true)
  }

  /// What the promises leave to be wished for; nil where all are kept. Three cuts in a row pass for another client of our
  /// name, which is given way to for three minutes at most.
  func broken() -> String? {
    let end = Clock.now() + .seconds(200)
    var complaint: String?
    repeat {
      complaint = SoakHarness.ids.lazy.compactMap { self.complaint(of: $0) }.first
      if complaint == nil { return nil }
      usleep(200_000)
    } while Clock.now() < end
    return complaint
  }

  private func complaint(of id: String) -> String? {
    let came = withoutRepeats(witness.numbers(id))
    let missing = Set(sent[id] ?? []).subtracting(came).subtracting(excused[id] ?? [])
    if !missing.isEmpty { return "\(id): \(missing.sorted()) did not come" }
    if came != came.sorted() { return "\(id): another order" }
    let last = sent[id]?.last.map(ScriptedMeter.payload)
    let stands = witness.last("meterbridge/\(id)/energy_import_t1")
    return stands == last ? nil : "\(id): \(stands ?? "nothing") stands where \(last ?? "nothing") should"
  }
}

@Suite(.serialized, .enabled(if: Soak.minutes != nil)) struct SoakTests {
  @Test("random faults cost no promised reading")
  func faultsAtRandom() throws {
    let seed = Soak.seed ?? UInt64.random(in: 0...UInt64.max)
    Soak.say("faults at random, METERBRIDGE_SOAK_SEED=\(seed)")
    var random = SplitMix64(seed: seed)
    let street = try SoakHarness()
    try street.run()
    street.speak(.seconds(2))
    let end = Clock.now() + .minutes(Int64(Soak.minutes ?? 1))
    var round = 0
    while Clock.now() < end {
      round += 1
      guard let fault = Fault.allCases.randomElement(using: &random) else { return }
      let time = Milliseconds.seconds(Int64.random(in: 1...12, using: &random))
      try fault.happen(to: street, time, &random)
      street.speak(.seconds(2))
      let complaint = street.broken()
      let memory = street.bridge.daemon?.kilobytes("VmRSS") ?? 0
      Soak.say("\(round): \(fault), \(time.count / 1000) s, \(memory) kB: \(complaint ?? "all is kept")")
      #expect(complaint == nil, "seed \(seed), round \(round), \(fault): \(complaint ?? "")")
      #expect(memory < 64 * 1024)
      if complaint != nil { return }
    }
    #expect(!street.bridge.deadLetters.contains("\"refused\""))
    street.bridge.end()
  }
}

private enum Fault: CaseIterable {
  case brokerEnds, brokerIsKilled, brokerStops, resets, ends, blackHole, slow, delay, refused, programStops,
    programIsKilled, unplugged, garbage, reload

  func happen(to street: SoakHarness, _ time: Milliseconds, _ random: inout SplitMix64) throws {
    switch self {
    case .brokerEnds: try street.restartBroker(SIGTERM, after: time)
    case .brokerIsKilled: try street.restartBroker(SIGKILL, after: time)
    case .brokerStops:
      street.broker.signal(SIGSTOP)
      street.speak(time)
      street.broker.signal(SIGCONT)
      _ = street.witness.isListening()
    case .resets, .ends:
      let kind: FaultProxy.Plan.Kind = self == .resets ? .reset : .finish
      let plans = (0..<3).map { _ in FaultProxy.Plan(kind: kind, offset: Int.random(in: 1...20_000, using: &random)) }
      street.proxy.set { $0.plans = plans }
      // The connection that stands is cut by refusing for a moment: the plans are for the next ones.
      street.proxy.cutAll()
      street.speak(time)
      street.proxy.set { $0.plans = [] }
    case .blackHole: try during(street, time) { $0.isBlackHole = true }
    case .slow: try during(street, time) { $0.bytesPerSecond = 2_000 }
    case .delay: try during(street, time) { $0.delay = Milliseconds(300) }
    case .refused:
      street.proxy.set { $0.refuses = true }
      street.proxy.cutAll()
      street.speak(time)
      street.proxy.set { $0.refuses = false }
    case .programStops:
      guard let daemon = street.bridge.daemon else { return }
      kill(daemon.id, SIGSTOP)
      // Three seconds of a meter fit into the port.
      street.speak(min(time, .seconds(3)))
      kill(daemon.id, SIGCONT)
    case .programIsKilled:
      street.speak(time)
      try street.restartProgram()
    case .unplugged: try street.unplug(SoakHarness.ids.randomElement(using: &random) ?? "m1")
    case .garbage:
      for _ in 0..<time.count {
        let bytes = (0..<200).map { _ in UInt8.random(in: 0...255, using: &random) }
        street.meters[SoakHarness.ids[0]]?.sendRaw(bytes + Array("\r\n".utf8))
        usleep(5_000)
      }
    case .reload:
      if let daemon = street.bridge.daemon { kill(daemon.id, SIGHUP) }
      street.speak(time)
    }
  }

  private func during(
    _ street: SoakHarness, _ time: Milliseconds, _ change: (inout FaultProxy.Behaviour) -> Void
  ) throws {
    street.proxy.set(change)
    street.speak(time)
    street.proxy.set {
      $0.isBlackHole = false
      $0.bytesPerSecond = nil
      $0.delay = 0
    }
  }
}
