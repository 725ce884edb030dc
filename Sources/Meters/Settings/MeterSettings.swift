package import Base
package import Decoders

/// One checked entry of `meters` in the configuration.
package struct MeterSettings: Equatable, Sendable {
  package var id: String
  package var name: String?
  /// The names of its sub-meters, by what their ids have behind `<id>_`: `gas`, `gas_2`.
  package var subMeterNames: [String: String] = [:]
  package var meterProtocol: ProtocolDescription {
    _read { yield knownProtocol.value }
    set { knownProtocol = newValue.shared }
  }
  package var source: SourceAddress
  /// The source as written, for logs and dead letters.
  package var sourceText: String
  /// The topic that its telegrams are sent on to.
  package var forward: String?
  package var line: LineSettings?
  /// M-Bus only. A configured M-Bus meter always has one.
  package var address: MBusAddress?
  /// M-Bus only.
  package var polling = MBusPolling()
  /// D0 only.
  package var opticalPort = D0Polling()
  /// Wireless M-Bus only.
  package var reception = WirelessReception()
  private var knownProtocol: Box<ProtocolDescription>
  /// Nil: the interval of the protocol and medium, or the one that the program learns.
  package var interval: Milliseconds?
  package var profile: Profile?
  /// DLMS: the maker whose scalers to assume if a telegram does not have them.
  package var maker: DLMSMaker?
  /// DLMS, and P1 if it is enciphered.
  package var key: MeterKey?
  /// The key that authenticates telegrams; nil leaves them unchecked.
  package var authenticationKey: MeterKey?
  /// The system title of a meter whose telegrams do not have it.
  package var systemTitle: SystemTitle?
  /// Whether telegrams in plain count although the meter has a key.
  package var allowsPlain = false
  /// Whether frames with a wrong checksum are used.
  package var ignoresChecksums = false
  /// Powers of ten that replace the scalers of the maker.
  package var scalers: [DLMSQuantity: Int8] = [:]
  /// ECHONET Lite: the id on the B-route, 32 upper case hexadecimal digits.
  package var bRouteIdentifier: Secret?
  /// ECHONET Lite: the password on the B-route.
  package var password: Secret?
  /// ECHONET Lite, only for `decode`: the value of property E1, which a meter tells once.
  package var energyUnit: UInt8?
  /// ECHONET Lite, only for `decode`: the value of property D3, which a meter tells once.
  package var coefficient: UInt32?
  /// Published units by field name. They replace those of the vocabulary.
  package var units: [String: Unit] = [:]
  /// The offset of the meter's clock from UTC, in minutes; positive in the east.
  package var utcOffset: Int16?
  /// The ratio of a transformer or pulse output, if the meter does not apply it.
  package var factor: FixedDecimal?
  /// The power of the connection in watts, for the guard. Nil: 100 kW for electricity.
  package var maximumPower: FixedDecimal?
  package var heartbeat = Milliseconds.minutes(5)
  package var minimumInterval = Milliseconds.seconds(10)
  /// Settings of single fields.
  package var policies: [FieldName: FieldPolicy] = [:]
  /// Values on topics are rounded to multiples of these, in published units.
  package var rounding: [FieldName: FixedDecimal] = [:]
  /// Fields to enable in Home Assistant: names of the vocabulary, and last levels of topics.
  package var enabled: Set<String> = []
  /// Whether the newest values are also published as one flat object.
  package var publishesState = false

  package init(id: String, meterProtocol: ProtocolDescription, source: SourceAddress, sourceText: String) {
    self.id = id
    knownProtocol = meterProtocol.shared
    self.source = source
    self.sourceText = sourceText
  }

  /// The configured name of the meter or of a sub-meter behind it.
  package func name(of id: String) -> String? {
    id == self.id ? name : subMeterNames[String(id.dropFirst(self.id.count + 1))]
  }
}
