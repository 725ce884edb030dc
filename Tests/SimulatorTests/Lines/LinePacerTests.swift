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
