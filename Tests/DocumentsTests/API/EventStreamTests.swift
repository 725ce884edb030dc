import Base
import Decoders
import Documents
import Testing

@testable import Meters
@testable import Publishing

struct EventStreamTests {
  /// The names of the events, each with the beginning of its data.
  private func told(_ bytes: [UInt8]) -> [String] {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("data") }.map {
      String($0.dropFirst("event: ".count))
    }
  }

  @Test("the first call tells everything, the next only what is new")
  func newsOnly() {
    var harness = StoreHarness("grid", "heat")
    harness.send("grid", [(.power, "5")])
    harness.store.take(harness.health, intervals: [:], isTold: true)
    harness.store.take(StoredLetter(event: Array("{}".utf8), line: []))
    var stream = EventStream()
    #expect(
      told(stream.next(harness.store, now: harness.now)) == [
        "meters", "availability", "reading", "availability", "reading", "health",
      ])
    #expect(stream.next(harness.store, now: harness.now) == [])
    harness.send("grid", [(.power, "6")])
    harness.send("grid", [(.power, "7")])
    let news = stream.next(harness.store, now: harness.now)
    #expect(told(news) == ["reading"])
    #expect(String(decoding: news, as: UTF8.self).contains(#""values":{"power":7}"#))
    harness.goOffline("grid")
    #expect(
      String(decoding: stream.next(harness.store, now: harness.now), as: UTF8.self).hasPrefix(
        "event: availability\ndata: {\"id\":\"grid\",\"availability\":\"offline\"}\n\n"))
  }

  @Test("each dead letter is told once, the newest where they are too many")
  func letters() {
    var harness = StoreHarness("grid")
    var stream = EventStream()
    _ = stream.next(harness.store, now: harness.now)
    for number in 0..<3 { harness.store.take(StoredLetter(event: Array("{\"n\":\(number)}".utf8), line: [])) }
    #expect(
      String(decoding: stream.next(harness.store, now: harness.now), as: UTF8.self)
        == (0..<3).map { "event: dead_letter\ndata: {\"n\":\($0)}\n\n" }.joined())
    for number in 0..<500 { harness.store.take(StoredLetter(event: Array("{\"n\":\(number)}".utf8), line: [])) }
    let told = told(stream.next(harness.store, now: harness.now))
    #expect(told.count == Limits.storedLetters)
    #expect(stream.next(harness.store, now: harness.now) == [])
  }

  @Test("a meter that comes or goes with a reload is told as a new list")
  func lists() {
    var harness = StoreHarness("grid")
    var stream = EventStream()
    _ = stream.next(harness.store, now: harness.now)
    harness.store.configure([meter("heat")])
    let news = stream.next(harness.store, now: harness.now)
    #expect(told(news) == ["meters", "availability", "reading"])
    #expect(String(decoding: news, as: UTF8.self).hasPrefix("event: meters\ndata: {\"meters\":[\"heat\"]}\n\n"))
  }

  @Test("counters that are only fresh for a reader are not an event")
  func freshCounters() {
    var harness = StoreHarness("grid")
    var stream = EventStream()
    _ = stream.next(harness.store, now: harness.now)
    harness.store.take(harness.health, intervals: [:], isTold: false)
    #expect(stream.next(harness.store, now: harness.now) == [])
    harness.store.take(harness.health, intervals: [:], isTold: true)
    #expect(told(stream.next(harness.store, now: harness.now)) == ["health"])
  }
}
