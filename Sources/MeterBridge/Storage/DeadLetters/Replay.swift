internal import Base
internal import Decoders
internal import Meters
internal import Publishing

/// One document for `…/reading` of a meter or sub-meter.
struct ReplayedReading: Equatable, Sendable {
  /// The id of the meter or sub-meter.
  var device: String
  /// JSON that says that it is of the past.
  var document: [UInt8]

  /// Takes the JSON object of the reading as it would be published live.
  init(device: String, document: [UInt8]) {
    self.device = device
    self.document = document.dropLast() + Array(#","replayed":true}"#.utf8)
  }
}

/// Decodes dead letters again, with the settings their meters have now and with a state of its own.
struct Replay {
  /// The result for a letter.
  enum Outcome {
    /// Its readings, ready to be published.
    case decoded([ReplayedReading])
    /// Together with letters before it, it is one telegram: the readings, and all these letters.
    case joined([ReplayedReading], [DeadLetterEntry])
    /// The telegram of the letter before, which had two mistakes.
    case repeated
    case undecodable
  }

  private let devices: [Device]
  private let formats: [[UInt8]]
  private let meters: [String: MeterSettings]
  private var pipelines: [String: MeterPipeline] = [:]
  private var runs: [String: DeadLetterRun] = [:]
  private var last: DeadLetter?
  /// The registers of the decoded letters, for the ledger of the hours.
  private(set) var hours = HourBook()

  /// - Parameters:
  ///   - meters: the meters of the configuration.
  ///   - devices: the sub-meters that the state file knows, so that they keep their names.
  ///   - formats: those of compact frames that it knows.
  init(meters: [MeterSettings], devices: [Device], formats: [[UInt8]] = []) {
    self.formats = formats
    self.meters = Dictionary(meters.map { ($0.id, $0) }) { first, _ in first }
    self.devices = devices
  }

  /// Decodes a letter. Letters are to come in the order of their ids.
  mutating func decode(_ entry: DeadLetterEntry) -> Outcome {
    let letter = entry.letter
    guard letter.kind == .undecodable, let settings = meters[letter.meter] else { return .undecodable }
    // It was turned away for where it came from, not for what it says. What came twice is no other reading.
    if [DecodeError.Code.unprotected, .replayed].contains(where: { $0.name == letter.code }) { return .undecodable }
    if Self.isOfAnotherMeter(letter, settings) { return .undecodable }
    if let last, last.bytes == letter.bytes, last.meter == letter.meter, last.time == letter.time { return .repeated }
    if let readings = readings(of: letter, settings) {
      last = letter
      runs[letter.meter] = nil
      return .decoded(readings)
    }
    var run = runs[letter.meter] ?? DeadLetterRun()
    run.append(entry)
    defer { runs[letter.meter] = run }
    guard let entries = run.whole(settings), let readings = readings(of: DeadLetterRun.joined(entries), settings) else {
      return .undecodable
    }
    last = letter
    run.end()
    return .joined(readings, entries)
  }

  /// The readings of a letter; nil if it is still broken.
  private mutating func readings(of letter: DeadLetter, _ settings: MeterSettings) -> [ReplayedReading]? {
    var pipeline = pipelines[letter.meter] ?? newPipeline(settings)
    defer { pipelines[letter.meter] = pipeline }
    var readings: [ReplayedReading] = []
    var publications: [Publication] = []
    let before = pipeline.counters.errors[letter.code] ?? 0
    for case .frame(let frame) in Self.pieces(of: letter, settings) where !Self.lacksChecksum(frame, letter) {
      let now = Instant(milliseconds: letter.time.milliseconds)
      for case .publication(let publication) in pipeline.received([frame], now: now, wall: letter.time) {
        if let document = publication.reading {
          readings.append(ReplayedReading(device: publication.device.id, document: document))
        }
        publications.append(publication)
      }
    }
    // A line that is still broken: the rest of its telegram was published when it came.
    let isBrokenStill = letter.stage != .framing && (pipeline.counters.errors[letter.code] ?? 0) > before
    if readings.isEmpty || isBrokenStill { return nil }
    publications.forEach { hours.take($0) }
    return readings
  }

  private func newPipeline(_ settings: MeterSettings) -> MeterPipeline {
    var pipeline = MeterPipeline(settings, zone: .system, devices: devices)
    pipeline.learn(formats)
    return pipeline
  }

  /// Splits a dead letter into frames and rejected bytes. A letter of the decoder is one frame, unless the user has
  /// corrected the meter's protocol meanwhile.
  static func pieces(of letter: DeadLetter, _ settings: MeterSettings) -> [Framed] {
    guard letter.stage == .framing || letter.protocolName != settings.meterProtocol.name else {
      return [.frame(letter.bytes)]
    }
    var framer = settings.meterProtocol.framer(settings)
    framer.append(letter.bytes.span)
    framer.finish()
    var pieces: [Framed] = []
    while let piece = framer.next() { pieces.append(piece) }
    return pieces
  }

  /// Whether another meter on the bus sent it. A secondary address that was configured since then says whose it is.
  private static func isOfAnotherMeter(_ letter: DeadLetter, _ settings: MeterSettings) -> Bool {
    let codes: [DecodeError.Code] = [.otherMeter, .severalMeters]
    guard codes.contains(where: { $0.name == letter.code }) else { return false }
    guard case .secondary? = settings.address, let frame = try? MBusFrame(parsing: letter.bytes.span) else {
      return true
    }
    return settings.address?.objection(to: frame) != nil
  }

  /// A framer that has seen nothing else cannot know that this meter's telegrams end in a checksum, nor that the line
  /// was silent in this one.
  private static func lacksChecksum(_ frame: [UInt8], _ letter: DeadLetter) -> Bool {
    let codes: [DecodeError.Code] = [.checksumMissing, .truncated]
    return codes.contains { letter.code == $0.name } && endsBare(frame)
  }

  /// Whether a frame is a P1 telegram without a checksum.
  static func endsBare(_ frame: [UInt8]) -> Bool {
    frame.first == UInt8(ascii: "/") && frame.last { $0 != 0x0A && $0 != 0x0D } == UInt8(ascii: "!")
  }
}
