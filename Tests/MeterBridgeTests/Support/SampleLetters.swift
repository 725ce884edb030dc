@testable import Base
@testable import MeterBridge
@testable import Meters

/// A letter that tests tell from others by its message.
func sampleLetter(_ message: String = "checksum is 4F, the bytes add up to 50", meter: String = "heat") -> DeadLetter {
  DeadLetter(
    time: WallTime(milliseconds: 1_795_172_401_250), meter: meter, source: "/dev/ttyUSB0", kind: .undecodable,
    stage: .framing, code: "checksum_mismatch", message: message, offset: 21, protocolName: "mbus",
    bytes: [0x68, 0x03, 0x03, 0x68, 0x08, 0x01, 0x72, 0x00, 0x16])
}

/// A letter as the first of a log.
func letterEntry(_ letter: DeadLetter) -> DeadLetterEntry {
  var numbering = DeadLetterNumbering()
  return DeadLetterEntry(id: numbering.next(at: letter.time), letter: letter)
}

/// `count` letters with rising ids, the messages "1", "2", ….
func sampleEntries(_ count: Int, after newest: DeadLetterID? = nil) -> [DeadLetterEntry] {
  var numbering = DeadLetterNumbering(after: newest)
  return (1...count).map { number in
    let letter = sampleLetter("\(number)")
    return DeadLetterEntry(id: numbering.next(at: letter.time), letter: letter)
  }
}

/// All lines of a log, oldest first.
func readAll(_ log: DeadLetterLog) throws -> (entries: [DeadLetterEntry], damaged: [String]) {
  let reader = try DeadLetterReader(log)
  var entries: [DeadLetterEntry] = []
  var damaged: [String] = []
  while let line = try reader.next() {
    switch line {
    case .entry(let entry): entries.append(entry)
    case .damaged(let file, let line): damaged.append("\(file):\(line)")
    }
  }
  return (entries, damaged)
}
