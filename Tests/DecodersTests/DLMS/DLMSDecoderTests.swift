import Testing

@testable import Decoders

private func decode(_ data: [UInt8], _ settings: DLMSDecoder.Configuration = .init()) -> Result<Telegram, DecodeError> {
  let decoded = decodeAll([.frame(data)], DLMSDecoder(settings))
  if let error = decoded.errors.first { return .failure(error) }
  return decoded.telegrams.first.map { .success($0) } ?? .failure(DecodeError(.noise, at: 0))
}

/// What the settings below are made of.
private func settings(_ change: (inout DLMSDecoder.Configuration) -> Void) -> DLMSDecoder.Configuration {
  var settings = DLMSDecoder.Configuration()
  change(&settings)
  return settings
}

extension Reading {
  /// Its fields as their topics have them: `power_import=472 W`.
  fileprivate var lines: [String] {
    fields.map { field in
      let value =
        switch field.value {
        case .number(let number): "\(number) \(field.unit.symbol)"
        case .text(let range): string(range)
        case .time(let time): "\(time)"
        case .absent(let reason): "(\(reason.name))"
        }
      return "\(topicLevel(field))=\(value)"
    }
  }
}

private func lines(_ body: [UInt8], _ settings: DLMSDecoder.Configuration = .init()) throws -> [String] {
  try decode(DLMSBuilder.notification(body), settings).get().readings[0].lines
}

private func structure(_ elements: [UInt8]...) -> [UInt8] { AXDR.structure(elements) }

// MARK: - The lists that explain themselves

@Test func theKaifaOfTheMissionDigitForDigit() throws {
  let reading = try decode(DLMSBuilder.kaifa()).get().readings[0]
  #expect(
    reading.lines == [
      "energy_import=1385.960 kWh", "energy_export=0.000 kWh", "power_import=472 W", "power_export=0 W",
      "voltage_l1=235.0 V", "voltage_l2=234.3 V", "voltage_l3=235.0 V", "current_l1=1.72 A", "current_l2=0.17 A",
      "current_l3=0.99 A", "power_factor=0.823 ",
    ])
  #expect(reading.meterNumber == "123456789012")
  #expect(reading.time?.description == "2022-11-20T19:03:40+01:00")
  #expect(reading.meter.medium == .electricity)
}

@Test func codesAndValuesInStructuresOfTheirOwn() throws {
  let body = structure(
    structure(AXDR.code(0, 0, 96, 1, 0), AXDR.text("1KFM0200000001")),
    structure(AXDR.code(1, 0, 1, 7, 0), AXDR.uint32(714), AXDR.scaler(0, 27)),
    structure(AXDR.code(1, 0, 1, 8, 0), AXDR.uint32(4), AXDR.scaler(3, 30)),
    structure(AXDR.code(1, 0, 2, 8, 0), AXDR.null(), AXDR.scaler(0, 30)))
  let reading = try decode(DLMSBuilder.notification(body)).get().readings[0]
  #expect(reading.lines == ["power_import=714 W", "energy_import=4 kWh", "energy_export=(no_data)"])
  #expect(reading.meterNumber == "1KFM0200000001")
  #expect(MeterIdentity.letters(reading.meter.manufacturer) == "KFM")
}

@Test func pushObjectListsAndTheirScalers() throws {
  func descriptor(_ id: UInt16, _ code: [UInt8], _ attribute: Int8) -> [UInt8] {
    structure(AXDR.uint16(id), code, AXDR.int8(attribute), AXDR.uint16(0))
  }
  let energy = AXDR.code(1, 0, 1, 8, 0)
  let descriptors = AXDR.array([
    descriptor(40, AXDR.code(0, 8, 25, 9, 0), 2), descriptor(1, AXDR.code(0, 0, 96, 1, 0), 2),
    descriptor(3, energy, 1), descriptor(3, energy, 2), descriptor(3, energy, 3),
    descriptor(3, AXDR.code(1, 0, 31, 7, 0), 2),
  ])
  let values = [
    AXDR.text("63316890"), AXDR.octets([1, 0, 1, 8, 0, 255]), AXDR.uint32(49_122), AXDR.scaler(1, 30), AXDR.uint16(49),
  ]
  let expected = ["energy_import=491.22 kWh", "current_l1=0.49 A"]
  #expect(try lines(AXDR.structure([descriptors] + values)) == expected)
  // A list that does not name itself: one value more.
  let nameless = AXDR.array([descriptor(3, energy, 2), descriptor(3, energy, 3)])
  #expect(try lines(structure(nameless, AXDR.uint32(5), AXDR.scaler(3, 30))) == ["energy_import=5 kWh"])
  // Fewer values than descriptors: what is there counts, and it is said.
  let short = try decode(DLMSBuilder.notification(AXDR.structure([descriptors] + values.dropLast()))).get()
  #expect(short.readings[0].lines == ["energy_import=491.22 kWh"])
  #expect(short.issues.map(\.code) == [.lengthMismatch])
}

@Test func quirksOfSomeMeters() throws {
  // Medium 0 for electricity, tag and length swapped.
  let swapped: [UInt8] = [0x06, 0x09, 0, 0, 1, 8, 0, 255]
  #expect(try lines(structure(swapped, AXDR.uint32(1500), AXDR.scaler(0, 30))) == ["energy_import=1.500 kWh"])
  // Descriptors without tags; the tariff as a text, relays behind channels.
  let untagged: [[UInt8]] = [
    [0x02, 0x02, 0, 3, 1, 0, 1, 7, 0, 255, 2] + AXDR.uint32(3),
    [0x02, 0x02, 0, 1, 0, 0, 96, 14, 0, 255, 2] + AXDR.text("T3"),
    [0x02, 0x02, 0, 70, 0, 0, 96, 3, 10, 255, 3] + AXDR.enumeration(2),
    [0x02, 0x02, 0, 70, 0, 1, 96, 3, 10, 255, 3] + AXDR.enumeration(1),
    [0x02, 0x02, 0, 1, 0, 0, 96, 7, 21, 255, 2] + AXDR.uint16(4),
    [0x02, 0x02, 0, 1, 0, 0, 96, 13, 0, 255, 2] + AXDR.text(""),
  ]
  #expect(
    try lines(structure(AXDR.enumeration(1), AXDR.array(untagged))) == [
      "power_import=3 W", "tariff=3 ", "breaker=ready", "obis_0_1_96_3_10=1 ", "power_failures=4 ",
      "message=(no_data)",
    ])
}

@Test func oneFrameMayCarrySeveralTelegrams() throws {
  let link: [UInt8] = [0xE6, 0xE7, 0x00]
  let decoded = decodeAll(
    [.frame(DLMSBuilder.hdlcFrame(link + DLMSBuilder.kaifa() + link + DLMSBuilder.kaifa(power: 1)))], DLMSDecoder())
  #expect(decoded.telegrams.map { $0.readings[0].lines[2] } == ["power_import=472 W", "power_import=1 W"])
  // Anything else behind a telegram is said and takes nothing away.
  let trailing = decodeAll([.frame(DLMSBuilder.hdlcFrame(link + DLMSBuilder.kaifa() + [1, 2]))], DLMSDecoder())
  #expect(trailing.telegrams.map { $0.issues.map(\.code) } == [[.noise]])
}

@Test func ofTwoValuesWithOneCodeTheFirstCounts() throws {
  let power = AXDR.code(1, 0, 1, 7, 0)
  let body = structure(power, AXDR.uint32(5), AXDR.scaler(0, 27), power, AXDR.uint32(6), AXDR.scaler(0, 27))
  let telegram = try decode(DLMSBuilder.notification(body)).get()
  #expect(telegram.readings[0].lines == ["power_import=5 W"])
  guard case .dlms(let content) = telegram.records else { return }
  #expect(content.records.count == 2)
}

@Test func gasBehindTheMeter() throws {
  let body = structure(
    AXDR.code(1, 0, 1, 7, 0), AXDR.uint32(5), AXDR.scaler(0, 27),
    AXDR.code(0, 1, 24, 2, 1), AXDR.uint32(98_123), AXDR.scaler(-3, 14))
  let readings = try decode(DLMSBuilder.notification(body)).get().readings
  #expect(readings.map(\.meter.medium) == [.electricity, .gas])
  #expect(readings[1].lines == ["volume=98.123 m³"])
}

// MARK: - Values

@Test func numbersOfEveryType() throws {
  func value(_ value: [UInt8], _ scaler: Int8 = 0) throws -> String {
    try lines(structure(AXDR.code(1, 0, 16, 7, 0), value, AXDR.scaler(scaler, 27)))[0]
  }
  #expect(try value([0x05, 0xFF, 0xFF, 0xFB, 0x2E]) == "power=-1234 W")
  #expect(try value([0x14] + [UInt8](repeating: 0xFF, count: 8)) == "power=-1 W")
  #expect(try value([0x15] + AXDR.big(9_223_372_036_854_775_807, 8)) == "power=9223372036854775807 W")
  #expect(try value([0x15] + [UInt8](repeating: 0xFF, count: 8)) == "power=(out_of_range)")
  #expect(try value([0x0F, 0x80]) == "power=-128 W")
  #expect(try value([0x11, 0xFF]) == "power=255 W")
  #expect(try value([0x17] + AXDR.big(UInt64(Float(235.25).bitPattern), 4)) == "power=235.25 W")
  #expect(try value([0x18] + AXDR.big((-0.5).bitPattern, 8)) == "power=-0.5 W")
  #expect(try value([0x17, 0x7F, 0xC0, 0, 0]) == "power=(not_a_number)")
  #expect(try value([0x0D, 0x42]) == "power=42 W")
  #expect(try value([0x0D, 0x4A]) == "power=(out_of_range)")
  #expect(try value(AXDR.uint16(5), 3) == "power=5000 W")
  #expect(try value(AXDR.uint16(5), 127) == "power=(out_of_range)")
  #expect(try value(AXDR.uint16(5), -128) == "power=(out_of_range)")
  #expect(try value(AXDR.text("5")) == "power=(not_a_number)")
  #expect(try lines(structure(AXDR.code(1, 0, 16, 7, 0), AXDR.uint16(5), AXDR.scaler(0, 35))) == ["power=(data_error)"])
}

@Test func whatHasNoNameIsOfferedUnderItsCode() throws {
  let body = structure(
    AXDR.code(1, 0, 99, 9, 9), AXDR.uint16(7), AXDR.code(1, 0, 99, 9, 8), AXDR.uint16(7), AXDR.scaler(0, 30),
    AXDR.code(0, 0, 96, 50, 0), AXDR.text("a"), AXDR.code(1, 0, 1, 7, 0), AXDR.uint16(1))
  #expect(
    try lines(body) == ["obis_1_0_99_9_9=7 ", "obis_1_0_99_9_8=0.007 kWh", "obis_0_0_96_50_0=a", "power_import=1 W"])
}

@Test func anglesBeyondAFullTurnAreNone() throws {
  let body = structure(
    AXDR.code(1, 0, 81, 7, 40), AXDR.uint16(400), AXDR.scaler(0, 8), AXDR.code(1, 0, 81, 7, 51), AXDR.uint16(3),
    AXDR.scaler(0, 8))
  #expect(try lines(body) == ["phase_angle_l1=(out_of_range)", "phase_angle_l2=3 °"])
}

// MARK: - Time

@Test func theClockOfTheListComesFirst() throws {
  func time(_ clock: [UInt8], _ settings: DLMSDecoder.Configuration = .init()) throws -> String? {
    let body = structure(AXDR.code(0, 1, 1, 0, 0), AXDR.octets(clock), AXDR.code(1, 0, 1, 7, 0), AXDR.uint16(1))
    return try decode(DLMSBuilder.notification(body), settings).get().readings[0].time?.description
  }
  #expect(try time(AXDR.moment(2023, 1, 2, 3, 4, 5, deviation: -120)) == "2023-01-02T03:04:05+02:00")
  // No calendar has it: the notification's time is left.
  #expect(try time(AXDR.moment(2023, 2, 30, 3, 4, 5)) == "2022-11-20T19:03:40+01:00")
  // The meter itself does not believe it.
  #expect(try time(AXDR.moment(2000, 1, 1, 0, 0, 0, status: 1)) == nil)
  #expect(
    try time(AXDR.moment(2023, 1, 2, 3, 4, 5, deviation: .min), settings { $0.utcOffset = 120 })
      == "2023-01-02T03:04:05+02:00")
}

@Test func aidonsDeviationOfNoneIsNoDeviation() throws {
  func time(_ list: String) throws -> String? {
    let body = structure(
      AXDR.code(1, 1, 0, 2, 129), AXDR.visible(list), AXDR.code(0, 0, 1, 0, 0),
      AXDR.octets(AXDR.moment(2025, 12, 14, 16, 0, 0, deviation: 0)), AXDR.code(1, 0, 1, 7, 0), AXDR.uint16(1))
    return try decode(DLMSBuilder.notification(time: nil, body)).get().readings[0].time?.description
  }
  #expect(try time("AIDON_V0001") == "2025-12-14T16:00:00")
  #expect(try time("OTHER_V0001") == "2025-12-14T16:00:00+00:00")
}

@Test func anInvalidClockCostsNothingElse() throws {
  let body = structure(
    AXDR.code(0, 0, 1, 0, 0), AXDR.octets(AXDR.moment(2022, 13, 40, 25, 61, 0)), AXDR.code(1, 0, 1, 7, 0),
    AXDR.uint32(472), AXDR.scaler(0, 27))
  let telegram = try decode([0x0F, 0, 0, 0, 1, 0] + body).get()
  #expect(telegram.readings[0].time == nil)
  #expect(telegram.readings[0].lines == ["power_import=472 W"])
}

// MARK: - Scalers

/// A list without scalers, from a maker that names itself.
private struct Habit: Sendable, CustomTestStringConvertible {
  var name: String
  var volts: UInt16
  var lines: [String]
  var testDescription: String { name }
}

@Test(arguments: [
  Habit(
    name: "KFM_001", volts: 2322,
    lines: ["energy_import=1.142 kWh", "current_l1=0.237 A", "voltage_l1=232.2 V", "power_factor=(unknown_scaler)"]),
  Habit(
    name: "Kamstrup_V0001", volts: 232,
    lines: ["energy_import=11.42 kWh", "current_l1=2.37 A", "voltage_l1=232 V", "power_factor=0.99 "]),
  Habit(
    name: "Kamstrup_V0001", volts: 23_221,
    lines: ["energy_import=11.42 kWh", "current_l1=2.37 A", "voltage_l1=232.21 V", "power_factor=0.99 "]),
  Habit(
    name: "?", volts: 2322,
    lines: [
      "energy_import=1.142 kWh", "current_l1=(unknown_scaler)", "voltage_l1=232.2 V", "power_factor=(unknown_scaler)",
    ]),
])
private func everyMakerHasHabits(_ habit: Habit) throws {
  let body = structure(
    AXDR.code(1, 1, 0, 2, 129), AXDR.text(habit.name), AXDR.code(1, 1, 1, 8, 0), AXDR.uint32(1142),
    AXDR.code(1, 1, 31, 7, 0), AXDR.uint16(237), AXDR.code(1, 1, 32, 7, 0), AXDR.uint16(habit.volts),
    AXDR.code(1, 1, 13, 7, 0), AXDR.uint16(99))
  #expect(try lines(body) == habit.lines)
  // The same settled by hand.
  let settled = settings { $0.scalers = [.current: -1, .powerFactor: -2, .voltage: -2] }
  let voltage = FixedDecimal(Int64(habit.volts), exponent: -2)
  #expect(try lines(body, settled).suffix(3) == ["current_l1=23.7 A", "voltage_l1=\(voltage) V", "power_factor=0.99 "])
}

@Test func aScalerOfTheTelegramIsBelieved() throws {
  let body = structure(AXDR.code(1, 0, 31, 7, 0), AXDR.uint16(237), AXDR.scaler(-2, 33))
  #expect(try lines(body, settings { $0.scalers = [.current: 0] }) == ["current_l1=2.37 A"])
}

@Test func aProfileTellsWhatTheTelegramDoesNot() throws {
  let body = structure(
    AXDR.code(0, 0, 42, 0, 0), AXDR.text("LGZ1030781910790"), AXDR.code(1, 0, 31, 7, 0), AXDR.uint16(2))
  #expect(try lines(body) == ["current_l1=0.02 A"])
  #expect(try lines(body, settings { $0.maker = DLMSMaker(name: "landis_gyr_e570") }) == ["current_l1=2 A"])
}

// MARK: - Lists without codes

@Test func aListIsKnownByItsTypesAndItsName() throws {
  func list(_ name: String) -> [UInt8] {
    AXDR.structure(
      [AXDR.text(name), AXDR.text("6970631400000001"), AXDR.text("MA304H3E")]
        + ([472, 0, 0, 123, 1720, 170, 990, 2350, 2343, 2350] as [UInt32]).map(AXDR.uint32))
  }
  let reading = try decode(DLMSBuilder.notification(list("KFM_001"))).get().readings[0]
  #expect(reading.lines.prefix(2) == ["power_import=472 W", "power_export=0 W"])
  #expect(reading.lines.suffix(2) == ["voltage_l2=234.3 V", "voltage_l3=235.0 V"])
  #expect(reading.lines.contains("current_l1=1.720 A"))
  #expect(reading.meterNumber == "6970631400000001")
  #expect(reading.modelName == "MA304H3E")
  // The same types from somebody else: named, never guessed.
  guard case .failure(let error) = decode(DLMSBuilder.notification(list("XYZ_001"))) else {
    Issue.record("guessed")
    return
  }
  #expect(error.code == .unknownLayout)
  #expect(error.description.contains("3 octet-string, 10 uint32"))
}

@Test func aNumberOfItsOwnIsThePowerOfKaifa() throws {
  #expect(try lines(structure(AXDR.uint32(5852))) == ["power_import=5852 W"])
}

@Test func aListThatBeginsWithAPushSetup() throws {
  let body = AXDR.structure(
    [
      AXDR.octets([0, 6, 25, 9, 0, 255]), AXDR.text("1120000000001"), AXDR.octets([19, 3, 40, 0]),
      AXDR.octets([7, 230]),
    ]
      + ([14_370_048, 421_861, 1, 2, 472, 0] as [UInt32]).map(AXDR.uint32) + [AXDR.octets([1]), AXDR.octets([2])])
  let reading = try decode(DLMSBuilder.notification(body)).get().readings[0]
  #expect(reading.lines.first == "energy_import=14370.048 kWh")
  #expect(reading.meterNumber == "1120000000001")
  #expect(MeterIdentity.letters(reading.meter.manufacturer) == "ISK")
}

// MARK: - What is no telegram

@Test func otherApplicationDataIsRefused() {
  for data in [
    [0xC2, 0, 0, 1], [0x0F], [0x0F, 0, 0, 0, 1, 7, 1, 2], [0x2F, 0x41, 0x42, 0x43], [0xE6, 0xE7, 0x00], [],
  ]
    as [[UInt8]]
  {
    guard case .failure = decode(data) else {
      Issue.record("\(data)")
      continue
    }
  }
}

@Test func damagedListsAreRefused() {
  let list = DLMSBuilder.kaifa()
  for count in 0..<list.count {
    guard case .failure = decode(Array(list.prefix(count))) else {
      Issue.record("the first \(count) bytes pass")
      continue
    }
  }
}

// MARK: - P1 inside

private let p1: [UInt8] = {
  let text = Array(
    "/SAG5SAG-METER\r\n\r\n0-0:1.0.0(221120190340W)\r\n0-0:42.0.0(53414731)\r\n1-0:1.7.0(00.472*kW)\r\n!".utf8)
  let crc = CRC16.arc(text.span)
  return text + Array(Hexadecimal.text([UInt8(crc >> 8), UInt8(crc & 255)]).utf8) + [0x0D, 0x0A]
}()

private func cipher(_ authenticationKey: [UInt8]? = nil) -> DLMSCipher? {
  guard let cipher = TestCipher(DLMSBuilder.key) else { return nil }
  return DLMSCipher(authenticationKey: authenticationKey) { cipher.open($0, $1, $2, &$3) }
}

@Test(arguments: [0x20, 0x30] as [UInt8])
func encipheredP1OnBothKindsOfPort(security: UInt8) throws {
  let first = DLMSBuilder.seal(p1, counter: 1, security: security)
  let second = DLMSBuilder.seal(p1, counter: 2, security: security)
  verifyShapes(EncryptedP1Framer(), first + second, expected: [first, second])
  for key in [nil, DLMSBuilder.authenticationKey] {
    let settings = settings { $0.cipher = cipher(key) }
    for decoded in [
      decodeAll(frames(EncryptedP1Framer(), first + second), EncryptedP1Decoder(cipher(key))),
      decodeAll(frames(DLMSFramer(), first + second), DLMSDecoder(settings)),
    ] {
      #expect(decoded.errors == [])
      #expect(decoded.telegrams.map { $0.readings[0].lines } == [["power_import=472 W"], ["power_import=472 W"]])
    }
  }
}

@Test func theChecksumOfTheTextMustHold() {
  func error(_ text: [UInt8], counter: UInt32 = 1, decoder: EncryptedP1Decoder = EncryptedP1Decoder(cipher()))
    -> DecodeError.Code?
  {
    decodeAll([.frame(DLMSBuilder.seal(text, counter: counter))], decoder).errors.first?.code
  }
  var broken = p1
  broken[60] ^= 1
  #expect(error(p1) == nil)
  #expect(error(broken) == .checksumMismatch)
  #expect(error(p1.dropLast(6) + [0x0D, 0x0A]) == .checksumMissing)
  #expect(error(DLMSBuilder.kaifa()) == .unsupported)
  #expect(error(p1, decoder: EncryptedP1Decoder(nil)) == .noKey)
  let known = [DLMSFrameCounter(title: SystemTitle(0x4B46_4D65_5012_3456), value: 5)]
  #expect(error(p1, counter: 5, decoder: EncryptedP1Decoder(cipher(), counters: known)) == .replayed)
  #expect(
    decodeAll([.frame(DLMSBuilder.seal(p1, counter: 1, key: [UInt8](1...16)))], EncryptedP1Decoder(cipher())).errors
      .map(\.code) == [.wrongKey])
}
