import Glibc
import Testing

@testable import Platform

@Suite struct MailboxTests {
  private let box: Mailbox<Int>

  init() throws { box = try #require(Mailbox(capacity: 40)) }

  private var isReadable: Bool {
    var polled = pollfd(fd: box.descriptor, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&polled, 1, 0) == 1
  }

  @Test("the first message wakes the receiver, until it has taken all") func wakes() {
    for round in 0..<3 {
      #expect(!isReadable)
      #expect(box.post(round, isUrgent: round > 0) && box.post(7))
      #expect(isReadable)
      #expect(box.takeAll() == [round, 7])
    }
    #expect(box.takeAll() == [])
  }

  @Test("a receiver that watches the box is woken by urgent messages alone") func watches() {
    box.watch()
    #expect(box.post(1, isUrgent: false) && !isReadable)
    #expect(box.post(2) && isReadable)
    #expect(box.takeAll() == [1, 2])
    // It has looked: now it sleeps until something comes.
    #expect(box.post(3, isUrgent: false) && isReadable)
  }

  @Test("a box that begins to fill wakes the receiver, and a full one refuses") func fills() {
    box.watch()
    for number in 0..<10 { #expect(box.post(number, isUrgent: false) && !isReadable) }
    #expect(box.post(10, isUrgent: false) && isReadable)
    for number in 11..<40 { #expect(box.post(number, isUrgent: false)) }
    #expect(!box.post(40) && box.takeAll().count == 40)
  }
}
