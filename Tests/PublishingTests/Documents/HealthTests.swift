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
