package import Base
package import Decoders

/// Everything that the program must know of one protocol.
///
/// Each protocol is one value in its own file of `Protocols/`, and one line of the table there. A protocol whose meters
/// push needs three names, a framer, a decoder and the settings of its line. Everything else has a default.
package struct ProtocolDescription: Sendable {
  // MARK: Names

  /// The value of `protocol:`, also shown in topics, dead letters and `bridge/info`: `mbus`.
  package let name: String
  /// Names from other programs and from users, in lower case. The configuration accepts them too.
  package var otherNames: [String] = []
  /// One meter in a message: `an M-Bus meter`.
  package let meter: String
  /// Several meters in a message: `M-Bus meters`.
  package let meters: String
  /// The protocol in a message: `M-Bus`; nil for the name in capitals.
  package var writtenTitle: String?

  // MARK: Bytes

  /// Looks for signs of this protocol, for `decode` without `--protocol` and for web pages; nil if it finds none.
  package var recognise: @Sendable (Span<UInt8>) -> Recognition? = { _ in nil }
  /// Looks for telegrams on a line whose ones and zeros are exchanged, if the port receives something else than the
  /// complement of their bytes.
  package var recogniseInverted: @Sendable (Span<UInt8>) -> Bool = { _ in false }
  /// Makes the framer, which cuts a meter's bytes into frames.
  package let framer: @Sendable (MeterSettings) -> any Framer
  /// Makes the decoder, which turns frames into telegrams.
  package let decoder: @Sendable (MeterSettings) -> any MeterDecoder
  /// Makes what replaces numbers and keys in its frames, for `capture`; nil if nothing can do so yet.
  package var redactor: (@Sendable (MeterSettings) -> any FrameRedactor)?
  /// The length limit of one frame, in bytes.
  package var frameBytes = Limits.frameBytes
  /// The telegram in a line of text, as receivers print them; nil if line ends mean nothing. The function returns nil for a
  /// line of something else.
  package var heard: (@Sendable (ArraySlice<UInt8>) -> Heard?)?

  // MARK: The line

  /// The line settings of a serial port, unless `line` is configured.
  package let line: LineSettings
  /// Other line settings that meters use. The program tries them in turn while it finds only rejected bytes.
  package var otherLines: [LineSettings] = []
  /// What to look at on a port that stays silent: a part of a sentence.
  package var silenceAdvice: String?
  /// What to do about damaged telegrams, and how many of a hundred are usual.
  package var damageAdvice = "a shorter cable or another adapter may help"
  package var usualDamage = 0
  /// Whether several meters can share a line, each with an address.
  package var sharesLine = false
  /// What to do where two meters answer on one line.
  package var oneMeterRemedy = "Connect only one of them to this source"
  /// Makes the dialogue that asks meters on a device or socket; nil for meters that push.
  package var dialogue: (@Sendable (DialogueRequest) -> (any Dialogue)?)?
  /// Makes the dialogue for a receiver that hears many meters; nil for a source with one meter.
  package var receiver: (@Sendable (DialogueRequest) -> any Dialogue)?
  /// Makes the conversation that finds out whether a meter or dongle of this protocol answers; nil for meters that push. A
  /// gateway's line can be tuned too, if it speaks RFC 2217.
  package var inquiry: (@Sendable (_ line: LineSettings, _ isOverNetwork: Bool, _ canTune: Bool) -> any Inquiry)?
  /// Other line settings to make that inquiry with, the most likely first.
  package var otherInquiryLines: [LineSettings] = []
  /// Makes the function that finds the sender of a recorded frame; nil if a source has only one meter.
  package var attribution: (@Sendable ([MeterSettings]) -> Listener.Attribution)?

  // MARK: Time

  /// How often a meter of this medium is asked, unless `interval` is configured; nil for meters that push.
  package var usualInterval: @Sendable (Medium) -> Milliseconds? = { _ in nil }
  /// The time between two telegrams that is assumed for `offline`; nil to find it out. Meters that push only.
  package var assumedInterval: Milliseconds?
  /// The shortest interval that counts for `offline`, even if `interval` is shorter. A lost answer takes time to come
  /// again.
  package var shortestStaleness: Milliseconds = 0
  /// How long a first telegram may take after the source was opened.
  package var firstTelegram = Limits.trial
  /// The meaning of times without an offset.
  package var convention = HostZone.Convention.standard

  // MARK: Settings

  /// The keys of `meters` that not every protocol has, but this one does.
  package var settings: Set<String> = []
  /// The values of `profile:`; empty if the protocol does not have profiles.
  package var profiles: [String] = []
  /// The keys that a meter on a device or socket must have, and what each of them means.
  package var required: [(key: String, meaning: String)] = []

  // MARK: Content

  /// The version of the standard that a telegram is made by, for people; nil if it does not tell.
  package var version: @Sendable (Telegram) -> String? = { _ in nil }
  /// Whether every reading has all fields of its meter. Some meters tell power each time, but energies only each hour.
  package var tellsAllAtOnce = true
  /// Whether a register may come with fewer digits than before: some meters show all of them only after a PIN.
  package var losesDigits = false
  /// What a telegram tells of its meter beside its values.
  package var remarks: @Sendable (Telegram) -> [TelegramRemark] = { _ in [] }
  /// Whether sub-meters may stand behind a meter: gas and water behind a P1 port.
  package var hasSubmeters = false
  /// Fields that Home Assistant has to be asked for.
  package var hiddenFields: Set<FieldName> = []
  /// Whether a telegram may only help to understand later ones. Such a telegram has no value and is not a reading.
  package var tellsParticulars = false
  /// The content of its telegrams. `decode` prints by the content: a DLMS envelope may hold the text of a P1 port.
  package var content: (any TelegramContent.Type)?
  /// Writes the object `header` in the JSON of `decode`.
  package var writeHeader: @Sendable (Telegram, inout JSONText) -> Void = { _, json in json.null() }
  /// Writes the array `records` in the JSON of `decode`.
  package var writeRecords: @Sendable (Telegram, inout JSONText) -> Void = { _, json in json.null() }
}

extension ProtocolDescription {
  /// The bytes of a telegram, and how strong a receiver heard it, in dBm.
  package typealias Heard = (bytes: [UInt8], signalStrength: FixedDecimal?)

  /// The protocol in a message: `DLMS`.
  package var title: String { writtenTitle ?? name.uppercased() }
}

/// The table has each name once, so two descriptions with the same name are the same.
extension ProtocolDescription: Hashable, CustomStringConvertible {
  package static func == (left: ProtocolDescription, right: ProtocolDescription) -> Bool { left.name == right.name }
  package func hash(into hasher: inout Hasher) { hasher.combine(name) }
  package var description: String { name }
}
