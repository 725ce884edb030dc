import Decoders

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import MQTT
@testable import Platform
@testable import Publishing
@testable import Simulator

/// A meter of the configuration that speaks this protocol.
func meter(_ meterProtocol: ProtocolDescription) -> MeterSettings {
  MeterSettings(id: "meter", meterProtocol: meterProtocol, source: .standardInput, sourceText: "-")
}

/// Puts frames through a meter's pipeline, and checks every output for the broker and the disk.
///
/// That takes longer than decoding: one input in four is enough.
func publish(_ frames: [[UInt8]], _ meterProtocol: ProtocolDescription) {
  guard frames.joined().reduce(0 as UInt8, &+) & 3 == 0 else { return }
  var pipeline = MeterPipeline(meter(meterProtocol), zone: .system, devices: [])
  var store = emptyStore(pipeline.settings)
  var now = Instant(milliseconds: 1_000_000)
  for frame in frames.prefix(8) {
    now = now + .seconds(10)
    let wall = WallTime(milliseconds: 1_760_000_000_000 + now.milliseconds)
    for output in pipeline.received([frame], now: now, wall: wall) {
      look(output)
      store.take(output, now: now)
    }
    look(store, at: now)
  }
  if let deadline = pipeline.deadline { for output in pipeline.tick(now: deadline) { look(output) } }
}

/// Checks an output of a pipeline for topics, disk and log.
func look(_ output: MeterOutput) {
  switch output {
  case .publication(let publication): look(publication)
  case .availability(let device, _): precondition(isLevel(device), "no level of a topic")
  case .deadLetter(let letter): look(letter)
  case .log(_, let text): precondition(isShowable(text), "no words")
  case .network, .telegram, .forward: break
  }
}

private func look(_ publication: Publication) {
  precondition(isLevel(publication.device.id), "no level of a topic")
  var levels: Set<String> = []
  for field in publication.fields {
    precondition(isLevel(field.field.level), "no level of a topic")
    precondition(levels.insert(field.field.level).inserted, "two values on one topic")
    // An empty payload would delete a retained message.
    precondition(!field.payload.isEmpty, "nothing is published")
    if field.field.isNumber { requireObject(Array("{\"value\":\(field.payload)}".utf8)) }
  }
  if let reading = publication.reading { requireObject(reading) }
  let discovery = Discovery(HomeAssistantSettings(), baseTopic: "meterbridge")
  requireObject(discovery.document(for: publication.device, fields: publication.fields.map(\.field), removing: []))
}

private func look(_ letter: DeadLetter) {
  var numbering = DeadLetterNumbering()
  look(DeadLetterEntry(id: numbering.next(at: letter.time), letter: letter))
}

/// A letter must come back from its line as it went in.
func look(_ entry: DeadLetterEntry) {
  let line = entry.line()
  precondition(line.count <= Limits.deadLetterLineBytes, "a line longer than a reader takes")
  requireObject(line.dropLast())
  requireObject(entry.event())
  precondition((try? DeadLetterEntry(parsing: line)) == entry, "another letter comes back")
}

private func isLevel(_ text: String) -> Bool {
  !text.isEmpty
    && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
}
