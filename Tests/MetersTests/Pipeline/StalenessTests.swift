import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters

struct StalenessTests {
  @Test("the interval of a meter that pushes is the median of its gaps")
  func medianInterval() {
    var staleness = Staleness(interval: nil)
    for second in [0, 20, 40, 60, 400, 420] { staleness.heard(at: instant(Int64(second))) }
    #expect(staleness.deadline == instant(420 + 60))
  }

  @Test("a configured interval is used instead")
  func configuredInterval() {
    var staleness = Staleness(interval: .minutes(15))
    #expect(staleness.deadline == nil)
    staleness.heard(at: instant(0))
    #expect(staleness.deadline == instant(2700))
  }
}
