import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Platform

/// A file that stays closed until the test opens it.
private final class SlowFile: Sendable {
  let gate = Shared(0)
  let begun = Shared(0)

  /// The number of the reading is the limit of meters.
  @Sendable func read() -> Reload.Outcome {
    let number = begun.change {
      $0 += 1
      return $0
    }
    _ = eventually { gate.current >= number }
    var configuration = Configuration()
    configuration.meterLimit = number
    return .read(configuration)
  }
}

private func number(in reload: inout Reload) -> Int? {
  if case .read(let configuration)? = reload.take(at: start) { configuration.meterLimit } else { nil }
}

private let start = Instant(milliseconds: 0)

@Test("a file that is slow to read blocks nothing, and is told once")
func slowConfiguration() throws {
  let file = SlowFile()
  var reload = try #require(Reload(file.read))
  #expect(reload.deadline == nil && !reload.isUnderWay)
  reload.order(at: start)
  #expect(reload.isUnderWay)
  #expect(number(in: &reload) == nil)
  #expect(reload.deadline == start + Limits.reloading)
  let slow = [Int64(9_999), 10_000, 20_000].map { reload.isSlow(at: start + Milliseconds($0)) }
  #expect(slow == [false, true, false] && reload.deadline == nil)
  file.gate.change { $0 = 1 }
  awaitBytes(at: reload.descriptor)
  #expect(number(in: &reload) == 1)
  #expect(!reload.isUnderWay && number(in: &reload) == nil)
}

@Test("orders during a reading become one reading after it")
func ordersDuringReading() throws {
  let file = SlowFile()
  var reload = try #require(Reload(file.read))
  for _ in 1...5 { reload.order(at: start) }
  file.gate.change { $0 = 1 }
  awaitBytes(at: reload.descriptor)
  #expect(number(in: &reload) == 1)
  #expect(reload.isUnderWay)
  file.gate.change { $0 = 2 }
  awaitBytes(at: reload.descriptor)
  #expect(number(in: &reload) == 2)
  #expect(!reload.isUnderWay && file.begun.current == 2)
}
