import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import Simulator

private func settings(_ meters: Int, damaged: UInt64 = 0, copies: UInt64 = 0, strangers: Int = 0) -> RadioSettings {
  var settings = RadioSettings()
  settings.meters = meters
  settings.damaged = damaged
  settings.copies = copies
  settings.strangers = strangers
  return settings
}

@Suite struct RadioDayTests {
  @Test("half an hour of three hundred meters on one receiver: nothing is lost, nobody is mixed up")
  func halfHour() {
    var air = WatchedAir(.lines, settings(300, damaged: 40, copies: 15, strangers: 20))
    air.run(for: .minutes(30))
    let counters = air.simulation.counters
    #expect(counters.telegrams > 30_000 && counters.damaged > 500 && counters.copies > 1500)
    #expect(counters.strangers > 1500)
    #expect(air.published.reduce(0, +) == counters.telegrams)
    #expect(air.published.allSatisfy { (90...114).contains($0) }, "\(air.published)")
    #expect(air.strange == 0)
    #expect(air.hasNumbers)
    #expect(air.rejected == 0)
    #expect(air.letters.isEmpty && air.others.isEmpty, "\(air.letters) \(air.others.prefix(3))")
  }

  @Test(
    "a receiver that takes commands is found, set up, and loses nothing but what is damaged",
    arguments: [RadioReceiver.Model.im871a, .amb8465, .cul])
  func receivers(model: RadioReceiver.Model) {
    var air = WatchedAir(model, settings(24, damaged: 20, copies: 10, strangers: 4))
    air.run(for: .minutes(10))
    let counters = air.simulation.counters
    #expect(counters.telegrams > 700 && counters.copies > 50)
    #expect(air.published.reduce(0, +) == counters.telegrams)
    #expect(air.published.allSatisfy { $0 > 25 }, "\(air.published)")
    #expect(air.rejected >= counters.damaged && air.strange == 0 && air.hasNumbers)
    #expect(air.letters.isEmpty && air.others.isEmpty, "\(air.letters) \(air.others.prefix(3))")
  }

  /// It runs in a process of its own, as other tests would change the memory.
  @Test("memory stays flat, hour after hour")
  func memory() async {
    await #expect(processExitsWith: .success) {
      var air = WatchedAir(.lines, settings(60, copies: 15, strangers: 20))
      air.run(for: .minutes(15))
      let before = WatchedAir.memory
      air.run(for: .minutes(45))
      let grown = WatchedAir.memory - before
      #expect(air.published.reduce(0, +) == air.simulation.counters.telegrams && air.strange == 0)
      #expect(isSanitized || grown < 1024, "\(before) kB, and \(grown) kB more")
    }
  }

  @Test("telegrams that were missed for long are not sent later, and a new reader finds a new stick")
  func pauses() {
    var radio = RadioSimulation(.im871a, settings(4), seed: 1)
    func moment(_ seconds: Int64) -> SimulatedMoment {
      SimulatedMoment(now: Instant(milliseconds: seconds * 1000), world: simulatedNoon.later(seconds))
    }
    #expect(radio.due(at: moment(0)).isEmpty, "it is not set up")
    let set: [UInt8] = [0xA5, 0x01, 0x03, 0x06, 0x00, 0x02, 0x0A, 0x30, 0x01, 0x00]
    #expect(!radio.receive(set, at: moment(1)).isEmpty)
    #expect(radio.wakes == moment(4).now)
    #expect(radio.due(at: moment(4)).count == 1)
    _ = radio.due(at: moment(4000))
    #expect(radio.wakes == moment(4004).now && radio.counters.telegrams == 2)
    radio.listenerLeft()
    #expect(radio.wakes == nil && radio.due(at: moment(5000)).isEmpty)
  }

  @Test("the configuration names each meter but strangers, with its key")
  func configuration() {
    var kind = SimulatorOptions.Meter(kind: .radioLines, place: .tcp(4001))
    kind.radio = settings(3, strangers: 2)
    let house = SimulatedHouse(SimulatorOptions(meters: [kind]))
    #expect(
      house.lines.map(\.configuration) == [
        [
          "  - {id: wmbus_lines_1, protocol: wmbus, source: tcp://127.0.0.1:4001, address: '71004711', "
            + "key: '53494D554C4154453731303034373131'}  # water, mode 5",
          "  - {id: wmbus_lines_2, protocol: wmbus, source: tcp://127.0.0.1:4001, address: '70500001', "
            + "key: '53494D554C4154453730353030303031'}  # water, compact frames",
          "  - {id: wmbus_lines_3, protocol: wmbus, source: tcp://127.0.0.1:4001, address: '83012345', "
            + "key: '53494D554C4154453833303132333435'}  # heat, mode 7",
        ]
      ])
  }
}
