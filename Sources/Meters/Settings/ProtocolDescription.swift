package import Base
package import Decoders

/// Everything that the program must know of one protocol. Each protocol is a value in a file of `Protocols/`, and a
/// line of the table there.
package struct ProtocolDescription: Sendable {
  // MARK: Names

  /// What `protocol:` takes, and what topics, dead letters and `bridge/info` show: `mbus`.
  package let name: String
  /// What other programs and people call it, in lower case.
  package var otherNames: [String] = []
  /// One of its meters in a message: `an M-Bus meter`.
  package let meter: String
  /// Its meters in a message: `M-Bus meters`.
  package let meters: String

  // MARK: Bytes

  /// What tells that bytes are of this protocol; nil where nothing does.
  package let recognise: @Sendable (Span<UInt8>) -> Recognition?
  /// What cuts a meter's bytes into frames.
  package let framer: @Sendable (MeterSettings) -> any Framer
  /// What makes telegrams of the frames, with the frame counters of an earlier run.
  package let decoder: @Sendable (MeterSettings, [DLMSFrameCounter]) -> any MeterDecoder
  /// Bytes of one frame at most.
  package var frameBytes = Limits.frameBytes

  // MARK: The line

  /// What serial ports are set to, unless configured.
  package let line: LineSettings
  /// What else its meters use, to be tried where nothing fits.
  package var otherLines: [LineSettings] = []
  /// Whether several of its meters share a line, each with an address.
  package var sharesLine = false
  /// What meters on a device or socket are asked by; nil where they push.
  package var dialogue: (@Sendable (DialogueRequest) -> (any Dialogue)?)?
  /// Says which of several meters a frame of a recording or page is from; nil where one is alone on its source.
  package var attribution: (@Sendable ([MeterSettings]) -> Listener.Attribution)?

  // MARK: Time

  /// How often a meter of this medium is asked, unless configured; nil where meters push.
  package var usualInterval: @Sendable (Medium) -> Milliseconds? = { _ in nil }
  /// How often a lost answer may come late: a meter is not offline before three of these.
  package var shortestStaleness: Milliseconds = 0
  /// How times without an offset are meant.
  package var convention = HostZone.Convention.standard

  // MARK: Settings

  /// The keys of `meters` that belong to this protocol, among those that do not go with every one.
  package var settings: Set<String> = []
  /// The names that `profile:` takes; empty where it takes none.
  package var profiles: [String] = []
  /// The keys that a meter on a device or socket cannot do without, and what each of them is.
  package var required: [(key: String, meaning: String)] = []

  // MARK: Content

  /// Whether every reading of a meter has all its fields. Others tell power all the time, and energies by the hour.
  package var tellsAllAtOnce = true
  /// Whether other meters may stand behind one: gas and water behind a P1 port.
  package var hasSubmeters = false
  /// Whether a telegram may only help to understand later ones: without a value it is not a reading.
  package var tellsParticulars = false
  /// What its telegrams hold. `decode` prints by it, since an enciphered DLMS telegram may hold the text of a P1 port.
  package let content: any TelegramContent.Type
  /// The object of `header` in the JSON of `decode`.
  package let writeHeader: @Sendable (Telegram, inout JSONText) -> Void
  /// The array of `records` in the JSON of `decode`.
  package let writeRecords: @Sendable (Telegram, inout JSONText) -> Void
}

/// Two descriptions of one name are the same: the table has each name once.
extension ProtocolDescription: Hashable, CustomStringConvertible {
  package static func == (left: ProtocolDescription, right: ProtocolDescription) -> Bool { left.name == right.name }
  package func hash(into hasher: inout Hasher) { hasher.combine(name) }
  package var description: String { name }
}

/// What a dialogue is made for.
package struct DialogueRequest: Sendable {
  /// The meters behind one source, at least one, all of one protocol.
  package var meters: [MeterSettings]
  /// The settings of its line.
  package var line: LineSettings
  /// Where the meter behind a dongle was found in an earlier run.
  package var network: SKSTACKNetwork?
  /// For whatever has to be random.
  package var seed: UInt64

  package init(meters: [MeterSettings], line: LineSettings, network: SKSTACKNetwork?, seed: UInt64) {
    self.meters = meters
    self.line = line
    self.network = network
    self.seed = seed
  }
}

extension DialogueRequest {
  /// What goes on over the line: the protocol's own dialogue where something can be asked, else the meters push.
  package var dialogue: any Dialogue {
    let first = meters[0]
    let known = first.meterProtocol
    if first.isAsked, let dialogue = known.dialogue?(self) { return dialogue }
    return Listener(
      framer: known.framer(first), gap: Listener.gap(overNetwork: first.source.isSocket), interval: first.interval,
      attribution: known.attribution?(meters))
  }
}
