import Testing

@testable import Base
@testable import Meters
@testable import Publishing

@Test("health counts the values that did not find room")
func fieldsDropped() {
  var broker = BrokerStatus(lastStep: Instant(milliseconds: 0))
  broker.fieldsDropped = 372
  let health = Health(
    time: WallTime(milliseconds: 0), uptime: .seconds(60), meters: [], broker: broker, journal: JournalStatus(),
    deadLetters: 0, deadLettersSkipped: 0, deadLettersLost: 0, messagesDropped: 0, threads: [])
  #expect(String(decoding: health.document, as: UTF8.self).contains(#""fields_dropped":372"#))
}

@Test("health has the copies of a meter's telegrams, where there are some")
func healthOfCopies() {
  var counters = MeterPipeline.Counters()
  func text() -> String {
    let health = Health(
      time: WallTime(milliseconds: 0), uptime: .seconds(60), meters: [("water", counters)],
      broker: BrokerStatus(lastStep: Instant(milliseconds: 0)), journal: JournalStatus(), deadLetters: 0,
      deadLettersSkipped: 0, deadLettersLost: 0, messagesDropped: 0, threads: [])
    return String(decoding: health.document, as: UTF8.self)
  }
  #expect(text().contains(#""water":{"telegrams":0,"errors":{},"last":null"#))
  counters.doubled = 7
  #expect(text().contains(#""water":{"telegrams":0,"errors":{},"doubled":7,"last":null"#))
}

@Test("health has the counters of each M-Bus by its source, and nothing of buses without one")
func healthOfBuses() {
  var statistics = MBusStatistics(meters: 60)
  statistics.missing = 2
  statistics.requests = 1000
  statistics.answers = 990
  statistics.retries = 8
  statistics.doubled = 1
  statistics.lineErrors = 3
  func text() -> String {
    let health = Health(
      time: WallTime(milliseconds: 0), uptime: .seconds(60), meters: [], buses: [("/dev/bus", statistics)],
      broker: BrokerStatus(lastStep: Instant(milliseconds: 0)), journal: JournalStatus(), deadLetters: 0,
      deadLettersSkipped: 0, deadLettersLost: 0, messagesDropped: 0, threads: [])
    return String(decoding: health.document, as: UTF8.self)
  }
  let counters =
    #""meters":60,"missing":2,"requests":1000,"answers":990,"retries":8,"doubled":1,"line_errors":3"#
  #expect(text().contains(#""buses":{"/dev/bus":{"condition":"good",\#(counters)}}"#))
  statistics.condition = .silent
  statistics.round = 41_250
  #expect(text().contains(#""condition":"silent",\#(counters),"round_ms":41250}"#))
}
