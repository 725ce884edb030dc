import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters

private func at(_ seconds: Int64) -> Instant { Instant(milliseconds: seconds * 1000) }

/// The address of a number: 70112233.
private func address(_ number: [UInt8]) -> MBusAddress {
  .secondary(number.reversed() + [0xFF, 0xFF, 0xFF, 0xFF])
}

private let water = address([0x70, 0x11, 0x22, 0x33])
private let electricity = address([0x70, 0x44, 0x55, 0x66])

private func receiver(_ addresses: MBusAddress?...) -> WirelessReceiver {
  var receiver = WirelessReceiver(addresses: addresses, gap: 500)
  receiver.opened(now: at(0))
  return receiver
}

private func line(_ bytes: [UInt8], level: Int? = nil) -> [UInt8] {
  let digits = Hexadecimal.text(bytes)
  return Array((level.map { "C1;1;1;2026-01-02 03:04:05.00Z;\($0);;;0x\(digits)\n" } ?? "\(digits)\n").utf8)
}

extension WirelessReceiver {
  /// What comes of bytes at a time.
  fileprivate mutating func outputs(_ bytes: [UInt8], at second: Int64) -> [DialogueOutput] {
    tick(now: at(second))
    received(LineInput(bytes: bytes), now: at(second))
    return takeOutputs()
  }
}

@Suite struct WirelessReceiverTests {
  @Test("a frame goes to the meter that it is from, in whatever way it comes")
  func attribution() throws {
    let plain = try sampleBytes("wmbus/plain")
    let mode7 = try sampleBytes("wmbus/mode7")
    // The number of the radio, which sends for the water meter, is not configured.
    let radio = try sampleBytes("wmbus/mode5-long-header")
    var receiver = receiver(electricity, water)
    #expect(receiver.outputs(line(plain), at: 1) == [.readout(meter: 1, frames: [plain])])
    #expect(receiver.outputs(mode7, at: 2) == [.readout(meter: 0, frames: [mode7])])
    #expect(receiver.outputs(line(radio), at: 3) == [.readout(meter: 1, frames: [radio])])
  }

  @Test("messages of collectors are counted, in whatever way they come, and are no dead letters")
  func collectors() throws {
    let plain = try AirFrame.stripped(sampleBytes("wmbus/plain"))
    var receiver = receiver(water)
    var second: Int64 = 1
    for control in [0x53, 0x40, 0x5B, 0x00] as [UInt8] {
      var request = plain
      request[1] = control
      let formatB = AirFrame.formatB(request)
      for bytes in [line(request), line(AirFrame.formatA(request)), line(formatB), AirFrame.formatA(request), formatB] {
        #expect(receiver.outputs(bytes, at: second).isEmpty)
        second += 1
      }
    }
    #expect(receiver.outputs(line(plain), at: second) == [.readout(meter: 0, frames: [plain])])
    receiver.tick(now: at(600))
    let news = receiver.takeOutputs()
    #expect(news.contains(.news(.progress("20 messages of collectors"))), "\(news)")
  }

  @Test("a byte at a time, and without a line end, gives the same frames")
  func pieces() throws {
    let plain = try sampleBytes("wmbus/plain")
    var receiver = receiver(water)
    var outputs: [DialogueOutput] = []
    for byte in line(plain).dropLast() { outputs += receiver.outputs([byte], at: 1) }
    #expect(outputs.isEmpty)
    #expect(receiver.deadline == at(1) + 500)
    receiver.tick(now: at(2))
    #expect(receiver.takeOutputs() == [.readout(meter: 0, frames: [plain])])
  }

  @Test("a frame without text around it may come a byte at a time, too")
  func binaryPieces() throws {
    let plain = try sampleBytes("wmbus/plain")
    var receiver = receiver(water)
    var outputs: [DialogueOutput] = []
    for byte in plain { outputs += receiver.outputs([byte], at: 1) }
    #expect(outputs == [.readout(meter: 0, frames: [plain])])
    outputs = []
    for byte in line(plain) { outputs += receiver.outputs([byte], at: 100) }
    #expect(outputs == [.readout(meter: 0, frames: [plain])])
  }

  @Test("a damaged byte between lines costs its own line only")
  func damagedLine() throws {
    let plain = try sampleBytes("wmbus/plain")
    let mode7 = try sampleBytes("wmbus/mode7")
    let damaged = Array(line(plain).dropLast(2)) + [0xFF, 0x0A]
    var receiver = receiver(electricity, water)
    #expect(receiver.outputs(line(mode7), at: 1).count == 1)
    #expect(
      receiver.outputs(damaged + line(plain), at: 1).filter { if case .readout = $0 { true } else { false } }
        == [.readout(meter: 1, frames: [plain])])
  }

  @Test("messages of a broker are told of strangers too, although the line never stays open")
  func strangersInMessages() throws {
    let plain = try sampleBytes("wmbus/plain")
    var receiver = receiver(electricity)
    for second: Int64 in [0, 300, 600] {
      receiver.opened(now: at(second))
      receiver.received(LineInput(bytes: plain), now: at(second))
      receiver.closed(now: at(second))
    }
    #expect(
      receiver.takeOutputs() == [
        .news(.progress("telegrams of meters that are not configured: AQU 70112233 (water), plain: 3"))
      ])
  }

  @Test("the level of the signal goes with the telegram")
  func signalStrength() throws {
    let plain = try sampleBytes("wmbus/plain")
    var receiver = receiver(water)
    let told = receiver.outputs(line(plain, level: -71), at: 1)
    #expect(
      told == [.news(.signalStrength(meter: 0, FixedDecimal(-71))), .readout(meter: 0, frames: [plain])])
  }

  @Test("copies of a telegram within a minute are dropped and counted, also those of a repeater")
  func copies() throws {
    let session = try sampleBytes("wmbus/session")
    let kamstrup = address([0x70, 0x77, 0x88, 0x99])
    var receiver = receiver(kamstrup)
    #expect(receiver.outputs(line(session), at: 1).count == 1)
    let copy = [DialogueOutput.news(.copy(meter: 0))]
    #expect(receiver.outputs(line(session), at: 5) == copy)
    var stripped = Array(session.prefix(10) + session[12..<28])
    for start in stride(from: 30, to: session.count, by: 18) {
      stripped += session[start..<min(start + 18, session.count) - 2]
    }
    stripped[0] = UInt8(stripped.count - 1)
    #expect(receiver.outputs(line(stripped), at: 6) == copy)
    // The repeater sets a bit in front of what is enciphered.
    stripped[11] |= 0x10
    let level = DialogueOutput.news(.signalStrength(meter: 0, FixedDecimal(-83)))
    #expect(receiver.outputs(line(stripped, level: -83), at: 7) == [level] + copy)
    #expect(receiver.outputs(line(session), at: 62).count == 1)
  }

  @Test("a copy is known behind many telegrams of a meter that sends often")
  func lateCopies() throws {
    let plain = try sampleBytes("wmbus/plain")
    var receiver = receiver(water)
    // Without its check values; the access number follows the CI field.
    var frame = try WirelessSender(plain.span).content
    let frames = (0..<25).map { number in
      frame[11] = UInt8(number)
      return frame
    }
    for (second, frame) in frames.enumerated() {
      #expect(receiver.outputs(line(frame), at: Int64(second * 2)).count == 1)
    }
    for frame in frames { #expect(receiver.outputs(line(frame), at: 59) == [.news(.copy(meter: 0))]) }
    #expect(receiver.outputs(line(frames[0]), at: 60).count == 1)
  }

  @Test("among many meters each frame finds those that it is for, whatever narrows their addresses")
  func manyMeters() throws {
    let plain = try sampleBytes("wmbus/plain")
    let radio = try sampleBytes("wmbus/mode5-long-header")
    var addresses = (0..<300).map { index in address([0x10, 0x00, UInt8(index / 256), UInt8(index % 256)]) }
    addresses[7] = .secondary([0x33, 0x22, 0x11, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF])
    addresses[140] = water
    addresses[299] = .secondary([0x33, 0x22, 0x11, 0x70, 0x35, 0x06, 0xFF, 0xFF])
    var receiver = WirelessReceiver(addresses: addresses, gap: 500)
    receiver.opened(now: at(0))
    let heard = receiver.outputs(line(plain), at: 1)
    #expect(heard == [7, 140, 299].map { .readout(meter: $0, frames: [plain]) })
    let relayed = receiver.outputs(line(radio), at: 2).map { if case .readout(let meter, _) = $0 { meter } else { -1 } }
    #expect(relayed.starts(with: [7, 140]))
  }

  @Test("meters that are not configured are counted, and told once a day")
  func strangers() throws {
    let plain = try sampleBytes("wmbus/plain")
    let mode7 = try sampleBytes("wmbus/mode7")
    var receiver = receiver(address([0x11, 0x11, 0x11, 0x11]))
    #expect(receiver.outputs(line(mode7) + line(plain) + line(plain), at: 1) == [])
    receiver.tick(now: at(599))
    #expect(receiver.takeOutputs() == [])
    receiver.tick(now: at(600))
    #expect(
      receiver.takeOutputs() == [
        .news(
          .progress(
            "telegrams of meters that are not configured: AQU 70112233 (water), plain: 2; "
              + "ESY 70445566 (electricity), mode 7: 1"))
      ])
    receiver.tick(now: at(1200))
    #expect(receiver.takeOutputs() == [])
  }

  @Test("what is no telegram is a dead letter, and lines that tell of noise are not")
  func rejected() throws {
    var receiver = receiver(water)
    #expect(receiver.outputs(Array("T1;0;0;2026-01-02 03:04:05.000;97;148;0;0xAA\n".utf8), at: 1) == [])
    let hello = Array("hello".utf8)
    #expect(
      receiver.outputs(hello + [0x0A], at: 2) == [
        .rejected(meter: nil, bytes: hello, error: DecodeError(.noise, at: 0, found: 5))
      ])
    let plain = try sampleBytes("wmbus/plain")
    let cut = Array(plain.dropLast(4))
    guard case .rejected(nil, cut, let error)? = receiver.outputs(line(cut), at: 3).first else {
      Issue.record("a cut telegram is not told")
      return
    }
    #expect(error.code == .truncated)
  }

  @Test("clients do not mix their bytes, a datagram is whole, and a client that leaves ends its line")
  func clients() throws {
    let plain = try sampleBytes("wmbus/plain")
    let mode7 = try sampleBytes("wmbus/mode7")
    var receiver = receiver(electricity, water)
    var second: Int64 = 1
    func send(_ bytes: [UInt8], from client: Int, isDatagram: Bool = false) -> [DialogueOutput] {
      receiver.received(LineInput(bytes: bytes, client: client, isDatagram: isDatagram), now: at(second))
      return receiver.takeOutputs()
    }
    let text = Array(line(plain).dropLast())
    // A gateway that writes no line end: the telegram comes in one piece.
    #expect(send(text, from: 5) == [.readout(meter: 1, frames: [plain])])
    #expect(send(Array(line(mode7).dropLast()), from: 5) == [.readout(meter: 0, frames: [mode7])])
    second = 62
    #expect(send(Array(text.prefix(9)), from: 1) == [])
    #expect(send(Array(mode7.prefix(20)), from: 2) == [])
    #expect(send(Array(text.dropFirst(9)), from: 1) == [])
    #expect(send(Array(mode7.dropFirst(20)), from: 2) == [.readout(meter: 0, frames: [mode7])])
    receiver.left(client: 1, now: at(second))
    #expect(receiver.takeOutputs() == [.readout(meter: 1, frames: [plain])])
    // Another gateway hears the same telegram.
    #expect(send(text, from: 3, isDatagram: true) == [.news(.copy(meter: 1))])
    #expect(receiver.deadline == at(600))
    second = 123
    #expect(send(text, from: 3, isDatagram: true) == [.readout(meter: 1, frames: [plain])])
    #expect(send(Array(text.prefix(30)), from: 4) == [])
    receiver.left(client: 4, now: at(second))
    guard case .rejected(nil, let bytes, let error)? = receiver.takeOutputs().first else {
      Issue.record("a cut line is not told")
      return
    }
    #expect(bytes == Array(plain.prefix(15)) && error.code == .truncated)
  }

  @Test("fragments of a message go to its meter as one frame; what stays without the others is told")
  func fragments() throws {
    // ESY 70445566: fragment 1 has the header and half a record, fragment 2 the rest.
    let parts: [[UInt8]] = [
      [0x90, 0x02, 0x01, 0x40, 0x7A, 0x01, 0x00, 0x00, 0x00, 0x0C, 0x03, 0x45],
      [0x90, 0x02, 0x02, 0x00, 0x23, 0x01, 0x00],
    ]
    let fragments = parts.map { [UInt8(9 + $0.count), 0x44, 0x79, 0x16, 0x66, 0x55, 0x44, 0x70, 0x30, 0x02] + $0 }
    var receiver = receiver(electricity)
    #expect(receiver.outputs(line(fragments[0]), at: 1) == [])
    #expect(receiver.outputs(line(fragments[0]), at: 2) == [])
    let whole = fragments[0] + fragments[1]
    #expect(receiver.outputs(line(fragments[1]), at: 3) == [.readout(meter: 0, frames: [whole])])
    #expect(receiver.outputs(line(fragments[0]), at: 100) == [])
    receiver.tick(now: at(130))
    #expect(receiver.takeOutputs() == [])
    receiver.tick(now: at(160))
    guard case .rejected(meter: 0, fragments[0], let error)? = receiver.takeOutputs().first else {
      Issue.record("a lost fragment is not told")
      return
    }
    #expect(error.code == .segmentMissing)
  }

  @Test("fragments that stay without others are told between the messages of a broker too")
  func fragmentsOfBroker() throws {
    let head: [UInt8] = [0x15, 0x44, 0x79, 0x16, 0x66, 0x55, 0x44, 0x70, 0x30, 0x02]
    let fragment = head + [0x90, 0x02, 0x01, 0x40, 0x7A, 0x01, 0x00, 0x00, 0x00, 0x0C, 0x03, 0x45]
    var receiver = WirelessReceiver(addresses: [water, electricity], gap: 500)
    let plain = try sampleBytes("wmbus/plain")
    for (second, bytes) in [(1, fragment), (40, plain), (80, plain)] as [(Int64, [UInt8])] {
      receiver.received(LineInput(bytes: bytes), now: at(second))
      receiver.closed(now: at(second))
    }
    let rejected = receiver.takeOutputs().contains { output in
      if case .rejected(meter: 1, fragment, _) = output { true } else { false }
    }
    #expect(rejected)
  }

  @Test("a receiver that hears nothing for an hour is opened again")
  func silence() throws {
    var receiver = receiver(water)
    receiver.tick(now: at(3599))
    #expect(receiver.takeOutputs() == [])
    receiver.tick(now: at(3600))
    #expect(receiver.takeOutputs() == [.reopen(reason: "no telegram for 60 min")])
  }

  @Test("a meter without an address hears everything; an address may name the maker too")
  func narrowing() throws {
    let plain = try sampleBytes("wmbus/plain")
    var any = receiver(nil)
    #expect(any.outputs(line(plain), at: 1).count == 1)
    for (maker, count) in [([0x35, 0x06], 1), ([0x2D, 0x2C], 0)] as [([UInt8], Int)] {
      var narrow = receiver(.secondary([0x33, 0x22, 0x11, 0x70] + maker + [0x21, 0x07]))
      #expect(narrow.outputs(line(plain), at: 1).count == count)
    }
  }
}
