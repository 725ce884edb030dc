package import Base
package import Decoders

package struct MeterSettings: Equatable, Sendable {
  package var id: String
  package var name: String?
  package var meterProtocol: ProtocolDescription
  package var source: SourceAddress
  /// The source as written, for logs and dead letters.
  package var sourceText: String
  package var line: LineSettings?
  /// M-Bus only; of a configured M-Bus meter never nil.
  package var address: MBusAddress?
  /// Nil: from the protocol and the medium, or learnt.
  package var interval: Milliseconds?
  package var profile: Profile?
  /// DLMS: whose habits to assume where a telegram does not say where the point is.
  package var maker: DLMSMaker?
  /// DLMS and enciphered P1.
  package var key: MeterKey?
  /// What tags are held against; nil leaves them unchecked.
  package var authenticationKey: MeterKey?
  /// For meters whose telegrams do not name them.
  package var systemTitle: SystemTitle?
  /// Believe frames whose checksum is wrong.
  package var ignoresChecksums = false
  /// Powers of ten, instead of the maker's habit.
  package var scalers: [DLMSQuantity: Int8] = [:]
  /// ECHONET Lite: the id on the B-route, 32 upper case hexadecimal digits.
  package var bRouteIdentifier: Secret?
  /// ECHONET Lite: the password on the B-route.
  package var password: Secret?
  /// ECHONET Lite, for `decode` alone: what the meter says once in its property E1.
  package var energyUnit: UInt8?
  /// ECHONET Lite, for `decode` alone: what the meter says once in its property D3.
  package var coefficient: UInt32?
  /// Published unit for a field name, instead of the vocabulary's.
  package var units: [String: Unit] = [:]
  /// Minutes east of UTC of the meter's clock.
  package var utcOffset: Int16?
  /// Transformer or pulse ratio that the meter itself does not apply.
  package var factor: FixedDecimal?
  /// What the connection can carry, in watts, for the guard; nil: 100 kW for electricity.
  package var maximumPower: FixedDecimal?
  package var heartbeat = Milliseconds.minutes(5)
  package var minimumInterval = Milliseconds.seconds(10)
  /// What some fields have instead.
  package var policies: [FieldName: FieldPolicy] = [:]
  /// Multiples that topics are rounded to, in published units.
  package var rounding: [FieldName: FixedDecimal] = [:]

  package init(id: String, meterProtocol: ProtocolDescription, source: SourceAddress, sourceText: String) {
    self.id = id
    self.meterProtocol = meterProtocol
    self.source = source
    self.sourceText = sourceText
  }
}
