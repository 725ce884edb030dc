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

@Test("a queue that was empty has the room of before, and nothing else")
func refilledQueue() {
  var queue = Queue<Int>()
  for number in 0..<5 { queue.append(number) }
  while queue.popFirst() != nil {}
  for number in 5..<8 {
    queue.append(number)
    #expect(queue.first == 5 && queue.last == number && Array(queue) == Array(5...number))
  }
  // The elements move to the front, and those behind them stay room.
  for number in 8..<40 {
    #expect(queue.popFirst() == number - 3)
    queue.append(number)
    #expect(queue.last == number && Array(queue) == [number - 2, number - 1, number])
  }
}
