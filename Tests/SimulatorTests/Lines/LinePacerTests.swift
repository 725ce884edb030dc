import Testing

@testable import Base
@testable import Meters
@testable import Simulator

/// A line on which a byte takes a millisecond.
private func pacer(isShared: Bool) -> LinePacer {
  LinePacer(LineSettings(baud: 10_000, dataBits: 8, parity: .none, stopBits: 1), isShared: isShared)
}

private func transmission(_ text: String, at time: Int64) -> Transmission {
  Transmission(bytes: Array(text.utf8), start: Instant(milliseconds: time))
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

@Test("bytes that are queued at one moment come in the order in which they were queued", arguments: [false, true])
func equalMoments(isShared: Bool) {
  var pacer = pacer(isShared: isShared)
  for part in ["echo ", "EVER ", "OK"] { pacer.add(transmission(part, at: 0)) }
  #expect(text(pacer.take(at: Instant(milliseconds: 3))) == "ech")
  pacer.add(transmission("!", at: 3))
  #expect(text(pacer.take(at: Instant(milliseconds: 100))) == "o EVER OK!")
  #expect(pacer.isEmpty)
}

@Test("what one device sends keeps its order, whatever the moments")
func oneDevice() {
  var pacer = pacer(isShared: false)
  pacer.add(transmission("late ", at: 50))
  pacer.add(transmission("early", at: 0))
  #expect(text(pacer.take(at: Instant(milliseconds: 49))) == "")
  #expect(text(pacer.take(at: Instant(milliseconds: 60))) == "late early")
}

@Test("on a shared line an early answer that is queued late goes first, but cuts none in two")
func sharedLine() {
  var pacer = pacer(isShared: true)
  pacer.add(transmission("late", at: 50))
  pacer.add(transmission("early", at: 0))
  #expect(text(pacer.take(at: Instant(milliseconds: 5))) == "early")
  #expect(text(pacer.take(at: Instant(milliseconds: 52))) == "la")
  pacer.add(transmission("next", at: 0))
  #expect(text(pacer.take(at: Instant(milliseconds: 54))) == "te")
  #expect(text(pacer.take(at: Instant(milliseconds: 58))) == "next")
}

@Test("a gateway that fills packets hands a transmission over whole, when its last byte is out")
func packedLine() {
  let line = LineSettings(baud: 2400, dataBits: 8, parity: .even, stopBits: 1)
  var pacer = LinePacer(line, isPacked: true)
  let start = Instant(milliseconds: 1000)
  for first in [1, 2] as [UInt8] {
    pacer.add(Transmission(bytes: [first] + [UInt8](repeating: 0, count: 239), start: start))
  }
  // 240 bytes of 11 bits.
  let end = start + 1100
  #expect(pacer.wakes == end)
  #expect(pacer.take(at: start + 1099).isEmpty)
  #expect(pacer.take(at: end).count == 240)
  #expect(pacer.wakes == end + 1100)
  #expect(pacer.take(at: end + 1100).first == 2 && pacer.isEmpty)
}

@Test("at the end everything that is not out yet goes, and nothing twice")
func theRest() {
  var pacer = pacer(isShared: false)
  pacer.add(transmission("begun ", at: 0))
  pacer.add(transmission("queued", at: 0))
  #expect(text(pacer.take(at: Instant(milliseconds: 2))) == "be")
  #expect(text(pacer.takeAll()) == "gun queued")
  #expect(pacer.isEmpty && pacer.takeAll().isEmpty)
}
