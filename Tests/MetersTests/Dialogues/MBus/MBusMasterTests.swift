import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters

/// 04 06: energy in kWh.
private let energy: [UInt8] = [0x04, 0x06, 0x88, 0x04, 0x00, 0x00]
private let volume: [UInt8] = [0x04, 0x14, 0xB3, 0x28, 0x00, 0x00]
private let more: [UInt8] = [0x1F]

@Suite struct MBusMasterTests {
  @Test("a readout is a reset, a request and its answer") func readout() {
    var bus = ScriptedBus([ScriptedSlave(address: 5, pages: [energy])])
    bus.open()
    bus.run(.seconds(2))
    #expect(bus.sent.first?.time == Instant(milliseconds: 0))
    #expect(bus.sent.map(\.bytes) == [[0x10, 0x40, 0x05, 0x45, 0x16], [0x10, 0x7B, 0x05, 0x80, 0x16]])
    #expect(bus.readouts.map(\.meter) == [0])
    #expect(bus.readouts.first?.frames.count == 1)
    #expect(bus.readouts.first?.frames.first?.suffix(8).prefix(6) == energy[...])
    #expect(bus.rejected.isEmpty && bus.failures.isEmpty)
  }

  @Test("the medium sets the interval", arguments: [0x02, 0x04, 0x07, 0x0D] as [UInt8]) func intervalOfMedium(
    medium: UInt8
  ) {
    let slave = ScriptedSlave(address: 5, identity: [1, 0, 0, 0, 0x2D, 0x2C, 1, medium], pages: [energy])
    var bus = ScriptedBus([slave])
    bus.open()
    bus.run(.minutes(16))
    let second = bus.sent.first { $0.time > Instant(milliseconds: 1000) }
    #expect(second?.time == Instant(milliseconds: 0) + (medium == 0x02 ? .seconds(15) : .minutes(15)))
  }

  @Test("a configured interval holds") func configuredInterval() {
    var bus = ScriptedBus([ScriptedSlave(address: 5, pages: [energy])], interval: .seconds(40))
    bus.open()
    bus.run(.seconds(125))
    #expect(bus.readouts.count == 4)
  }

  @Test("a retry repeats the frame count bit") func retry() {
    let slave = ScriptedSlave(address: 5, pages: [energy])
    slave.losses = 2
    var bus = ScriptedBus([slave], interval: .seconds(20))
    bus.open()
    bus.run(.seconds(10))
    #expect(bus.controls == [0x40, 0x7B, 0x7B, 0x7B])
    #expect(bus.readouts.count == 1)
    #expect(bus.failures.isEmpty)
  }

  @Test("the last try follows a reset") func lastTry() {
    let slave = ScriptedSlave(address: 5, pages: [energy])
    slave.losses = 3
    var bus = ScriptedBus([slave], interval: .seconds(20))
    bus.open()
    bus.run(.seconds(15))
    #expect(bus.controls == [0x40, 0x7B, 0x7B, 0x7B, 0x40, 0x7B])
    #expect(bus.readouts.count == 1)
  }

  @Test("silence is one failure a readout") func silence() {
    let slave = ScriptedSlave(address: 5, pages: [energy])
    slave.isSilent = true
    var bus = ScriptedBus([slave], interval: .seconds(60))
    bus.open()
    bus.run(.seconds(59))
    #expect(bus.controls == [0x40, 0x7B, 0x7B, 0x7B, 0x40, 0x7B])
    #expect(bus.failures.map(\.tries) == [4])
    #expect(bus.rejected.isEmpty)
    slave.isSilent = false
    bus.run(.seconds(5))
    #expect(bus.readouts.count == 1)
  }

  @Test("the bus is quiet before every request") func quietBus() {
    let slave = ScriptedSlave(address: 5, pages: [energy])
    slave.losses = 2
    var bus = ScriptedBus([slave], interval: .seconds(20))
    bus.open()
    bus.run(.seconds(15))
    // 5 bytes, 500 ms and a second's margin, and 33 bit times.
    for (one, next) in zip(bus.sent.dropFirst(), bus.sent.dropFirst(2)) {
      #expect((next.time - one.time).count >= 23 + 1500 + 14)
      #expect((next.time - one.time).count <= 23 + 1500 + 20)
    }
  }

  @Test("a slave that ignores resets is read without one") func resetIgnored() {
    let slave = ScriptedSlave(address: 5, pages: [energy])
    slave.acknowledgesReset = false
    var bus = ScriptedBus([slave], interval: .seconds(15))
    bus.open()
    bus.run(.seconds(40))
    #expect(bus.readouts.count == 3)
    #expect(bus.controls == [0x40, 0x7B, 0x5B, 0x7B])
  }

  @Test("an echo is removed", arguments: [1, 3, Int.max]) func echo(piece: Int) {
    var bus = ScriptedBus([ScriptedSlave(address: 5, pages: [energy])])
    bus.echoes = true
    bus.piece = piece
    bus.open()
    bus.run(.seconds(3))
    #expect(bus.readouts.count == 1)
    #expect(bus.rejected.isEmpty)
  }

  @Test("an echo without an answer is silence") func echoOnly() {
    let slave = ScriptedSlave(address: 5, pages: [energy])
    slave.isSilent = true
    var bus = ScriptedBus([slave], interval: .seconds(60))
    bus.echoes = true
    bus.open()
    bus.run(.seconds(30))
    #expect(bus.failures.map(\.tries) == [4])
    #expect(bus.rejected.isEmpty)
  }

  @Test("a garbled answer is rejected and read again") func garbledAnswer() {
    let slave = ScriptedSlave(address: 5, pages: [energy])
    slave.spoilt = 1
    var bus = ScriptedBus([slave])
    bus.open()
    bus.run(.seconds(5))
    #expect(bus.controls == [0x40, 0x7B, 0x7B])
    #expect(bus.rejected.map(\.error.code) == [.checksumMismatch])
    #expect(bus.rejected.first?.meter == 0)
    #expect(bus.readouts.count == 1)
  }

  @Test("a damaged byte rejects the frame whatever the checksum says") func damagedByte() {
    var master = MBusMaster(
      slaves: [.init(address: .primary(5), interval: .minutes(1))], timing: MBusTiming(baud: 2400, overNetwork: false))
    let slave = ScriptedSlave(address: 5, pages: [energy])
    var now = Instant(milliseconds: 0)
    master.opened(now: now)
    var asked = 0
    var rejected: [DecodeError.Code] = []
    var readouts = 0
    while asked < 3 {
      for output in master.takeOutputs() {
        switch output {
        case .send(let request):
          asked += 1
          let answer = slave.answer(to: request) ?? []
          now = now + 100
          master.received(LineInput(bytes: answer, damaged: asked == 2 ? [12, 14] : []), now: now)
        case .rejected(_, let bytes, let error):
          rejected.append(error.code)
          #expect(bytes.count == 27)
          #expect(error.offset == 12 && error.found == 2)
        case .readout: readouts += 1
        case .noAnswer, .tune, .reopen, .news: Issue.record("\(output)")
        }
      }
      if let deadline = master.deadline { now = max(now, deadline) }
      master.tick(now: now)
    }
    for case .readout in master.takeOutputs() { readouts += 1 }
    #expect(rejected == [.parityError])
    #expect(readouts == 1)
  }

  @Test("an answer of another slave is rejected") func otherSlave() {
    let wrong = ScriptedSlave(address: 5, pages: [energy])
    let bus5 = MBusMaster.Slave(address: .primary(5), interval: .minutes(1))
    var bus = ScriptedBus([], [bus5])
    bus.open()
    bus.run(.seconds(2))  // the reset stays without acknowledgement
    let stranger = MBusFrame.long(
      control: 0x08, address: 6, information: 0x72, data: wrong.identity + [1, 0, 0, 0] + energy
    ).bytes
    bus.inject(stranger)
    bus.run(.seconds(1))
    #expect(bus.readouts.isEmpty)
    #expect(bus.rejected.map(\.bytes) == [stranger])
    #expect(bus.rejected.first?.error == .otherMeter(asked: 5, found: 6))
    #expect(bus.rejected.first?.error.code == .otherMeter)
  }

  @Test("our own request is not an answer") func ownRequest() {
    var bus = ScriptedBus([], [.init(address: .primary(5), interval: .minutes(1))])
    bus.open()
    bus.run(.seconds(2))
    bus.inject([0x00, 0x10, 0x7B, 0x05, 0x80, 0x16])
    bus.run(.seconds(2))
    #expect(bus.readouts.isEmpty)
    #expect(bus.rejected.map(\.error.code) == [.noise, .notAnAnswer])
  }

  @Test("the telegrams of one readout are delivered together") func severalTelegrams() {
    let slave = ScriptedSlave(address: 5, pages: [energy + more, volume + more, energy + volume])
    var bus = ScriptedBus([slave])
    bus.open()
    bus.run(.seconds(5))
    #expect(bus.controls == [0x40, 0x7B, 0x5B, 0x7B])
    #expect(bus.readouts.count == 1)
    #expect(bus.readouts.first?.frames.map(\.count) == [28, 28, 33])
  }

  @Test("a lost telegram is requested again with the same bit") func lostTelegram() {
    let slave = ScriptedSlave(address: 5, pages: [energy + more, volume])
    let other = ScriptedSlave(address: 6, pages: [energy])
    var bus = ScriptedBus([slave, other], interval: .seconds(10))
    bus.open()
    bus.run(165)  // the first page is there, the second not yet asked for
    slave.losses = 1
    bus.run(.seconds(8))
    let own = bus.sent.filter { $0.bytes[2] == 5 }.map { $0.bytes[1] }
    #expect(own == [0x40, 0x7B, 0x5B, 0x5B])
    #expect(bus.readouts.first { $0.meter == 0 }?.frames.count == 2)
  }

  @Test("a repeated telegram ends the readout") func repeatedTelegram() {
    let slave = ScriptedSlave(address: 5, pages: [energy + more])
    slave.ignoresFrameCountBit = true
    var bus = ScriptedBus([slave], interval: .minutes(1))
    bus.open()
    bus.run(.seconds(30))
    #expect(bus.controls == [0x40, 0x7B, 0x5B])
    #expect(bus.readouts.map(\.frames.count) == [1])
  }

  @Test("endless telegrams end at the limit") func endlessTelegrams() {
    let pages = (0..<40).map { [0x04, 0x06, UInt8($0), 0, 0, 0, 0x1F] as [UInt8] }
    var bus = ScriptedBus([ScriptedSlave(address: 5, pages: pages)], interval: .minutes(10))
    bus.open()
    bus.run(.minutes(1))
    #expect(bus.readouts.map(\.frames.count) == [Limits.telegramsOfReadout])
  }

  @Test("a telegram that never comes does not lose the others") func missingTelegram() {
    let slave = ScriptedSlave(address: 5, pages: [energy + more, volume])
    var bus = ScriptedBus([slave], interval: .minutes(10))
    bus.open()
    bus.run(165)  // the first page is there, the second not yet asked for
    slave.isSilent = true
    bus.run(.seconds(30))
    #expect(bus.readouts.map(\.frames.count) == [1])
    #expect(bus.failures.map(\.tries) == [4])
  }

  @Test("a readout starts again after the line was lost") func lineLost() {
    let slave = ScriptedSlave(address: 5, pages: [energy + more, volume])
    var bus = ScriptedBus([slave], interval: .minutes(10))
    bus.piece = 7
    bus.open()
    bus.run(170)
    bus.close()
    #expect(bus.master.deadline == nil)
    #expect(bus.rejected.map(\.error.code) == [.truncated])
    #expect(bus.failures.isEmpty)
    bus.run(.minutes(1))
    bus.open()
    bus.run(.seconds(5))
    #expect(bus.readouts.map(\.frames.count) == [2])
  }

  @Test("a meter is read on request") func readOnRequest() {
    var bus = ScriptedBus([ScriptedSlave(address: 5, pages: [energy])])
    bus.open()
    bus.run(.seconds(60))
    #expect(bus.readouts.count == 1)
    bus.poll(0)
    bus.run(.seconds(1))
    #expect(bus.readouts.count == 2)
    for _ in 0..<100 { bus.poll(0) }
    bus.run(.seconds(5))
    #expect(bus.readouts.count == 3)
  }

  @Test("a flood of requests does not use up a battery") func requestFlood() {
    let slave = ScriptedSlave(address: 5, pages: [energy])
    let other = ScriptedSlave(address: 6, pages: [energy])
    var bus = ScriptedBus([slave, other], interval: .minutes(15))
    bus.open()
    bus.run(.minutes(1))
    for _ in 0..<600 {
      bus.poll(0)
      bus.run(.seconds(1))
    }
    // Five, then one in 90 s.
    #expect((5 + 6...5 + 7).contains(bus.readouts.count { $0.meter == 0 } - 1))
    #expect(bus.outputs.contains { $0.output == .news(.readoutRefused(meter: 0)) })
    // The budget is each meter's own.
    let before = bus.readouts.count { $0.meter == 1 }
    bus.poll(1)
    bus.run(.seconds(2))
    #expect(bus.readouts.count { $0.meter == 1 } == before + 1)
  }

  @Test("a bus without any answer is opened again") func busReopened() {
    let slave = ScriptedSlave(address: 5, pages: [energy])
    slave.isSilent = true
    var bus = ScriptedBus([slave], interval: .seconds(30))
    bus.open()
    bus.run(.seconds(80))
    #expect(!bus.outputs.contains { if case .reopen = $0.output { true } else { false } })
    bus.run(.seconds(40))
    #expect(bus.outputs.filter { if case .reopen = $0.output { true } else { false } }.count == 1)
  }

  @Test("noise on an idle bus is rejected as one piece") func noiseOnIdleBus() {
    var bus = ScriptedBus([ScriptedSlave(address: 5, pages: [energy])])
    bus.open()
    bus.run(.seconds(10))
    bus.inject([1, 2, 3])
    bus.run(50)
    bus.inject([4, 5])
    bus.run(.seconds(5))
    #expect(bus.rejected.map(\.bytes) == [[1, 2, 3, 4, 5]])
  }

  /// Whatever comes whenever: nothing traps, nothing hangs, and in peace the meters are read again.
  @Test("after chaos the meters are read again", arguments: 1...20 as ClosedRange<UInt64>) func chaos(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let slaves = (1...3).map { ScriptedSlave(address: UInt8($0), pages: [energy + more, volume]) }
    var bus = ScriptedBus(slaves, interval: .seconds(10))
    bus.echoes = seed % 2 == 0
    bus.open()
    for _ in 0..<2000 {
      switch random.next() % 12 {
      case 0: bus.inject((0..<random.next() % 40).map { _ in UInt8(truncatingIfNeeded: random.next()) })
      case 1: bus.inject([0xE5])
      case 2: bus.inject([0x68, 0x0F, 0x0F, 0x68])
      case 3: bus.inject(shortTelegram(UInt8(random.next() % 4)))
      case 4: slaves[Int(random.next() % 3)].losses += Int(random.next() % 3)
      case 5: slaves[Int(random.next() % 3)].spoilt += 1
      case 6: slaves[Int(random.next() % 3)].isSilent.toggle()
      case 7: bus.piece = Int(random.next() % 30) + 1
      case 8: bus.poll(Int(random.next() % 5))
      case 9 where random.next() % 20 == 0:
        bus.close()
        bus.run(.seconds(1))
        bus.open()
      default: bus.run(Milliseconds(Int64(random.next() % 3000)))
      }
    }
    for slave in slaves { (slave.losses, slave.spoilt, slave.isSilent) = (0, 0, false) }
    bus.piece = .max
    bus.run(.minutes(3))
    let began = bus.now
    bus.run(.seconds(21))
    for meter in 0..<3 {
      let readouts = bus.readouts.filter { $0.meter == meter && $0.time >= began }
      #expect(readouts.count >= 2)
      #expect(readouts.allSatisfy { $0.frames.count == 2 })
    }
  }

  @Test("endless noise does not hold the bus for ever") func endlessNoise() {
    let slave = ScriptedSlave(address: 5, pages: [energy])
    slave.isSilent = true
    var bus = ScriptedBus([slave], interval: .seconds(20))
    bus.open()
    for _ in 0..<6000 {
      bus.inject([0x55])
      bus.run(10)
    }
    #expect(bus.failures.count >= 1)
    #expect(bus.rejected.reduce(0) { $0 + $1.bytes.count } > 5000)
  }
}
