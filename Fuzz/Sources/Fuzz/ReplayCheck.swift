import Decoders

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import MQTT
@testable import Platform
@testable import Publishing
@testable import Simulator

/// Reads a dead-letter log, appends to it and replays it.
func checkReplay(_ input: [UInt8]) {
  let files = MemoryFiles(["dead-letter.jsonl": input, "dead-letter.replayed": input])
  let log = DeadLetterLog(in: files)
  var replay = Replay(meters: ProtocolDescription.all.map { meter(named: $0) }, devices: [])
  var numbering = DeadLetterNumbering(after: log.newestID())
  var last: DeadLetterEntry?
  do throws(Errno) {
    for entry in try entries(of: log) {
      look(entry)
      look(replay.decode(entry))
      last = DeadLetterEntry(id: numbering.next(at: entry.letter.time), letter: entry.letter)
    }
    if let last {
      // Behind whatever the input ends with.
      try log.append(last)
      precondition(log.newestID() == last.id, "the newest letter is not found")
    }
    var replayed = try ReplayedLetters(in: files)
    if let last { try replayed.remember(last.id) }
    try replayed.keep(only: last.map { [$0.id] } ?? [])
    let again = try ReplayedLetters(in: files)
    precondition(again.ids == replayed.ids, "other ids come back")
    precondition(files.isClosed, "a file stays open")
  } catch {
    preconditionFailure("\(error)")
  }
}

private func entries(of log: DeadLetterLog) throws(Errno) -> [DeadLetterEntry] {
  let reader = try DeadLetterReader(log)
  var entries: [DeadLetterEntry] = []
  while let line = try reader.next() { if case .entry(let entry) = line { entries.append(entry) } }
  return entries
}

private func meter(named meterProtocol: ProtocolDescription) -> MeterSettings {
  var settings = meter(meterProtocol)
  settings.id = meterProtocol.name
  return settings
}

private func look(_ outcome: Replay.Outcome) {
  let readings: [ReplayedReading]
  switch outcome {
  case .undecodable, .repeated: return
  case .decoded(let decoded): readings = decoded
  case .joined(let decoded, let entries):
    precondition(entries.count > 1, "one letter is joined with none")
    readings = decoded
  }
  precondition(!readings.isEmpty, "decoded, but no reading")
  for reading in readings { requireObject(reading.document) }
}
