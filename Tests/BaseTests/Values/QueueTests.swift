import Testing

@testable import Base

@Test("a queue gives the room of a crowd back, and keeps that of a few")
func roomOfQueue() {
  var queue = Queue<Int>()
  for number in 0..<10_000 { queue.append(number) }
  for number in 0..<9_900 { #expect(queue.popFirst() == number) }
  #expect(queue.room < 500)
  for number in 9_900..<10_000 { #expect(queue.popFirst() == number) }
  #expect(queue.isEmpty && queue.room <= 64)
  for number in 0..<3 { queue.append(number) }
  let room = queue.room
  while queue.popFirst() != nil {}
  #expect(queue.room == room)
}
