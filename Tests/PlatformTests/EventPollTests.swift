import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Platform

@Suite struct EventPollTests {
  private let polled: EventPoll

  init() throws { polled = try #require(EventPoll()) }

  private func pair() throws -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { throw Failure(what: "pipe") }
    return (ends[0], ends[1])
  }

  private func found(_ time: Milliseconds? = 0) -> [Int: Readiness] {
    Dictionary(uniqueKeysWithValues: polled.wait(atMost: time).map { ($0.token, $0.readiness) })
  }

  @Test("only what is ready is told, by its token, as long as it is waited for") func tokens() throws {
    let (reading, writing) = try pair()
    defer { [reading, writing].forEach { close($0) } }
    polled.watch(PollInterest(descriptor: reading, readiness: .readable), as: 5)
    polled.watch(PollInterest(descriptor: writing, readiness: .writable), as: -3)
    #expect(found(nil) == [-3: .writable])
    #expect(unsafe write(writing, [1] as [UInt8], 1) == 1)
    for _ in 0..<2 { #expect(found(nil) == [5: .readable, -3: .writable]) }
    polled.watch(PollInterest(descriptor: reading, readiness: []), as: 5)
    polled.watch(nil, as: -3)
    #expect(found(1) == [:])
  }

  @Test("a hang-up is told whatever is waited for; a closed descriptor is invalid") func failures() throws {
    let (reading, writing) = try pair()
    defer { close(reading) }
    polled.watch(PollInterest(descriptor: reading, readiness: []), as: 1)
    close(writing)
    #expect(found(nil)[1].map { !$0.isDisjoint(with: .failed) } == true)
    polled.watch(PollInterest(descriptor: 1_000_000, readiness: .readable), as: 2)
    #expect(found(nil)[2] == .invalid)
    polled.watch(nil, as: 2)
    #expect(found()[2] == nil)
  }

  @Test("a file is always ready, as for poll") func files() throws {
    let file = unsafe open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    polled.watch(PollInterest(descriptor: file, readiness: .readable), as: 8)
    for _ in 0..<2 { #expect(found(nil) == [8: .readable]) }
    polled.removeAll()
    #expect(found(1) == [:])
  }

  @Test("a number that comes again is another descriptor") func reuse() throws {
    let first = try pair()
    polled.watch(PollInterest(descriptor: first.reading, readiness: .readable), as: 1)
    close(first.reading)
    close(first.writing)
    let second = try pair()
    defer { [second.reading, second.writing].forEach { close($0) } }
    #expect(second.reading == first.reading)
    polled.watch(PollInterest(descriptor: second.reading, readiness: .readable), as: 1)
    _ = unsafe write(second.writing, [1] as [UInt8], 1)
    #expect(found(nil) == [1: .readable])
    // The former owner of the number goes without taking it along.
    polled.watch(PollInterest(descriptor: second.reading, readiness: .readable), as: 2)
    polled.watch(nil, as: 1)
    #expect(found(nil) == [2: .readable])
  }

  @Test("more than one round can tell comes in the next ones") func many() throws {
    let pairs = try (0..<300).map { _ in try pair() }
    defer { pairs.forEach { [$0.reading, $0.writing].forEach { close($0) } } }
    for (token, pair) in pairs.enumerated() {
      polled.watch(PollInterest(descriptor: pair.writing, readiness: .writable), as: token)
    }
    var told: Set<Int> = []
    for _ in 0..<3 { told.formUnion(polled.wait(atMost: nil).map(\.token)) }
    #expect(told.count == 300)
  }
}
