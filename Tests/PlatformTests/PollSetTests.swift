import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Platform

@Suite struct PollSetTests {
  private let reading: Int32
  private let writing: Int32

  init() throws {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { throw Failure(what: "pipe") }
    (reading, writing) = (ends[0], ends[1])
  }

  @Test("each token tells the readiness of its own descriptor") func tokens() {
    defer { [reading, writing].forEach { close($0) } }
    var polled = PollSet()
    let reader = polled.add(PollInterest(descriptor: reading, readiness: .readable))
    let writer = polled.add(PollInterest(descriptor: writing, readiness: .writable))
    polled.wait(atMost: nil)
    #expect(polled.readiness(of: reader) == [] && polled.readiness(of: writer) == .writable)
    #expect(unsafe write(writing, [1] as [UInt8], 1) == 1)
    polled.wait(atMost: nil)
    #expect(polled.readiness(of: reader) == .readable && polled.readiness(of: writer) == .writable)
    #expect(polled.readiness(of: nil) == [])
  }

  @Test("a hang-up and a closed descriptor are told whatever is waited for") func failures() {
    close(writing)
    var polled = PollSet()
    let reader = polled.add(PollInterest(descriptor: reading, readiness: []))
    polled.wait(atMost: nil)
    #expect(!polled.readiness(of: reader).isDisjoint(with: .failed))
    close(reading)
    var other = PollSet()
    let closed = other.add(PollInterest(descriptor: 1_000_000, readiness: .readable))
    other.wait(atMost: nil)
    #expect(other.readiness(of: closed) == .invalid)
  }

  @Test("a wait ends after its time, and at once where that is over") func timeout() {
    defer { [reading, writing].forEach { close($0) } }
    var polled = PollSet()
    let reader = polled.add(PollInterest(descriptor: reading, readiness: .readable))
    for time in [-5, 0, 1] as [Milliseconds] { polled.wait(atMost: time) }
    #expect(polled.readiness(of: reader) == [])
  }
}
