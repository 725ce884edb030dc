internal import Base
internal import Decoders
internal import Meters

/// A dead letter with its id: one line of `dead-letter.jsonl`, and without its bytes the event on `bridge/dead_letter`.
struct DeadLetterEntry: Equatable, Sendable {
  /// Equal letters that were counted instead of written.
  struct Repeats: Equatable, Sendable {
    /// The letter that they are equal to. It has their bytes.
    var original: DeadLetterID
    /// The number of letters that this line stands for.
    var count: Int
    /// The time of the first of them. The time of the last one is that of the line.
    var first: WallTime
  }

  var id: DeadLetterID
  var letter: DeadLetter
  /// Whether `letter.bytes` are the first of more.
  var isTruncated: Bool
  /// Nil for a letter of its own.
  var repeats: Repeats?
  /// Letters of this meter, stage and code that were not written before this one, because there were too many.
  var skipped = 0

  /// Keeps what fits into a line of the log: the bytes up to the protocol's longest frame, and readable lengths of text.
  init(id: DeadLetterID, letter: DeadLetter) {
    let limit = ProtocolDescription(named: letter.protocolName)?.frameBytes ?? Limits.frameBytes
    self.id = id
    self.letter = letter
    isTruncated = letter.bytes.count > limit
    if isTruncated { self.letter.bytes.removeLast(letter.bytes.count - limit) }
    self.letter.meter = cut(letter.meter)
    self.letter.source = cut(letter.source)
    self.letter.code = cut(letter.code)
    self.letter.message = cut(letter.message)
    self.letter.protocolName = cut(letter.protocolName)
    if let subject = letter.subject {
      self.letter.subject = DeadLetter.Subject(
        field: subject.field.map(cut), topic: subject.topic.map(cut), value: subject.value.map(cut),
        last: subject.last.map(cut))
    }
  }

  /// The line of the log, with its line end.
  func line() -> [UInt8] { json(withBytes: true) + [0x0A] }

  /// The document of `bridge/dead_letter`.
  func event() -> [UInt8] { json(withBytes: false) }

  /// Absent members are left out: a reader of YAML cannot tell `null` from a text of four letters.
  private func json(withBytes: Bool) -> [UInt8] {
    var json = JSONText()
    json.object { json in
      json.member("id", id.description)
      json.member("time", letter.time.description)
      json.member("meter", letter.meter)
      json.member("source", letter.source)
      json.member("kind", letter.kind.rawValue)
      json.member("stage", letter.stage.rawValue)
      json.member("code", letter.code)
      json.member("message", letter.message)
      if skipped > 0 { json.member("skipped", skipped) }
      if let repeats {
        json.member("repeated", repeats.count)
        json.member("first", repeats.first.description)
        json.member("original", repeats.original.description)
      }
      if let offset = letter.offset { json.member("offset", offset) }
      json.member("protocol", letter.protocolName)
      if withBytes {
        json.member("bytes", Hexadecimal.text(letter.bytes))
        if isTruncated { json.member("truncated", true) }
      }
      if let field = letter.subject?.field { json.member("field", field) }
      if let topic = letter.subject?.topic { json.member("topic", topic) }
      if let value = letter.subject?.value { json.member("value", value) }
      if let last = letter.subject?.last { json.member("last", last) }
    }
    return json.bytes
  }
}

/// A line of the log that is not a dead letter: half written before a power cut, or changed by hand.
struct DamagedLetter: Error, Equatable {}

extension DeadLetterEntry {
  /// Reads one line, with or without its line end. Keys that it does not know are left alone.
  init(parsing line: [UInt8]) throws(DamagedLetter) {
    guard line.count <= Limits.deadLetterLineBytes, let members = Self.members(of: line) else { throw DamagedLetter() }
    guard let id = members["id"].flatMap(DeadLetterID.init), let time = members["time"].flatMap(WallTime.init),
      let meter = members["meter"], let source = members["source"],
      let kind = members["kind"].flatMap(DeadLetter.Kind.init),
      let stage = members["stage"].flatMap(DeadLetter.Stage.init), let code = members["code"],
      let message = members["message"], let protocolName = members["protocol"],
      let bytes = members["bytes"].flatMap({ Hexadecimal.bytes($0.utf8) })
    else { throw DamagedLetter() }
    let subject = DeadLetter.Subject(
      field: members["field"], topic: members["topic"], value: members["value"], last: members["last"])
    self.id = id
    isTruncated = members["truncated"] == "true"
    skipped = members["skipped"].flatMap { Int($0) } ?? 0
    if let count = members["repeated"].flatMap({ Int($0) }), let first = members["first"].flatMap(WallTime.init),
      let original = members["original"].flatMap(DeadLetterID.init)
    {
      repeats = Repeats(original: original, count: count, first: first)
    }
    letter = DeadLetter(
      time: time, meter: meter, source: source, kind: kind, stage: stage, code: code, message: message,
      offset: members["offset"].flatMap { Int($0) }, protocolName: protocolName, bytes: bytes,
      subject: subject == DeadLetter.Subject() ? nil : subject)
  }

  /// The scalars of one JSON object by their keys; nil for other lines.
  private static func members(of line: [UInt8]) -> [String: String]? {
    // Other text could be valid YAML too, and slow to read.
    guard line.first == 0x7B, let events = try? yamlEvents(line), events.first.isMappingStart else { return nil }
    var members: [String: String] = [:]
    var key: String?
    var depth = 0
    for event in events.dropFirst() {
      switch event {
      case .mappingStart, .sequenceStart: depth += 1
      case .mappingEnd, .sequenceEnd:
        depth -= 1
        if depth == 0 { key = nil }
      case .scalar(let text, _, _) where depth == 0:
        if let name = key {
          members[name] = text
          key = nil
        } else {
          key = text
        }
      case .scalar: break
      }
    }
    return members
  }
}

extension YAMLEvent? {
  fileprivate var isMappingStart: Bool { if case .mappingStart = self { true } else { false } }
}

/// A text, shortened where it is longer than a line of the log has room for.
private func cut(_ text: String) -> String {
  guard text.utf8.count > Limits.deadLetterTextBytes else { return text }
  var kept = ""
  for scalar in text.unicodeScalars {
    guard kept.utf8.count + scalar.utf8.count + 3 <= Limits.deadLetterTextBytes else { break }
    kept.unicodeScalars.append(scalar)
  }
  return kept + "…"
}
