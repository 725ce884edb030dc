import Testing
import TestSupport

@testable import Base
@testable import Decoders
@testable import Meters

@Suite struct ClientListenersTests {
  @Test("a meter that pushes seldom is not taken for a dead line once its interval is known")
  func patience() {
    var listeners = ClientListeners(interval: nil) { Listener(framer: MBusFramer(), gap: 500) }
    listeners.opened(now: Instant(milliseconds: 0))
    var reopened: [Int64] = []
    for second: Int64 in 0..<3600 {
      let now = Instant(milliseconds: second * 1000)
      if second % 60 == 0 { listeners.received(LineInput(bytes: shortTelegram(7), client: 1), now: now) }
      listeners.tick(now: now)
      for case .reopen in listeners.takeOutputs() { reopened.append(second) }
    }
    #expect(reopened == [30])
  }
}
