import Decoders
import Testing

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform
@testable import Publishing

/// A P1 telegram of version 5 with its checksum.
private func telegram(_ lines: String...) -> [UInt8] {
  let text = "/XYZ5TEST\r\n\r\n1-3:0.2.8(50)\r\n" + lines.map { $0 + "\r\n" }.joined() + "!"
  let checksum = String(CRC16.arc(Array(text.utf8).span), radix: 16, uppercase: true)
  return Array((text + String(repeating: "0", count: 4 - checksum.count) + checksum + "\r\n").utf8)
}

private let gas = [
  "0-1:24.1.0(003)", "0-1:96.1.0(4730303339303031323334353637383930)", "0-1:24.2.1(261120120000W)(01234.567*m3)",
]

private func settings(_ change: (inout MeterSettings) -> Void = { _ in }) -> MeterSettings {
  var settings = MeterSettings(id: "grid", meterProtocol: .p1, source: .standardInput, sourceText: "-")
  change(&settings)
  return settings
}

private let wall = WallTime(milliseconds: 1_795_172_401_250)

private func instant(_ seconds: Int64) -> Instant { Instant(milliseconds: seconds * 1000) }

extension [MeterOutput] {
  fileprivate var publications: [Publication] { compactMap { if case .publication(let it) = $0 { it } else { nil } } }
  fileprivate var letters: [DeadLetter] { compactMap { if case .deadLetter(let it) = $0 { it } else { nil } } }
  fileprivate var availability: [String] {
    compactMap { if case .availability(let device, let online) = $0 { "\(device) \(online)" } else { nil } }
  }
}

struct MeterPipelineTests {
  @Test func aTelegramBecomesOnePublicationForEachMeter() {
    var pipeline = MeterPipeline(settings(), zone: .system, devices: [])
    let frame = telegram("0-0:1.0.0(261120120001W)", "1-0:1.7.0(00.472*kW)", gas[0], gas[1], gas[2])
    let outputs = pipeline.received([frame], now: instant(0), wall: wall)
    #expect(outputs.publications.map(\.device.id) == ["grid", "grid_gas"])
    #expect(outputs.availability == ["grid true", "grid_gas true"])
    let main = outputs.publications.first
    #expect(
      main?.fields.map { "\($0.field.level) \($0.payload)" } == [
        "power_import 472", "meter_time 2026-11-20T12:00:01+01:00",
      ])
    #expect(outputs.publications.last?.device.parent == "grid")
    #expect(outputs.publications.last?.fields.first?.payload == "1234.567")
  }

  @Test("only an issue in a register of a sum stops it") func sumsAndIssues() {
    func sums(_ line: String) -> [String] {
      var pipeline = MeterPipeline(settings(), zone: .system, devices: [])
      let frame = telegram("1-0:1.8.1(000123.400*kWh)", line, "1-0:2.8.1(000001.500*kWh)")
      let fields = pipeline.received([frame], now: instant(0), wall: wall).publications.first?.fields ?? []
      return fields.map { "\($0.field.level) \($0.payload)" }.filter { !$0.contains("_t1") }
    }
    let both = ["energy_import 123.400", "energy_export 1.500"]
    #expect(sums("0-0:96.14.0(DAY)") == both)
    #expect(sums("0-0:1.0.0(now)") == both)
    #expect(sums("1-0:32.7.0(0.230*parsec)") == both)
    #expect(sums("1-0:1.7.0(00.1*kW") == both)
    #expect(sums("1-0:1.8.2(000X23.400*kWh)") == ["energy_export 1.500"])
    #expect(sums("1-0:1.8.2(000023.400*kWh") == ["energy_export 1.500"])
    #expect(sums("1-0:2.8.2(000023.400*kW)") == ["energy_import 123.400"])
    // What has no code may be any register.
    #expect(sums("1-0:X.8.2(000023.400*kWh)") == [])
  }

  @Test("a clock that stands at 2000-01-01 is no time") func lostClock() {
    var pipeline = MeterPipeline(settings(), zone: .system, devices: [])
    let frame = telegram("0-0:1.0.0(000101001500W)", "1-0:1.7.0(00.472*kW)")
    let fields = pipeline.received([frame], now: instant(0), wall: wall).publications.first?.fields ?? []
    #expect(fields.map { "\($0.field.level) \($0.payload)" } == ["power_import 472"])
  }

  @Test func aTelegramThatDoesNotSayWhoTheMeterIsIsOfTheSameMeter() {
    var pipeline = MeterPipeline(settings(), zone: .system, devices: [])
    func device(_ lines: String...) -> Device? {
      let text = lines + ["1-0:1.8.0(000001.000*kWh)"]
      let frame = text.count == 1 ? telegram(text[0]) : telegram(text[0], text[1])
      return pipeline.received([frame], now: instant(0), wall: wall).publications.first?.device
    }
    #expect(device()?.serial == nil)
    let named = device("0-0:96.1.1(4530303433303036)")
    #expect(named?.serial == "E0043006")
    // Another document for Home Assistant with every second telegram would be the end of its log.
    #expect(device() == named)
    #expect(device("0-0:96.1.1(4530303433303037)")?.serial == "E0043007")
    // One of its numbers is back, and no other meter.
    #expect(device("0-0:96.1.1(4530303433303036)")?.serial == "E0043007")
  }

  @Test func aFieldWithoutAValueIsNoFieldThatWentAway() {
    // Instantaneous flow temperature, invalid BCD digits.
    let header: [UInt8] = [0x78, 0x56, 0x34, 0x12, 0x74, 0x52, 1, 4, 5, 0, 0, 0]
    let frame = MBusFrame.long(
      control: 8, address: 1, information: 0x72, data: header + [0x04, 0x06, 1, 0, 0, 0, 0x0A, 0x5A, 0xFF, 0xFF])
    var pipeline = MeterPipeline(settings { $0.meterProtocol = .mbus }, zone: .system, devices: [])
    let publication = pipeline.received([frame.bytes], now: instant(0), wall: wall).publications.first
    #expect(publication?.fields.map(\.field.level) == ["status", "energy"])
    #expect(publication?.held == ["flow_temperature"])
  }

  /// A readout of two properties of which the second one is cut off: the first is the id that joins the meter.
  @Test func anIDThatAMeterTellsIsInNoDeadLetter() throws {
    let frame: (UInt8, [UInt8]) -> [UInt8] = { code, data in
      [0x10, 0x81, 0, 1, 0x02, 0x88, 0x01, 0x05, 0xFF, 0x01, 0x72, 2, code, UInt8(data.count)] + data + [0xE7, 4, 0]
    }
    let credentials = SimulatedDongle.credentials
    let id = try #require(Hexadecimal.bytes(credentials.identifier.reveal.utf8))
    let home = settings {
      $0.meterProtocol = .echonet
      $0.bRouteIdentifier = credentials.identifier
      $0.password = credentials.password
    }
    for (code, data, isShown) in [(0xC0, id, false), (0x8A, [0, 0, 0x77], true)] as [(UInt8, [UInt8], Bool)] {
      var pipeline = MeterPipeline(home, zone: .system, devices: [])
      let letter = pipeline.received([frame(code, data)], now: instant(0), wall: wall).letters.first
      #expect(letter?.code == "truncated")
      #expect(letter?.bytes == (isShown ? frame(code, data) : []))
    }
  }

  @Test func aSubmetersDocumentComesOnlyWithANewValue() {
    var pipeline = MeterPipeline(settings(), zone: .system, devices: [])
    let frame = telegram("1-0:1.7.0(00.472*kW)", gas[0], gas[1], gas[2])
    let first = pipeline.received([frame], now: instant(0), wall: wall).publications
    let second = pipeline.received([frame], now: instant(1), wall: wall).publications
    #expect(first.map { $0.reading != nil } == [true, true])
    #expect(second.map { $0.reading != nil } == [true, false])
  }

  @Test func aBrokenLineIsKeptOnceAndCountedEachTime() {
    var pipeline = MeterPipeline(settings(), zone: .system, devices: [])
    let frame = telegram("1-0:1.7.0(00.472*kW)", "1-0:32.7.0(230V1)")
    let first = pipeline.received([frame], now: instant(0), wall: wall)
    let second = pipeline.received([frame], now: instant(1), wall: wall)
    #expect(first.letters.count == 1)
    #expect(first.letters.first?.stage == .decode)
    #expect(first.letters.first?.bytes == frame)
    #expect(second.letters.isEmpty)
    #expect(pipeline.counters.telegrams == 2)
    #expect(pipeline.counters.errors.values.reduce(0, +) == 2)
  }

  @Test func aMeterIsOfflineAfterThreeOfItsIntervals() {
    var pipeline = MeterPipeline(settings(), zone: .system, devices: [])
    let frame = telegram("1-0:1.7.0(00.472*kW)")
    for second in 0..<5 { _ = pipeline.received([frame], now: instant(Int64(second)), wall: wall) }
    // A meter that speaks each second is still given ten.
    #expect(pipeline.deadline == instant(34))
    let at33 = pipeline.tick(now: instant(33))
    #expect(at33.isEmpty)
    let at34 = pipeline.tick(now: instant(34))
    #expect(at34.availability == ["grid false"])
    #expect(pipeline.deadline == nil)
    let out5 = pipeline.received([frame], now: instant(50), wall: wall).availability
    #expect(out5 == ["grid true"])
  }

  @Test func aLostPortTakesEverybodyOffline() {
    var pipeline = MeterPipeline(settings(), zone: .system, devices: [])
    let frame = telegram("1-0:1.7.0(00.472*kW)", gas[0], gas[1], gas[2])
    _ = pipeline.received([frame], now: instant(0), wall: wall)
    let out6 = pipeline.lost().availability
    #expect(out6 == ["grid false", "grid_gas false"])
    let out7 = pipeline.lost().availability
    #expect(out7.isEmpty)
  }

  @Test func aChannelThatStaysAwayIsOffline() {
    var pipeline = MeterPipeline(settings(), zone: .system, devices: [])
    _ = pipeline.received([telegram("1-0:1.7.0(00.472*kW)", gas[0], gas[1], gas[2])], now: instant(0), wall: wall)
    let without = pipeline.received([telegram("1-0:1.7.0(00.472*kW)")], now: instant(1), wall: wall)
    #expect(without.availability == ["grid_gas false"])
  }

  @Test func factorAndUnitsAreApplied() {
    var pipeline = MeterPipeline(
      settings {
        $0.factor = FixedDecimal(40)
        $0.units = ["energy_import": .megawattHour]
      }, zone: .system, devices: [])
    let frame = telegram("1-0:1.8.0(000123.456*kWh)", "1-0:32.7.0(230.1*V)")
    let fields = pipeline.received([frame], now: instant(0), wall: wall).publications.first?.fields ?? []
    #expect(fields.map { "\($0.field.level) \($0.payload)" } == ["energy_import 4.938240", "voltage_l1 230.1"])
  }

  @Test func anotherUnitIsMadeOfTheRegistersOwnDigits() {
    // 12.345 GJ are 3429.1666… kWh: what was rounded to kWh must not come back in GJ.
    let frame = telegram("0-1:24.1.0(004)", "0-1:96.1.0(5731)", "0-1:24.2.1(261120120000W)(00012.345*GJ)")
    func payload(_ unit: Decoders.Unit?) -> String? {
      var pipeline = MeterPipeline(
        settings { $0.units = unit.map { ["energy": $0] } ?? [:] }, zone: .system, devices: [])
      return pipeline.received([frame], now: instant(0), wall: wall).publications.last?.fields.first?.payload
    }
    #expect(payload(nil) == "3429.167")
    #expect(payload(.gigajoule) == "12.345")
    #expect(payload(.megajoule) == "12345")
  }

  @Test func aFactorCountsBeforeAnythingIsRounded() {
    // Ten times 1 kJ, which alone is 0.000277… kWh.
    let header: [UInt8] = [0x78, 0x56, 0x34, 0x12, 0x74, 0x52, 1, 4, 5, 0, 0, 0]
    let frame = MBusFrame.long(
      control: 8, address: 1, information: 0x72, data: header + [0x04, 0x0B, 0x01, 0x00, 0x00, 0x00])
    var pipeline = MeterPipeline(
      settings {
        $0.meterProtocol = .mbus
        $0.factor = FixedDecimal(10)
      }, zone: .system, devices: [])
    let fields = pipeline.received([frame.bytes], now: instant(0), wall: wall).publications.first?.fields ?? []
    #expect(fields.map { "\($0.field.level) \($0.payload)" } == ["status ok", "energy 0.003"])
  }

  @Test func rejectedBytesAreALetterOfFraming() {
    var pipeline = MeterPipeline(settings(), zone: .system, devices: [])
    let output = pipeline.rejected([1, 2], DecodeError(.noise, at: 0, found: 2), wall: wall)
    let letters = [output].letters
    #expect(letters.map(\.code) == ["noise"])
    #expect(letters.first?.stage == .framing)
    #expect(pipeline.counters.errors == ["noise": 1])
  }
}

struct SubmeterNamesTests {
  private func meter(_ serial: String?, _ medium: Medium = .gas) -> Reading {
    var reading = Reading(meter: MeterIdentity(medium: medium))
    if let serial { reading.meter.number = .text(reading.keep(serial.utf8)) }
    return reading
  }

  @Test func theFirstOfAMediumHasNoNumber() {
    var names = SubmeterNames(parent: "grid", devices: [])
    let ids = names.ids(for: [meter("a"), meter("b"), meter("c", .water)])
    #expect(ids == ["grid_gas", "grid_gas_2", "grid_water"])
  }

  @Test func aMeterThatIsMissingForOnceKeepsItsName() {
    var names = SubmeterNames(parent: "grid", devices: [])
    _ = names.ids(for: [meter("a"), meter("b")])
    let ids1 = names.ids(for: [meter("b")])
    #expect(ids1 == ["grid_gas_2"])
    let ids2 = names.ids(for: [meter("b"), meter("a")])
    #expect(ids2 == ["grid_gas_2", "grid_gas"])
  }

  @Test func anExchangedMeterTakesOverTheName() {
    var names = SubmeterNames(parent: "grid", devices: [])
    _ = names.ids(for: [meter("a")])
    let ids3 = names.ids(for: [meter("new")])
    #expect(ids3 == ["grid_gas"])
  }

  @Test func namesAreRememberedOverARestart() {
    let devices = ["a", "b"].enumerated().map { index, serial in
      Device(
        id: index == 0 ? "grid_gas" : "grid_gas_2", parent: "grid", serial: serial, medium: .gas, protocolName: "p1")
    }
    var names = SubmeterNames(parent: "grid", devices: devices)
    let ids4 = names.ids(for: [meter("b"), meter("a")])
    #expect(ids4 == ["grid_gas_2", "grid_gas"])
  }
}

struct StalenessTests {
  @Test func aPushingMetersIntervalIsTheMedianOfItsGaps() {
    var staleness = Staleness(interval: nil)
    for second in [0, 20, 40, 60, 400, 420] { staleness.heard(at: instant(Int64(second))) }
    #expect(staleness.deadline == instant(420 + 60))
  }

  @Test func aConfiguredIntervalCounts() {
    var staleness = Staleness(interval: .minutes(15))
    #expect(staleness.deadline == nil)
    staleness.heard(at: instant(0))
    #expect(staleness.deadline == instant(2700))
  }
}

struct CoalescingSenderTests {
  private func publication(_ id: String, _ payload: String, reading number: Int64 = 0) -> Publication {
    var publication = Publication(
      device: Device(id: id, medium: .electricity, protocolName: "p1"),
      fields: [
        PublishedField(
          field: FieldDescription(level: "power", key: FieldKey(.power), unit: .watt, isNumber: true), payload: payload)
      ], reading: nil, received: wall)
    if number > 0 { (publication.reading, publication.number) = ([], number) }
    return publication
  }

  @Test func theNewestReadingIsAnnouncedHoweverLateAndTheOthersShowByItsNumber() throws {
    let mailbox = try #require(Mailbox<BrokerMessage>(capacity: 1))
    var post = CoalescingSender(mailbox)
    for number in Int64(1)...8 { post.send(.publication(publication("grid", "\(number)", reading: number))) }
    // A value without a telegram of its own comes last.
    post.send(.publication(publication("grid", "9")))
    var numbers: [Int64] = []
    for _ in 0..<3 {
      for case .publication(let publication) in mailbox.takeAll() { numbers.append(publication.number) }
      post.flush()
    }
    #expect(numbers == [1, 8])
  }

  @Test func aFieldThatComesRarelyIsNotLostBehindTelegramsWithoutIt() throws {
    let mailbox = try #require(Mailbox<BrokerMessage>(capacity: 1))
    var post = CoalescingSender(mailbox)
    func energy(_ payload: String, held: [String] = []) -> Publication {
      let key = FieldKey(.energyImport)
      let field = FieldDescription(level: "energy_import", key: key, unit: .kilowattHour, isNumber: true)
      var publication = publication("grid", "0")
      publication.fields = [PublishedField(field: field, payload: payload)]
      publication.held = held
      return publication
    }
    // The first one finds a place; the others wait.
    for message in [publication("grid", "1"), energy("10"), energy("11", held: ["volume"]), publication("grid", "2")] {
      post.send(.publication(message))
    }
    _ = mailbox.takeAll()
    post.flush()
    var fields: [String] = []
    for case .publication(let publication) in mailbox.takeAll() {
      fields += publication.fields.map { "\($0.field.level) \($0.payload)" } + publication.held
    }
    #expect(fields == ["power 2", "energy_import 11", "volume"])
  }

  @Test func aThreadThatTakesNothingCostsOnlyWhatIsOld() throws {
    let mailbox = try #require(Mailbox<BrokerMessage>(capacity: 1))
    var post = CoalescingSender(mailbox)
    post.send(.publication(publication("grid", "1")))
    for number in 2...9 { post.send(.publication(publication("grid", "\(number)"))) }
    post.send(.availability(device: "grid", online: false))
    #expect(post.isHolding)
    #expect(post.dropped == 0)
    var payloads: [String] = []
    var ends = 0
    for _ in 0..<4 {
      for message in mailbox.takeAll() {
        switch message {
        case .publication(let publication): payloads += publication.fields.map(\.payload)
        case .availability: ends += 1
        default: break
        }
      }
      post.flush()
    }
    #expect(payloads == ["1", "9"])
    #expect(ends == 1)
    #expect(!post.isHolding)
  }
}

struct LogLimiterTests {
  @Test func theSameThingIsSaidOnceAnHour() {
    var said = LogLimiter()
    let asked = [("x", 0), ("x", 3599), ("y", 10), ("x", 3600)] as [(String, Int64)]
    let answers = asked.map { said.isNew($0.0, now: instant($0.1)) }
    #expect(answers == [true, false, true, true])
  }
}

struct GuardedPipelineTests {
  private let gasMeter = ["0-1:24.1.0(003)", "0-1:96.1.0(4730303339303031323334353637383930)"]

  private func energies(_ outputs: [MeterOutput]) -> [String] {
    outputs.publications.flatMap(\.fields).filter { $0.field.unit == .kilowattHour || $0.field.unit == .cubicMetre }.map
    {
      "\($0.field.level) \($0.payload)"
    }
  }

  @Test func aHeldValueIsOnNoTopicAndInNoReading() {
    var pipeline = MeterPipeline(settings(), zone: .system, devices: [])
    func send(_ t1: String, _ t2: String) -> [MeterOutput] {
      let frame = telegram("1-0:1.8.1(\(t1)*kWh)", "1-0:1.8.2(\(t2)*kWh)", "1-0:1.7.0(00.472*kW)")
      return pipeline.received([frame], now: instant(0), wall: wall)
    }
    #expect(
      energies(send("000100.000", "000200.000"))
        == ["energy_import_t1 100.000", "energy_import_t2 200.000", "energy_import 300.000"])
    let held = send("000100.100", "000000.000")
    #expect(energies(held) == ["energy_import_t1 100.100"])
    let document = held.publications.first?.reading.map { String(decoding: $0, as: UTF8.self) } ?? ""
    #expect(document.contains("energy_import_t1") && document.contains("power_import"))
    #expect(!document.contains("energy_import_t2") && !document.contains(#""energy_import""#))
    #expect(held.letters.map(\.subject?.field) == ["energy_import_t2"])
    #expect(held.letters.map(\.kind) == [.heldBack] && held.letters.map(\.stage) == [.guarding])
    #expect(held.letters.first?.bytes.first == 0x2F)
    #expect(pipeline.counters.errors == ["implausible_total": 1])
    let accepted = pipeline.accept("grid", wall: wall) ?? []
    #expect(energies(accepted) == ["energy_import_t2 0.000"])
    #expect(accepted.publications.first?.reading == nil)
    #expect(pipeline.accept("grid", wall: wall)?.isEmpty == true)
    #expect(pipeline.accept("heat", wall: wall) == nil)
    #expect(
      energies(send("000100.200", "000000.100"))
        == ["energy_import_t1 100.200", "energy_import_t2 0.100", "energy_import 100.300"])
  }

  @Test func aSubmeterThatRepeatsItselfConfirmsNothing() {
    var pipeline = MeterPipeline(settings(), zone: .system, devices: [])
    func send(_ hour: String, _ volume: String) -> [MeterOutput] {
      let frame = telegram(
        "1-0:1.8.0(000100.000*kWh)", gasMeter[0], gasMeter[1], "0-1:24.2.1(2611201\(hour)0000W)(\(volume)*m3)")
      return pipeline.received([frame], now: instant(0), wall: wall)
    }
    #expect(energies(send("2", "01000.000")).last == "volume 1000.000")
    var letters = 0
    for _ in 0..<10 {
      let outputs = send("3", "00000.000")
      letters += outputs.letters.count
      #expect(energies(outputs).last == "energy_import 100.000")
    }
    #expect(letters == 1)
    for hour in 4...6 { #expect(energies(send("\(hour)", "00000.100")).last == "energy_import 100.000") }
    #expect(energies(send("7", "00000.100")).last == "volume 0.100")
    #expect(pipeline.counters.errors == ["implausible_total": 4])
  }

  @Test func anAcceptReachesTheSubmeterItNames() {
    var pipeline = MeterPipeline(settings(), zone: .system, devices: [])
    func send(_ energy: String, _ volume: String) -> [String] {
      let frame = telegram(
        "1-0:1.8.0(\(energy)*kWh)", gasMeter[0], gasMeter[1], "0-1:24.2.1(261120120000W)(\(volume)*m3)")
      return energies(pipeline.received([frame], now: instant(0), wall: wall))
    }
    #expect(send("000100.000", "01000.000").count == 2)
    #expect(send("000001.000", "00001.000").count == 0)
    let accepted = pipeline.accept("grid_gas", wall: wall) ?? []
    #expect(accepted.publications.map(\.device.id) == ["grid_gas"])
    #expect(energies(accepted) == ["volume 1.000"])
    #expect(send("000001.000", "00001.000") == ["volume 1.000"])
  }

  @Test func whatTheGuardKnowsOutlivesThePipeline() {
    var first = MeterPipeline(settings(), zone: .system, devices: [])
    _ = first.received([telegram("1-0:1.8.0(000100.000*kWh)")], now: instant(0), wall: wall)
    var second = MeterPipeline(settings(), zone: .system, devices: [], totals: first.totals)
    let outputs = second.received([telegram("1-0:1.8.0(000000.000*kWh)")], now: instant(0), wall: wall)
    #expect(outputs.letters.map(\.subject?.last) == ["100.000"])
    // What is held back is believed before it comes again, and nobody says that there is nothing.
    var third = MeterPipeline(settings(), zone: .system, devices: [], totals: second.totals)
    let accepted = third.accept("grid", wall: wall) ?? []
    #expect(
      accepted.compactMap { if case .log(.notice, let text) = $0 { text } else { nil } } == [
        "grid: energy_import 0.000 believed, as it was asked for; what is not on its topic yet comes with the next telegram"
      ])
    #expect(accepted.count == 1)
    #expect(third.accept("grid", wall: wall)?.isEmpty == true)
    #expect(
      energies(third.received([telegram("1-0:1.8.0(000000.000*kWh)")], now: instant(0), wall: wall))
        == ["energy_import 0.000"])
  }

  @Test func topicsAreRoundedAndReadingsAreNot() {
    var pipeline = MeterPipeline(
      settings { $0.rounding = [.powerImport: FixedDecimal(10), .voltage: FixedDecimal(5, exponent: -1)] },
      zone: .system, devices: [])
    let frame = telegram("1-0:1.7.0(00.472*kW)", "1-0:32.7.0(230.3*V)", "1-0:31.7.0(002*A)")
    let publication = pipeline.received([frame], now: instant(0), wall: wall).publications.first
    #expect(publication?.fields.map(\.payload) == ["470", "230.5", "2"])
    let document = publication?.reading.map { String(decoding: $0, as: UTF8.self) } ?? ""
    #expect(document.contains(#""value":472"#) && document.contains(#""value":230.3"#))
  }

  @Test func electricityHasALimitAndOtherMediaOnlyAConfiguredOne() {
    func jump(_ medium: UInt8, _ power: FixedDecimal?) -> Int {
      var pipeline = MeterPipeline(
        settings {
          $0.meterProtocol = .mbus
          $0.maximumPower = power
        }, zone: .system, devices: [])
      func send(_ kilowattHours: UInt8) -> Int {
        let header: [UInt8] = [0x78, 0x56, 0x34, 0x12, 0x74, 0x52, 1, medium, 5, 0, 0, 0]
        let frame = MBusFrame.long(
          control: 8, address: 1, information: 0x72, data: header + [0x04, 0x06, 1, kilowattHours, 0, 0])
        return pipeline.received([frame.bytes], now: instant(0), wall: wall).letters.count
      }
      return send(0) + send(1)
    }
    #expect(jump(2, nil) == 1)
    #expect(jump(4, nil) == 0)
    #expect(jump(4, FixedDecimal(20_000)) == 1)
    #expect(jump(2, FixedDecimal(2_000_000)) == 0)
  }
}
