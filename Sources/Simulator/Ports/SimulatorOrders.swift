internal import Glibc
internal import Platform

/// Orders to running simulated meters: one a line on standard input, answers on standard error.
package struct SimulatorOrders: Sendable {
  private static let lineLimit = 512

  /// The descriptor for `poll`; -1 once the input has ended.
  private(set) var descriptor: Int32
  /// By line of the simulator: the name that orders may begin with.
  private let names: [String]
  private let say: @Sendable (String) -> Void
  private var buffer: [UInt8] = []

  package init(_ names: [String], from descriptor: Int32 = STDIN_FILENO, say: @escaping @Sendable (String) -> Void) {
    self.names = names
    self.descriptor = descriptor
    self.say = say
    // In the background of a terminal, reading shall fail and not stop the program.
    _ = signal(SIGTTIN, SIG_IGN)
  }

  /// What the loop waits for.
  var interest: PollInterest? {
    descriptor < 0 ? nil : PollInterest(descriptor: descriptor, readiness: .readable)
  }

  /// Reads what is there and passes it on: the place of a line and the words. An order without a name is for all.
  mutating func follow(_ obey: (Int, [String]) -> String?) {
    read()
    while let end = buffer.firstIndex(of: 0x0A) {
      let words = String(decoding: buffer[..<end], as: UTF8.self).split { $0 == " " || $0 == "\r" }.map(String.init)
      buffer.removeFirst(end + 1)
      guard let first = words.first else { continue }
      let named = names.indices.filter { names[$0] == first }
      let order = named.isEmpty ? words : Array(words.dropFirst())
      let answers = (named.isEmpty ? Array(names.indices) : named).compactMap { place in
        obey(place, order).map { "\(names[place]): \($0)" }
      }
      guard !answers.isEmpty else {
        say("no such order: \(words.joined(separator: " ")); meterbridge help simulate lists them")
        continue
      }
      answers.forEach(say)
    }
  }

  private mutating func read() {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard descriptor >= 0, unsafe poll(&entry, 1, 0) > 0, entry.revents != 0 else { return }
    guard let bytes = readAvailable(descriptor), buffer.count + bytes.count <= Self.lineLimit else {
      descriptor = -1
      return
    }
    buffer += bytes
  }
}
