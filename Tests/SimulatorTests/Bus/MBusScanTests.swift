import Testing

@testable import Base
@testable import Decoders
@testable import Meters
@testable import Simulator

@Suite struct MBusScanTests {
  struct Crowd: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var slaves: Int
    var seed: UInt64 = 1
    var disturbance = BusDisturbance()
    var isSecondaryOnly = false
  }

  private static let noisy = BusDisturbance(echoes: true, noise: 1000)

  @Test(
    "every slave is found exactly once",
    arguments: [1, 2, 60, 250].flatMap { slaves in
      [
        Crowd(testDescription: "\(slaves) slaves", slaves: slaves),
        Crowd(testDescription: "\(slaves), secondary only", slaves: slaves, seed: 2, isSecondaryOnly: true),
        Crowd(testDescription: "\(slaves), echo and noise", slaves: slaves, seed: 3, disturbance: noisy),
        Crowd(
          testDescription: "\(slaves), secondary only, echo and noise", slaves: slaves, seed: 4, disturbance: noisy,
          isSecondaryOnly: true),
      ]
    } + [
      Crowd(testDescription: "lost answers", slaves: 60, seed: 5, disturbance: BusDisturbance(lost: 50)),
      Crowd(
        testDescription: "lost answers, secondary only", slaves: 60, seed: 6, disturbance: BusDisturbance(lost: 30),
        isSecondaryOnly: true),
      Crowd(testDescription: "late answers", slaves: 60, seed: 7, disturbance: BusDisturbance(late: 50)),
      Crowd(
        testDescription: "all together", slaves: 60, seed: 8,
        disturbance: BusDisturbance(echoes: true, noise: 1000, lost: 100, late: 100), isSecondaryOnly: true),
    ])
  func everySlave(crowd: Crowd) {
    var settings = MBusScan.Settings()
    settings.isSecondaryOnly = crowd.isSecondaryOnly
    var line = ScannedLine(slaves: crowd.slaves, seed: crowd.seed, crowd.disturbance, settings)
    line.run()
    #expect(line.scan.isFinished)
    #expect(line.scan.trouble == nil)
    #expect(line.found == line.there)
    #expect(line.scan.findings.unresolved == [])
    #expect(line.scan.findings.intruder == nil)
    #expect(line.records.count < 40 * max(crowd.slaves, 20))
  }

  struct Search: Sendable, CustomTestStringConvertible {
    var slaves: Int
    var seed: UInt64
    /// The most requests, in percent of those of libmbus.
    var share = 50
    var testDescription: String { "\(slaves) slaves, seed \(seed)" }
  }

  @Test(
    "a search needs at most half the requests of libmbus",
    arguments: (1...8).map { Search(slaves: 60, seed: $0) } + (1...2).map { Search(slaves: 100, seed: $0) } + [
      Search(slaves: 250, seed: 4),
      // Three meters that share a number cost as much on a small bus as on a large one.
      Search(slaves: 20, seed: 1, share: 70), Search(slaves: 20, seed: 2),
    ])
  func requests(search: Search) {
    var line = ScannedLine(slaves: search.slaves, seed: search.seed, BusDisturbance(), ScannedLine.secondaryOnly)
    var libmbus = LibmbusSearch(line.bus)
    line.run()
    libmbus.run()
    #expect(line.found == line.there)
    var counts = "\(line.records.count) requests; libmbus \(libmbus.requests) for \(libmbus.found)"
    if search.slaves == 60 {
      var fewest = FewestSelections()
      counts += "; at least \(fewest.count(line.bus.slaves.map(\.meter.identity.serial)) + 60)"
    }
    print("\(search): \(counts)")
    #expect(line.records.count == line.bus.requests.all && line.records.count == line.scan.requests.all)
    #expect(line.records.count < 40 * search.slaves)
    #expect(line.records.count * 100 <= libmbus.requests * search.share, "\(counts)")
  }

  // MARK: Slaves that are hard to find

  private static func water(
    _ number: UInt32, address: UInt8 = 0, fabricationNumber: UInt32? = nil, _ settings: SlaveSettings = SlaveSettings()
  ) -> MBusSlave {
    let meter = DeliveredMeter(
      SimulatedVolumeMeter.water(seed: 1), identification: number, fabricationNumber: fabricationNumber,
      standsStill: true)
    return MBusSlave(address: address, meter, settings)
  }

  @Test("acknowledgements that are one on the line do not hide a slave")
  func hiddenAcknowledgements() {
    var settings = SlaveSettings()
    settings.reactionBits = 0
    let numbers: [UInt32] = [0x1234_5678, 0x1234_5679, 0x1234_5670, 0x8765_4321]
    var line = ScannedLine(
      BusSimulation(numbers.map { Self.water($0, address: 0, settings) }), ScannedLine.secondaryOnly)
    line.run()
    #expect(line.found == line.there)
  }

  @Test("letters in a number are found where no digit answers")
  func letters() {
    let numbers: [UInt32] = [0x1234_567A, 0x1234_567D, 0x1A34_567D]
    var line = ScannedLine(BusSimulation(numbers.map { Self.water($0) }), ScannedLine.secondaryOnly)
    line.run()
    #expect(line.found == line.there)
  }

  @Test("slaves that nothing tells apart are named")
  func twins() {
    var line = ScannedLine(
      BusSimulation([Self.water(0x1234_5678), Self.water(0x1234_5678), Self.water(0x5555_5555)]),
      ScannedLine.secondaryOnly)
    line.run()
    #expect(line.reported.count == 1)
    #expect(line.scan.findings.unresolved == ["address 123456782D4D0107"])
  }

  @Test("a slave that answers to every selection is named, and ends the search")
  func intruder() {
    var settings = SlaveSettings()
    settings.selection = .any
    let numbers: [UInt32] = [0x1234_5678, 0x2234_5679, 0x5234_5670]
    let slaves = numbers.map { Self.water($0) } + [Self.water(0x9999_0001, settings)]
    var line = ScannedLine(BusSimulation(slaves), ScannedLine.secondaryOnly)
    line.run()
    #expect(line.scan.findings.intruder?.digits == [1, 0, 0, 0, 9, 9, 9, 9])
    #expect(line.records.count < 200)
  }

  @Test("meters with addresses of their own need no search")
  func primaryOnly() {
    let numbers: [(UInt32, UInt8)] = [(0x1234_5678, 5), (0x1234_5679, 17), (0x5555_5555, 250)]
    let slaves = numbers.map { Self.water($0, address: $1) }
    var line = ScannedLine(BusSimulation(slaves))
    line.run()
    #expect(line.reported.map(\.sender.address) == [5, 17, 250])
    #expect(line.scan.requests.selections == 0)
    #expect(line.records.count == 251 + 3)
  }

  // MARK: Bad lines

  @Test("a line without meters is silent")
  func silence() {
    var line = ScannedLine(BusSimulation([]))
    line.run()
    #expect(line.scan.trouble == .silence)
    var echoing = ScannedLine(BusSimulation([]), ScannedLine.secondaryOnly)
    echoing.bus.echoes = true
    echoing.run()
    #expect(echoing.scan.trouble == .silence)
  }

  @Test("a line whose every answer is garbage is no bus of many slaves")
  func garbage() {
    var line = ScannedLine(BusSimulation((0...250).map { Self.water(0x1111_1111, address: UInt8($0)) }))
    line.bus.faults = Array(repeating: .noise([0x00, 0x5A, 0x00]), count: 1000)
    line.run()
    #expect(line.scan.trouble == .allDamaged)
    #expect(line.records.count < 100)
  }

  // MARK: Speeds

  @Test("the first speed at which something answers is searched")
  func speeds() {
    var crowd = BusSettings()
    crowd.slaves = 5
    crowd.baud = 300
    var settings = MBusScan.Settings()
    settings.speeds = [2400, 300, 9600]
    var line = ScannedLine(BusSimulation(CrowdedBus(crowd, seed: 2).slaves), settings)
    line.run()
    #expect(line.found == line.there)
    #expect(line.reported.allSatisfy { $0.baud == 300 })
  }

  @Test("meters of several speeds are found where all are searched")
  func allSpeeds() {
    var (slow, fast) = (SlaveSettings(), SlaveSettings())
    (slow.baud, fast.baud) = (300, 9600)
    let slaves = [
      Self.water(0x1234_5678, slow), Self.water(0x1234_5679, slow), Self.water(0x2222_2222, fast),
      Self.water(0x7777_7777),
    ]
    var settings = ScannedLine.secondaryOnly
    settings.speeds = [2400, 300, 9600]
    settings.searchesAllSpeeds = true
    var line = ScannedLine(BusSimulation(slaves), settings)
    line.run()
    #expect(line.found == line.there)
    #expect(line.scan.trouble == nil)
  }

  // MARK: Going on

  @Test("a scan that goes on asks for nothing twice, and finds the rest", arguments: [1, 90, 300, 500])
  func replay(requests: Int) {
    var whole = ScannedLine(slaves: 60, seed: 1)
    whole.run()
    var first = ScannedLine(slaves: 60, seed: 1)
    first.run(atMost: requests)
    #expect(first.records.count == requests && !first.scan.isFinished)
    var second = ScannedLine(first.bus, replay: first.records)
    second.run()
    #expect(second.found == second.there)
    #expect(second.reported.starts(with: first.reported))
    // Answers collide by chance, so that the rest of the way is not the same to the last request.
    #expect(abs(first.records.count + second.records.count - whole.records.count) < whole.records.count / 5)
  }

  @Test("answers of another scan are not used")
  func foreignReplay() {
    let foreign = [ScanRecord(request: [0x10, 0x40, 0x07, 0x47, 0x16], answer: [0xE5])]
    var line = ScannedLine(BusSimulation([Self.water(0x1234_5678, address: 3)]), replay: foreign)
    line.run()
    #expect(line.found == line.there)
  }
}
