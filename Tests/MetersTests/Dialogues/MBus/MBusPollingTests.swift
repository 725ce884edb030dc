import Decoders
import Testing

@testable import Base
@testable import Meters

private let energy: [UInt8] = [0x04, 0x06, 0x88, 0x04, 0x00, 0x00]
private let volume: [UInt8] = [0x04, 0x14, 0xB3, 0x28, 0x00, 0x00]
private let more: [UInt8] = [0x1F]

/// SND_NKE, retries, pauses and data sets of one meter.
@Suite struct MBusPollingTests {
  private static func polling(_ change: (inout MBusPolling) -> Void) -> MBusPolling {
    var polling = MBusPolling()
    change(&polling)
    return polling
  }

  private static func bus(
    _ slave: ScriptedSlave, interval: Milliseconds = .seconds(10), _ change: (inout MBusPolling) -> Void
  ) -> ScriptedBus {
    var bus = ScriptedBus(slave, interval: interval, polling(change))
    bus.open()
    return bus
  }

  @Test("SND_NKE comes once, always or never, as configured") func reset() {
    let expected: [(MBusPolling.Reset, [UInt8])] = [
      (.auto, [0x40, 0x7B, 0x5B, 0x7B]), (.always, [0x40, 0x7B, 0x40, 0x7B, 0x40, 0x7B]), (.never, [0x7B, 0x5B, 0x7B]),
    ]
    for (reset, controls) in expected {
      var bus = Self.bus(ScriptedSlave(address: 5, pages: [energy])) { $0.reset = reset }
      bus.run(.seconds(25))
      #expect(bus.controls == controls, "\(reset)")
      #expect(bus.readouts.count == 3)
    }
  }

  @Test("a meter with several telegrams begins each readout with SND_NKE") func resetOfPages() {
    var bus = Self.bus(ScriptedSlave(address: 5, pages: [energy + more, volume])) { _ in }
    bus.run(.seconds(15))
    #expect(bus.controls == [0x40, 0x7B, 0x5B, 0x40, 0x7B, 0x5B])
    #expect(bus.readouts.map(\.frames.count) == [2, 2])
  }

  @Test("never is never, in the last try and for secondary addresses too") func neverReset() {
    let slave = ScriptedSlave(address: 5, pages: [energy])
    slave.losses = 3
    var bus = Self.bus(slave, interval: .minutes(1)) { $0.reset = .never }
    bus.run(.seconds(20))
    #expect(bus.controls == [0x7B, 0x7B, 0x7B, 0x7B])
    #expect(bus.readouts.count == 1)
  }

  @Test("retries carry the same frame count bit, and are as many as configured", arguments: [0, 1, 2, 5])
  func retries(count: Int) {
    let slave = ScriptedSlave(address: 5, pages: [energy])
    slave.isSilent = true
    var bus = Self.bus(slave, interval: .minutes(1)) { $0.retries = count }
    bus.run(.seconds(50))
    #expect(bus.controls == [0x40] + [UInt8](repeating: 0x7B, count: count + 1) + [0x40, 0x7B])
    #expect(bus.failures.map(\.tries) == [count + 2])
  }

  @Test("a pause comes before each further request") func pause() {
    let slave = ScriptedSlave(address: 5, pages: [energy + more, volume])
    var bus = Self.bus(slave) { $0.pause = 700 }
    bus.run(.seconds(15))
    // The first answer of a meter waits for a second one, so this is the second readout.
    let times = bus.sent.map(\.time).suffix(3)
    #expect(bus.sent.count == 6)
    // 5 bytes, 50 ms of the slave, and the pause.
    for (one, next) in zip(times, times.dropFirst()) { #expect((770...800).contains((next - one).count)) }
  }

  // MARK: Data sets

  @Test("each data set is chosen and read, and they are one readout") func dataSets() {
    let slave = ScriptedSlave(address: 5, pages: [energy])
    slave.pagesAfter = [[0xB1]: [energy + more, energy + energy], [0xB4]: [volume]]
    var bus = Self.bus(slave) { $0.dataSets = [.maker(0xB4), .maker(0xB1)] }
    bus.run(.seconds(15))
    #expect(slave.commands == [[0xB4], [0xB1], [0xB4], [0xB1]])
    #expect(Array(bus.controls.prefix(7)) == [0x40, 0x53, 0x7B, 0x53, 0x5B, 0x7B, 0x40])
    #expect(bus.readouts.map(\.frames.count) == [3, 3])
    #expect(bus.readouts[0].frames[0].dropFirst(19).starts(with: volume))
  }

  @Test("application reset and global readout go out before the readout") func standardSets() {
    let expected: [(MBusDataSet, [UInt8])] = [(.telegrams(0x50), [0x50, 0x50]), (.all, [0x51, 0x7F, 0x7E])]
    for (dataSet, bytes) in expected {
      let slave = ScriptedSlave(address: 5, pages: [energy])
      var bus = Self.bus(slave) { $0.dataSets = [dataSet] }
      bus.run(.seconds(5))
      #expect(slave.commands == [bytes])
      #expect(bus.readouts.count == 1)
    }
  }

  @Test("a command that is not acknowledged is repeated") func unheardCommand() {
    let slave = ScriptedSlave(address: 5, pages: [energy])
    slave.pagesAfter = [[0xB1]: [volume]]
    slave.unheardCommands = 2
    var bus = Self.bus(slave, interval: .minutes(1)) { $0.dataSets = [.maker(0xB1)] }
    bus.run(.seconds(20))
    #expect(slave.commands.count == 3)
    #expect(bus.readouts.count == 1)
    #expect(bus.readouts.first?.frames.first?.dropFirst(19).starts(with: volume) == true)
  }

  @Test("a set that is lost in the middle is requested again with the same bit") func lostSet() {
    let slave = ScriptedSlave(address: 5, pages: [energy])
    slave.pagesAfter = [[0xB1]: [energy], [0xB4]: [volume]]
    var bus = Self.bus(slave, interval: .minutes(1)) { $0.dataSets = [.maker(0xB4), .maker(0xB1)] }
    bus.run(260)
    slave.losses = 1
    bus.run(.seconds(10))
    #expect(bus.readouts.map(\.frames.count) == [2])
    let data = bus.controls.filter { $0 != 0x40 && $0 != 0x53 }
    #expect(data == [0x7B, 0x7B, 0x5B] || data == [0x7B, 0x5B, 0x5B])
  }

  // MARK: Gateways

  @Test("a gateway that holds pieces back for up to 300 ms loses no readout", arguments: [1, 7, 40])
  func jitter(piece: Int) {
    let pages = [(0..<35).flatMap { _ in energy } + more, volume]
    let slave = ScriptedSlave(address: 5, pages: piece == 1 ? [energy] : pages)
    var bus = ScriptedBus(
      [slave], [MBusMaster.Slave(address: .primary(5), interval: .seconds(40))], overNetwork: true)
    bus.reaction = 450
    bus.piece = piece
    bus.pauses = piece == 1 ? [10, 0, 120, 30] : [300, 0, 130, 0, 290]
    bus.open()
    bus.run(.seconds(100))
    #expect(bus.readouts.count == 3 && bus.failures.isEmpty && bus.rejected.isEmpty)
    #expect(bus.readouts.allSatisfy { $0.frames.count == slave.pages.count })
    #expect(bus.master.bus?.retries == 0)
  }

  @Test("the rest of a telegram that comes after a reconnect belongs to no meter's reading") func reconnect() {
    let slaves = (5...6).map { ScriptedSlave(address: UInt8($0), pages: [energy]) }
    var bus = ScriptedBus(
      slaves, slaves.map { MBusMaster.Slave(address: .primary($0.address), interval: .minutes(5)) }, overNetwork: true)
    bus.piece = 10
    bus.open()
    bus.run(190)
    let begun = bus.readouts.count
    bus.close()
    #expect(begun == 0 && bus.rejected.map(\.error.code) == [.truncated])
    let cut = bus.rejected[0].bytes.count
    bus.open()
    let telegram = slaves[0].answer(to: [0x10, 0x7B, 0x05, 0x80, 0x16]) ?? []
    bus.inject(Array(telegram.dropFirst(cut)))
    bus.run(.seconds(20))
    // Every byte of the cut telegram is in a dead letter, and perhaps the E5 that came behind its rest.
    #expect((telegram.count...telegram.count + 1).contains(bus.rejected.map(\.bytes.count).reduce(0, +)))
    #expect(bus.readouts.map(\.meter).sorted() == [0, 1])
    #expect(bus.readouts.allSatisfy { $0.frames.count == 1 && $0.frames[0][5] == UInt8($0.meter + 5) })
  }

  // MARK: Datagrams

  @Test("answers that come twice give each reading once", arguments: [false, true]) func doubles(isSecondary: Bool) {
    let slave = ScriptedSlave(address: 5, pages: [energy + more, volume])
    let address: MBusAddress = isSecondary ? .secondary(slave.identity) : .primary(5)
    var bus = ScriptedBus(
      [slave], [MBusMaster.Slave(address: address, interval: .seconds(20))], overNetwork: true, overDatagrams: true)
    bus.doubles = true
    bus.open()
    bus.run(.seconds(50))
    #expect(bus.readouts.map(\.frames.count) == [2, 2, 2])
    // Six telegrams, and the acknowledgement of SND_NKE or of the selection in front of each readout.
    #expect(bus.rejected.isEmpty && bus.failures.isEmpty)
    #expect((bus.master.bus?.doubled ?? 0) >= 9)
  }
}
