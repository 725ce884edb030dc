import Testing

@testable import Base

struct TokenBucketTests {
  private let size = TokenBucket.Size(atOnce: 20, perDay: 24 * 60)

  /// How many single tokens are there.
  private func drain(_ bucket: inout TokenBucket, at now: Instant) -> Int {
    var count = 0
    while bucket.has(1, now: now), count < 1_000_000 {
      bucket.take(1)
      count += 1
    }
    return count
  }

  @Test("so many are there at once, and then what flows back") func refill() {
    var bucket = TokenBucket(size, now: .past)
    #expect(drain(&bucket, at: .past) == 20)
    #expect(drain(&bucket, at: .past + Milliseconds(59_999)) == 0)
    #expect(drain(&bucket, at: .past + .minutes(1)) == 1)
    #expect(drain(&bucket, at: .past + .minutes(11)) == 10)
    let isFullTooSoon = bucket.isFull(now: .past + .minutes(30))
    let isFull = bucket.isFull(now: .past + .minutes(31))
    #expect(!isFullTooSoon && isFull)
    #expect(drain(&bucket, at: .past + .minutes(10_000_000)) == 20)
  }

  @Test("no part of a token is lost between two looks") func parts() {
    var bucket = TokenBucket(size, now: .past)
    _ = drain(&bucket, at: .past)
    let count = (1...600_000).reduce(0) { $0 + drain(&bucket, at: .past + Milliseconds(Int64($1))) }
    #expect(count == 10)
  }

  @Test("many tokens at a time need room for all of them") func many() {
    var bucket = TokenBucket(TokenBucket.Size(atOnce: 4 << 20, perDay: 12 << 20), now: .past)
    let sizes = [(4 << 20, Int64(0)), ((4 << 20) + 1, 0)]
    #expect(sizes.map { bucket.has($0.0, now: .past + .minutes($0.1)) } == [true, false])
    bucket.take(4 << 20)
    let later = [(1, Int64(0)), (1 << 20, 120), ((1 << 20) + 1, 120)]
    #expect(later.map { bucket.has($0.0, now: .past + .minutes($0.1)) } == [false, true, false])
  }

  @Test("a clock that goes back gives nothing") func backwards() {
    var bucket = TokenBucket(size, now: .past + .minutes(100))
    _ = drain(&bucket, at: .past + .minutes(100))
    #expect(drain(&bucket, at: .past) == 0)
    #expect(drain(&bucket, at: .past + .minutes(101)) == 1)
  }
}
