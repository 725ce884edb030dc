package import Meters

/// A fake meter of any protocol.
enum SimulatedMeter: Sendable {
  case p1(SimulatedP1Meter)
  case mbus(any SimulatedMBusMeter)
  /// Many M-Bus meters on one line.
  case bus([MBusSlave])
  case dlms(SimulatedDLMSMeter)
  case sml(SimulatedSMLMeter)
  case bRoute(BRouteSimulation)
  case d0(SimulatedD0Meter)
  /// Many wireless M-Bus meters around one receiver.
  case radio(RadioSimulation)
}

/// The fake meters that `simulate` knows by name.
package enum SimulatedKind: String, Sendable, CaseIterable {
  case p1Netherlands = "p1-nl"
  case p1Belgium = "p1-be"
  case p1Version2 = "p1-v2"
  case p1Luxembourg = "p1-lu"
  case p1LuxembourgEncrypted = "p1-lu-encrypted"
  case p1PolandEncrypted = "p1-pl-encrypted"
  case p1Sweden = "p1-se"
  case pro380 = "mbus-pro380"
  case multical303 = "mbus-multical303"
  case water = "mbus-water"
  case gas = "mbus-gas"
  case bus = "mbus-bus"
  case kaifa = "dlms-kaifa"
  case kaifaEncrypted = "dlms-kaifa-encrypted"
  case hdlc = "dlms-hdlc"
  case emh = "sml-emh"
  case dzg = "sml-dzg"
  case iskra = "sml-iskra"
  case bRoute = "route-b"
  case d0Electricity = "d0-electricity"
  case d0Heat = "d0-heat"
  case d0Push = "d0-push"
  case im871a = "wmbus-im871a"
  case amb8465 = "wmbus-amb8465"
  case cul = "wmbus-cul"
  case rc1180 = "wmbus-rc1180"
  case radioLines = "wmbus-lines"

  /// A description in a few words.
  package var summary: String {
    switch self {
    case .p1Netherlands: "Dutch smart meter (DSMR 5) with gas, every second"
    case .p1Belgium: "Belgian smart meter (eMUCS) with gas and water, every second"
    case .p1Version2: "old Dutch smart meter (DSMR 2.2, 9600 7E1) with gas, every 10 s"
    case .p1Luxembourg: "Luxembourgish smart meter (unencrypted), every 10 s"
    case .p1LuxembourgEncrypted: "the same, enciphered"
    case .p1PolandEncrypted: "Polish smart meter, enciphered behind its identification, every 10 s"
    case .p1Sweden: "Swedish smart meter, every 10 s"
    case .pro380: "inepro PRO380-Mb electricity meter on M-Bus"
    case .multical303: "Kamstrup MULTICAL 303 heat meter on M-Bus"
    case .water: "water meter on M-Bus"
    case .gas: "gas meter on M-Bus"
    case .bus: "M-Bus of many meters, most of them at address 0"
    case .kaifa: "Kaifa MA309M customer interface (DLMS in M-Bus frames), in plain, every 5 s"
    case .kaifaEncrypted: "the same, enciphered"
    case .hdlc: "the same list enciphered in HDLC frames"
    case .emh: "EMH electricity meter behind an infrared head (SML), every 2 s"
    case .dzg: "DZG meter with its wrong sign of the power (SML), every second"
    case .iskra: "ISKRA meter (SML) that shows whole kWh until its PIN comes, after two minutes"
    case .bRoute: "Japanese smart meter behind a Wi-SUN dongle (B-route)"
    case .d0Electricity: "electricity meter at an optical head (D0, mode C), asked at 300 baud, read at 9600"
    case .d0Heat: "heat meter that has to be woken (D0, mode B, 2400 baud)"
    case .d0Push: "electricity meter that sends text by itself (D0, 9600 7E1), every 2 s"
    case .im871a: "wireless M-Bus meters around an iM871A stick, each every 16 s"
    case .amb8465: "the same around an AMB8465 stick"
    case .cul: "the same around a CUL stick with culfw"
    case .rc1180: "the same around an RC1180 module, which hears T1 only"
    case .radioLines: "the same around a program that writes lines, as rtl_wmbus does"
    }
  }

  /// Its protocol.
  package var meterProtocol: ProtocolDescription {
    switch self {
    case .kaifa, .kaifaEncrypted, .hdlc: .dlms
    case .emh, .dzg, .iskra: .sml
    case .bRoute: .echonet
    case .d0Electricity, .d0Heat, .d0Push: .d0
    case .im871a, .amb8465, .cul, .rc1180, .radioLines: .wmbus
    default: dialect == nil ? .mbus : .p1
    }
  }

  /// The P1 dialect, nil for other meters.
  var dialect: SimulatedP1Meter.Dialect? {
    switch self {
    case .p1Netherlands: .netherlands5
    case .p1Belgium: .belgium
    case .p1Version2: .netherlands2
    case .p1Luxembourg, .p1LuxembourgEncrypted: .luxembourg
    case .p1PolandEncrypted: .poland
    case .p1Sweden: .sweden
    default: nil
    }
  }

  /// The receiver of wireless M-Bus, nil for other kinds.
  package var receiver: RadioReceiver.Model? {
    switch self {
    case .im871a: .im871a
    case .amb8465: .amb8465
    case .cul: .cul
    case .rc1180: .rc1180
    case .radioLines: .lines
    default: nil
    }
  }

  /// A meter of this kind.
  ///
  /// - Parameters:
  ///   - bRoute: of a B-route meter, which dongle and which meter.
  ///   - bus: of a bus of many meters, how many.
  ///   - radio: of a receiver of wireless M-Bus, what it hears.
  ///   - ordinal: 0 for the first of its kind; each has a number of its own.
  ///   - speed: simulated seconds a second, for meters with a radio.
  ///   - seed: equal seeds give equal days.
  /// - Returns: a meter that shows the start values of its kind.
  func meter(
    _ bRoute: DongleSettings = DongleSettings(), bus: BusSettings = BusSettings(),
    radio: RadioSettings = RadioSettings(), ordinal: Int = 0, speed: Int = 1, seed: UInt64
  ) -> SimulatedMeter {
    let seed = seed &+ UInt64(ordinal) &* 1000
    return switch self {
    case .p1Netherlands, .p1Belgium, .p1Version2, .p1Luxembourg, .p1LuxembourgEncrypted, .p1PolandEncrypted, .p1Sweden:
      .p1(SimulatedP1Meter(dialect ?? .netherlands5, ordinal: ordinal, cipher: cipher(ordinal), seed: seed))
    case .pro380: .mbus(SimulatedPRO380(ordinal: ordinal, seed: seed))
    case .multical303: .mbus(SimulatedMULTICAL303(ordinal: ordinal, seed: seed))
    case .water: .mbus(SimulatedVolumeMeter.water(ordinal: ordinal, seed: seed))
    case .gas: .mbus(SimulatedVolumeMeter.gas(ordinal: ordinal, seed: seed))
    case .bus: .bus(CrowdedBus(bus, seed: seed).slaves)
    case .kaifa: .dlms(SimulatedDLMSMeter(.mbus, key: nil, ordinal: ordinal, seed: seed))
    case .kaifaEncrypted:
      .dlms(SimulatedDLMSMeter(.mbus, key: SimulatedCipher.usualKey, ordinal: ordinal, seed: seed))
    case .hdlc: .dlms(SimulatedDLMSMeter(.hdlc, key: SimulatedCipher.usualKey, ordinal: ordinal, seed: seed))
    case .emh: .sml(SimulatedSMLMeter(.emh, ordinal: ordinal, seed: seed))
    case .dzg: .sml(SimulatedSMLMeter(.dzg, ordinal: ordinal, seed: seed))
    case .iskra: .sml(SimulatedSMLMeter(.iskra, ordinal: ordinal, seed: seed))
    case .d0Electricity: .d0(SimulatedD0Meter(.electricity, ordinal: ordinal, seed: seed))
    case .d0Heat: .d0(SimulatedD0Meter(.heat, ordinal: ordinal, seed: seed))
    case .d0Push: .d0(SimulatedD0Meter(.push, ordinal: ordinal, seed: seed))
    case .bRoute: .bRoute(BRouteSimulation(bRoute, ordinal: ordinal, speed: speed, seed: seed))
    case .im871a, .amb8465, .cul, .rc1180, .radioLines:
      .radio(RadioSimulation(receiver ?? .lines, radio, ordinal: ordinal, seed: seed))
    }
  }

  /// The cipher around the P1 telegrams of this kind; nil for telegrams in plain.
  private func cipher(_ ordinal: Int) -> SimulatedCipher? {
    guard let key = SimulatedCipher.usualKey else { return nil }
    let tagKey = SimulatedCipher.usualAuthenticationKey
    switch self {
    case .p1LuxembourgEncrypted:
      let title = Array("SAG".utf8) + [0x67, 0x70, 0x00, 0x00, UInt8(truncatingIfNeeded: 1 + ordinal)]
      return SimulatedCipher(key, authenticationKey: tagKey, title: title, counter: 7)
    case .p1PolandEncrypted:
      return SimulatedCipher(key, authenticationKey: tagKey, title: nil, counter: 0, isCounting: false)
    default: return nil
    }
  }
}
