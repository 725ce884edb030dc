import Base
import Decoders
import TestSupport
import Testing

@testable import Documents
@testable import Meters

struct DayRingTests {
  private static let start = Instant(milliseconds: 300_000 * 1000)

  private func ring() -> DayRing { DayRing(described(FieldKey(.power))) }

  @Test("a bucket has the lowest and the highest value of its five minutes, with their digits")
  func extremes() {
    var ring = ring()
    for text in ["5.10", "-3", "12.5", "0"] {
      if let value = FixedDecimal(plain: text) { ring.note(value, at: Self.start) }
    }
    let buckets = ring.buckets(at: Self.start)
    #expect(buckets.count == DayRing.count)
    #expect(buckets.last == .init(minimum: FixedDecimal(-3), maximum: FixedDecimal(125, exponent: -1)))
    #expect(buckets.dropLast().allSatisfy { $0 == nil })
  }

  @Test("five minutes without a value are a gap, and after a day all is forgotten")
  func gaps() {
    var ring = ring()
    ring.note(FixedDecimal(1), at: Self.start)
    ring.note(FixedDecimal(2), at: Self.start + .minutes(10))
    let buckets = ring.buckets(at: Self.start + .minutes(15))
    #expect(buckets.suffix(4).map { $0?.maximum.description } == ["1", nil, "2", nil])
    let later = ring.buckets(at: Self.start + .minutes(24 * 60 + 5))
    #expect(later.compactMap { $0 }.map(\.maximum) == [FixedDecimal(2)])
    // Later than the ring is long.
    ring.note(FixedDecimal(3), at: Self.start + .minutes(72 * 60))
    #expect(ring.buckets(at: Self.start + .minutes(72 * 60)).compactMap { $0 }.map(\.maximum) == [FixedDecimal(3)])
    #expect(ring.buckets(at: Self.start + .minutes(200 * 60)).allSatisfy { $0 == nil })
  }

  @Test("a value with too many digits keeps the leading ones")
  func digits() {
    var ring = ring()
    ring.note(FixedDecimal(123_456_789_057, exponent: -6), at: Self.start)
    #expect(ring.buckets(at: Self.start).last??.minimum == FixedDecimal(1_234_567_891, exponent: -4))
    ring.note(FixedDecimal(.min), at: Self.start)
    #expect(ring.buckets(at: Self.start).last??.minimum == FixedDecimal(-922_337_204, exponent: 10))
  }
}
