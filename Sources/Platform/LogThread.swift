internal import Base
internal import Glibc

/// The thread that writes the log. A reader that stands still blocks it for as long as it likes, and no other thread.
final class LogThread: Sendable {
  private enum Message: Sendable {
    case line([UInt8])
    /// Every line before it is to be written: answer.
    case end
  }

  private let messages: Mailbox<Message>
  private let answers: Mailbox<Bool>
  /// Lines that found the mailbox full and are not told yet.
  private let dropped = Shared(0)

  /// Starts the thread; nil if the machine has no thread or descriptor left.
  ///
  /// - Parameters:
  ///   - descriptor: takes the lines.
  ///   - capacity: lines that may wait.
  ///   - tell: the line about so many lost ones.
  init?(to descriptor: Int32, capacity: Int = Limits.logLines, tell: @escaping @Sendable (Int) -> [UInt8]) {
    guard let messages = Mailbox<Message>(capacity: capacity), let answers = Mailbox<Bool>(capacity: 1) else {
      return nil
    }
    self.messages = messages
    self.answers = answers
    let isRunning = Thread.start { [dropped] in
      var lost = 0
      while true {
        waitUntilReadable(messages.descriptor, atMost: nil)
        let taken = messages.takeAll()
        // Read after the messages: what did not fit came later than they did.
        lost += dropped.change { number in
          defer { number = 0 }
          return number
        }
        var isEnding = false
        for message in taken {
          switch message {
          case .line(let line): if !writeWhole(line, to: descriptor) { lost += 1 }
          case .end: isEnding = true
          }
        }
        if lost > 0, writeWhole(tell(lost), to: descriptor) { lost = 0 }
        if isEnding { _ = answers.post(true) }
      }
    }
    guard isRunning else { return nil }
  }

  /// Has a line written after all earlier ones. It never waits: a line too many is counted instead.
  func write(_ line: [UInt8]) {
    if !messages.post(.line(line)) { dropped.change { $0 += 1 } }
  }

  /// Waits until every line is written, but not longer than `time`.
  func finish(atMost time: Milliseconds) {
    let deadline = Clock.now() + time
    while !messages.post(.end) {
      guard Clock.now() < deadline else { return }
      _ = poll(nil, 0, 5)
    }
    waitUntilReadable(answers.descriptor, atMost: deadline - Clock.now())
    _ = answers.takeAll()
  }
}

/// Writes all bytes, however long the reader takes; false if they cannot be written.
func writeWhole(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    if count > 0 {
      rest = rest.dropFirst(count)
    } else if count < 0, errno == EAGAIN {
      // Another program that shares the descriptor has made it non-blocking.
      var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      _ = unsafe poll(&waiting, 1, -1)
    } else if count == 0 || errno != EINTR {
      return false
    }
  }
  return true
}

private func waitUntilReadable(_ descriptor: Int32, atMost time: Milliseconds?) {
  var waiting = PollSet()
  waiting.add(PollInterest(descriptor: descriptor, readiness: .readable))
  waiting.wait(atMost: time)
}
