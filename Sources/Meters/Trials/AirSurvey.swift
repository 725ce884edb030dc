package import Base
package import Decoders

/// The meters that a receiver hears, whoever they belong to.
package struct AirSurvey: Sendable {
  /// How the telegrams of a meter are protected.
  package enum Protection: Equatable, Sendable {
    case plain
    /// Enciphered by a mode of the transport layer.
    case mode(UInt8)
    /// Enciphered from the extended link layer on.
    case session
    /// By a key that the maker has published, or with a mode that tells nothing.
    case open(UInt8)
    /// A maker's own frame, which cannot be read.
    case makersOwn
  }

  package struct Meter: Sendable {
    package let address: WirelessAddress
    package var model: String?
    package var medium: Medium
    package var protection: Protection
    package var telegrams = 0
    /// In dBm, of the last telegram; nil if the receiver does not tell.
    package var strength: FixedDecimal?
    fileprivate var interval = LearntInterval()

    fileprivate init(_ address: WirelessAddress) {
      self.address = address
      medium = address.publishedMedium
      protection = .plain
    }

    /// Nil before the second telegram.
    package var seenInterval: Milliseconds? { interval.median }

    package var needsKey: Bool {
      switch protection {
      case .mode, .session: true
      case .plain, .open, .makersOwn: false
      }
    }

  }

  private var known: [WirelessAddress: Meter] = [:]
  /// Telegrams of meters beyond those that are remembered.
  package private(set) var others = 0
  /// Pieces of bytes that were no telegram.
  package private(set) var damaged = 0
  private var decoder: any MeterDecoder

  package init() {
    let nameless = MeterSettings(id: "", meterProtocol: .wmbus, source: .standardInput, sourceText: "-")
    decoder = ProtocolDescription.wmbus.decoder(nameless)
  }

  /// Those heard so far: by medium, maker and number.
  package var meters: [Meter] {
    known.values.sorted { Self.order($0) < Self.order($1) }
  }

  private static func order(_ meter: Meter) -> (String, String, String, UInt64) {
    let rest = UInt64(meter.address.version) << 8 | UInt64(meter.address.medium)
    return (meter.medium.name, meter.address.letters, meter.address.number, rest)
  }

  package mutating func rejected() { damaged += 1 }

  /// Takes a telegram, without its copies.
  package mutating func heard(_ frame: [UInt8], strength: FixedDecimal?, now: Instant) {
    guard let sender = try? WirelessSender(frame.span) else { return rejected() }
    guard known[sender.meter] != nil || known.count < Limits.wirelessStrangers else {
      others += 1
      return
    }
    var meter = known[sender.meter] ?? Meter(sender.meter)
    meter.telegrams += 1
    meter.interval.heard(at: now)
    meter.strength = strength ?? meter.strength
    look(into: frame, of: sender, &meter)
    known[sender.meter] = meter
  }

  /// What the telegram tells without a key.
  private mutating func look(into frame: [UInt8], of sender: WirelessSender, _ meter: inout Meter) {
    var telegrams: [Telegram] = []
    do throws(DecodeError) {
      try decoder.decode(frame.span, into: &telegrams)
      guard let reading = telegrams.first?.readings.first else { return }
      meter.model = reading.modelName ?? meter.model
      meter.medium = reading.meter.medium
      let mode = sender.mode ?? 0
      meter.protection = mode == 0 ? .plain : .open(mode)
    } catch {
      switch error.code {
      case .makerFrame: meter.protection = .makersOwn
      case .noKey, .unsupportedSecurity, .wrongKey:
        meter.protection = sender.isSessionEnciphered ? .session : .mode(sender.mode ?? 0)
      default: break
      }
    }
  }
}
