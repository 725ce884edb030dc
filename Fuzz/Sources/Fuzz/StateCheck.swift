@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import MQTT
@testable import Platform
@testable import Publishing
@testable import Simulator

/// Reads a state file or a network file, uses its sections, writes it and reads it again.
func checkState(_ input: [UInt8]) {
  let files = MemoryFiles(["state.json": input])
  var file = StateFile(in: files)
  if let trouble = try? file.read() {
    precondition(isShowable(trouble), "no words")
    precondition(!isObject(input, withBlanks: true), "a whole file is taken for a damaged one")
  }
  if let json = file.section(RetainedState.sectionName), let state = parse(json, RetainedState.init(parsing:)) {
    let again = parse(state.encoded(), RetainedState.init(parsing:))
    precondition(again == state, "another state comes back")
    requireObject(state.encoded())
    takeOver(state)
  }
  if let json = file.section(FrameCounters.sectionName), let counters = parse(json, FrameCounters.init(parsing:)) {
    requireObject(counters.encoded())
    precondition(parse(counters.encoded(), FrameCounters.init(parsing:)) != nil)
  }
  if let json = file.section(GuardedTotals.sectionName), let totals = parse(json, GuardedTotals.init(parsing:)) {
    requireObject(totals.encoded())
    precondition(parse(totals.encoded(), GuardedTotals.init(parsing:)) == totals, "other totals come back")
    for totals in totals.meters.values { hold(totals) }
  }
  if let json = file.section(LearntFormats.sectionName), let formats = parse(json, LearntFormats.init(parsing:)) {
    precondition(parse(formats.encoded(), LearntFormats.init(parsing:)) == formats, "other formats come back")
    var decoder = wirelessDecoder
    decoder.learn(Array(formats.formats))
  }
  if let known = KnownNetwork(parsing: input) {
    precondition(KnownNetwork(parsing: known.encoded())?.network == known.network, "another network comes back")
  }
  file.set("section", to: Array("{\"a\":1}".utf8))
  let names = ["section", RetainedState.sectionName, FrameCounters.sectionName, GuardedTotals.sectionName]
  let sections = names.map(file.section)
  precondition((try? file.write()) != nil, "it cannot be written")
  var again = StateFile(in: files)
  precondition(again.load() == nil, "what was written cannot be read")
  precondition(names.map(again.section) == sections, "another section comes back")
  precondition(files.isClosed, "a file stays open")
}

private func parse<Section>(_ json: [UInt8], _ read: ([UInt8]) throws(YAMLError) -> Section) -> Section? {
  do throws(YAMLError) { return try read(json) } catch {
    precondition(!error.problem.isEmpty, "no words")
    return nil
  }
}

private let telegram = Array("/ISK5\\2M550T-1012\r\n\r\n1-0:1.8.1(000001.234*kWh)\r\n1-0:2.8.0(0.5*kWh)\r\n!\r\n".utf8)

/// Guards a telegram with any earlier totals.
private func hold(_ totals: [String: DeviceTotals]) {
  var pipeline = MeterPipeline(
    meter(.p1), zone: .system, devices: [], totals: ["meter": totals.values.first ?? DeviceTotals()])
  for step in Int64(1)...6 {
    let now = Instant(milliseconds: step * 10_000)
    let wall = WallTime(milliseconds: 1_760_000_000_000 + now.milliseconds)
    for output in pipeline.received([telegram], now: now, wall: wall) { look(output) }
  }
}

/// Removes the retained topics of an earlier run, for any content of the state file.
private func takeOver(_ state: RetainedState) {
  var outbox = emptyOutbox(retained: state)
  let now = Instant(milliseconds: 1000)
  outbox.take(.meters([configured("meter")]), at: now)
  outbox.connected(.five, .init(), at: now)
  var rounds = 0
  while let message = outbox.next(at: now) {
    outbox.finish(message.item, refusal: nil, at: now)
    rounds += 1
    precondition(rounds < 10_000, "no end of messages")
  }
}
