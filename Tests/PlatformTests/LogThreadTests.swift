import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Platform

/// A log whose reader is in the test's hands: it stands still until it is told to read.
private final class Reader {
  let thread: LogThread
  private let end: Int32
  private let text = Shared<[UInt8]>([])

  init(capacity: Int) throws {
    var ends: [Int32] = [-1, -1]
    unsafe try #require(pipe(&ends) == 0)
    end = ends[0]
    thread = try #require(LogThread(to: ends[1], capacity: capacity) { Array("lost \($0)\n".utf8) })
  }

  /// From here on it reads.
  func begin() {
    _ = Thread.start { [end, text] in
      var buffer = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = unsafe read(end, &buffer, buffer.count)
        guard count > 0 else { return }
        text.change { $0 += buffer[..<count] }
      }
    }
  }

  /// The lines that have come, once the last one has.
  func lines(upTo last: String) -> [String] {
    let hasCome = eventually { text.current.reversed().starts(with: Array("\(last)\n".utf8).reversed()) }
    #expect(hasCome)
    return String(decoding: text.current, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  func leave() { close(end) }
}

/// Longer than what a pipe takes.
private let wide = String(repeating: "x", count: 4000)

struct LogThreadTests {
  @Test("lines come in their order")
  func order() throws {
    let reader = try Reader(capacity: 1000)
    reader.begin()
    for number in 1...100 { reader.thread.write(Array("\(number)\n".utf8)) }
    reader.thread.finish(atMost: .minutes(1))
    #expect(reader.lines(upTo: "100") == (1...100).map { "\($0)" })
  }

  @Test("a reader that stands still costs lines, which are counted where they are missing, and no time")
  func standstill() throws {
    let reader = try Reader(capacity: 20)
    let start = Clock.now()
    for number in 1...1000 { reader.thread.write(Array("\(number) \(wide)\n".utf8)) }
    #expect(Clock.now() - start < .seconds(10))
    reader.begin()
    reader.thread.finish(atMost: .minutes(1))
    reader.thread.write(Array("after\n".utf8))
    let lines = reader.lines(upTo: "after").map { $0.replacing(" \(wide)", with: "") }
    let lost = lines.compactMap { $0.hasPrefix("lost ") ? Int($0.dropFirst(5)) : nil }
    let numbers = lines.compactMap { Int($0) }
    // The thread may begin late, and take lines between lost ones.
    #expect(numbers == Set(numbers).sorted() && numbers.first == 1 && numbers.count >= 20)
    #expect(lost.reduce(0, +) == 1000 - numbers.count)
    #expect(lines.last == "after" && lines.dropLast().last?.hasPrefix("lost") == true)
  }

  @Test("the end waits for the reader, but not for one that stands still")
  func end() throws {
    let reader = try Reader(capacity: 20)
    for number in 1...30 { reader.thread.write(Array("\(number) \(wide)\n".utf8)) }
    let start = Clock.now()
    reader.thread.finish(atMost: 50)
    #expect(Clock.now() - start >= 50)
    #expect(Clock.now() - start < .seconds(10))
  }

  @Test("a reader that is gone costs nothing")
  func gone() throws {
    _ = signal(SIGPIPE, SIG_IGN)
    let reader = try Reader(capacity: 20)
    reader.leave()
    for number in 1...1000 { reader.thread.write(Array("\(number)\n".utf8)) }
    reader.thread.finish(atMost: .minutes(1))
  }
}
