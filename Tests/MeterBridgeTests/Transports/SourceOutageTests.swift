import Testing

@testable import Base
@testable import MeterBridge
@testable import Meters

struct SourceOutageTests {
  @Test("each reason is told once") func once() {
    var outage = SourceOutage()
    let reasons = ["a", "a", "b", "b", "a", "b"].map { SourceError($0) }
    #expect(reasons.map { outage.tells($0) } == [true, false, false, true, false, false])
  }

  @Test("reasons of one subject are one") func subjects() {
    var outage = SourceOutage()
    let reasons = (0..<5).map { SourceError("busy since \($0) s", subject: "words") }
    #expect(reasons.map { outage.tells($0) } == [true, false, false, false, false])
  }

  @Test("an opening is told once, and the loss after it too") func opening() {
    var outage = SourceOutage()
    let loss = SourceError("closed")
    #expect(outage.tells(loss) && outage.tellsOpening())
    #expect(outage.tells(loss) && !outage.tellsOpening())
    #expect(!outage.tells(loss) && !outage.tellsOpening())
  }

  @Test("many reasons are not told without end") func bounded() {
    var outage = SourceOutage()
    let told = (0..<100).count { number in
      let reason = SourceError("\(number)")
      _ = outage.tells(reason)
      return outage.tells(reason)
    }
    #expect(told < 10)
  }
}

struct SourceBackoffTests {
  /// The pauses of tries that fail at once.
  private func pauses(_ count: Int, _ backoff: inout SourceBackoff) -> [Int64] {
    var now = Instant(milliseconds: 5_000)
    return (0..<count).map { _ in
      let next = backoff.failed(lastTry: now, now: now)
      defer { now = next }
      return (next - now).count
    }
  }

  @Test("tries come a second apart, then more slowly and not in step") func growing() {
    var (one, other) = (SourceBackoff(slowest: .minutes(1), seed: 1), SourceBackoff(slowest: .minutes(1), seed: 2))
    let (first, second) = (pauses(200, &one), pauses(200, &other))
    #expect(first.prefix(30).allSatisfy { $0 == 1000 })
    #expect(first.dropFirst(30).allSatisfy { (1000...60_000).contains($0) })
    #expect(first.dropFirst(60).reduce(0, +) > 140 * 10_000)
    #expect(first != second)
    one.succeeded()
    #expect(pauses(1, &one) == [1000])
  }

  @Test("a connection that held for long is tried again at once") func heldConnection() {
    var backoff = SourceBackoff(slowest: .minutes(1), seed: 1)
    _ = pauses(100, &backoff)
    let now = Instant(milliseconds: 10_000_000)
    #expect(backoff.failed(lastTry: Instant(milliseconds: 0), now: now) == now + .seconds(1))
  }

  @Test("a port is tried every second for ever") func port() {
    var backoff = SourceBackoff(slowest: Limits.reopening, seed: 1)
    #expect(pauses(100_000, &backoff).allSatisfy { $0 == 1000 })
  }
}

struct GatewayWordsTests {
  struct Sample: Sendable, CustomTestStringConvertible {
    let said: [UInt8]
    let shown: String?
    var testDescription: String { shown ?? "\(said)" }

    init(_ said: String, _ shown: String?) { (self.said, self.shown) = (Array(said.utf8), shown) }
    init(_ said: [UInt8], _ shown: String?) { (self.said, self.shown) = (said, shown) }
  }

  @Test(
    "a greeting is shown as text, and nothing else is",
    arguments: [
      Sample("Port already in use\r\n", "Port already in use"),
      Sample("\u{1B}[31mPort \u{202E}busy\u{7}\n", "\u{FFFD}[31mPort \u{FFFD}busy\u{FFFD}"),
      Sample("say \"no\"\r\n  twice\n", "say 'no' twice"),
      Sample("Anschluß belegt", "Anschluß belegt"),
      Sample("/XYZ5TEST\r\n", nil),
      Sample([0x68, 0x03, 0x03, 0x68, 0x08, 0x01, 0x72, 0x00, 0x16], nil),
      Sample([0x7E, 0xA0, 0x93, 0xCF, 0x02, 0x23, 0x13, 0x4D, 0x43, 0xE6, 0xE7], nil),
      Sample([], nil),
      Sample(String(repeating: "Telegram ", count: 100), nil),
    ]) func words(sample: Sample)
  {
    var words = GatewayWords()
    for byte in sample.said { words.append([byte]) }
    let reason = words.trouble(with: "gateway.lan:10001", wasBrief: false)?.reason
    let start = sample.shown.map { "gateway.lan:10001 says \"\($0)\" and closes: " }
    #expect((reason == nil) == (start == nil))
    if let start { #expect(reason?.hasPrefix(start) == true, "\(reason ?? "nothing")") }
  }

  @Test("a gateway that closes at once without a word is told too") func silence() {
    let words = GatewayWords()
    #expect(words.trouble(with: "a:1", wasBrief: false) == nil)
    let reason = words.trouble(with: "a:1", wasBrief: true)?.reason
    #expect(reason?.hasPrefix("a:1 accepts the connection and closes it at once: ") == true)
  }
}
