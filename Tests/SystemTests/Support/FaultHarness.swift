import Testing
import TestSupport

/// What most faults are tried on: a broker, the program behind a proxy, a P1 meter whose telegrams are numbered, and a
/// witness.
struct FaultHarness {
  let broker: Broker
  let proxy: FaultProxy
  let bridge: RunningBridge
  let meter: ScriptedMeter
  let witness: Witness
  private let id: String

  /// The meter's entry in the configuration.
  static func meter(_ id: String, _ settings: String = "min_interval: 0s") -> String {
    "  - {id: \(id), protocol: p1, source: $/port, \(settings)}"
  }

  init(
    _ behaviour: FaultProxy.Behaviour = .init(), at broker: Broker? = nil, id: String = "grid", meters: String? = nil,
    mqtt: String = "keepalive: 5s", more: String = ""
  ) throws {
    self.id = id
    self.broker = try broker ?? Broker()
    proxy = try FaultProxy(to: self.broker.port, behaviour)
    bridge = try RunningBridge(self.broker)
    meter = try ScriptedMeter(in: bridge)
    witness = try Witness(self.broker)
    try bridge.configure(meters ?? FaultHarness.meter(id), port: proxy.port, mqtt: mqtt, more: more)
  }

  /// Starts the program, and returns when it reads the meter.
  func run(
    _ program: String = RealProgram.path, limits: [String] = [], within: String = "",
    environment: [String: String] = [:]
  ) throws {
    try bridge.run(program, limits: limits, within: within, environment: environment)
    try #require(meter.awaitListener())
  }

  /// Whether the readings with these numbers arrive, in this order and no others.
  func has(_ numbers: [Int]) -> Bool { eventually { withoutRepeats(witness.numbers(id)) == numbers } }

  /// Whether everything arrives that the meter has sent.
  var hasAll: Bool { has(meter.sent) }

  /// Sends a telegram; whether the topic of its register gets to it.
  func shows(_ number: Int) -> Bool { eventually { register == ScriptedMeter.payload(number) } }

  /// What stands on the topic of the meter's register.
  var register: String? { witness.last("meterbridge/\(id)/energy_import_t1") }

  func isOnline(_ expected: Bool) -> Bool {
    eventually { witness.last("meterbridge/\(id)/availability") == (expected ? "online" : "offline") }
  }
}
