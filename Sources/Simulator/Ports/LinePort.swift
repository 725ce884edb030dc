internal import Glibc

/// The outer end of a simulated line.
protocol LinePort: Sendable {
  /// The descriptors for `poll`; empty while no bytes can come.
  var descriptors: [Int32] { get }
  /// Whether a reader is at the other end.
  var isListened: Bool { get }
  /// `poll` does not report a new reader, so the port is checked now and then.
  var needsLooking: Bool { get }
  /// The speed that the reader has set, in bits a second; nil if the port does not tell, or it is not usual on an M-Bus.
  var baud: Int? { get }
  /// Notices readers that came or went.
  mutating func refresh()
  /// Reads the bytes that have come in.
  mutating func read() -> [UInt8]
  /// Sends bytes. Bytes that do not fit are lost, as on a line without flow control.
  mutating func write(_ bytes: [UInt8])
  /// Removes the port and the link to it.
  mutating func close()
}

extension LinePort {
  var baud: Int? { nil }
}

/// Why the simulator cannot run, and what to do.
package struct SimulatorError: Error, Equatable {
  package var message: String

  package init(message: String) {
    self.message = message
  }
}

/// The place of a simulated line.
package enum SimulatorPlace: Hashable, Sendable {
  /// The path of a link to a pty.
  case path(String)
  /// On the loopback interface; 0 for any free one.
  case tcp(UInt16)

  /// Makes the port.
  func open() throws(SimulatorError) -> any LinePort {
    switch self {
    case .path(let link): try PseudoTerminal(link: link)
    case .tcp(let port): try LoopbackPort(port: port)
    }
  }
}

extension SimulatorPlace: CustomStringConvertible {
  /// In the notation of the command line.
  package var description: String {
    switch self {
    case .path(let path): path
    case .tcp(let port): "tcp:\(port)"
    }
  }
}

/// Bytes that a descriptor has ready; nil where the other end has gone.
func readAvailable(_ descriptor: Int32) -> [UInt8]? {
  var buffer = [UInt8](repeating: 0, count: 4096)
  let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
  if count > 0 { return Array(buffer[..<count]) }
  return count < 0 && (errno == EAGAIN || errno == EINTR) ? [] : nil
}

/// Makes a descriptor non-blocking and closed in child processes.
func makeNonBlocking(_ descriptor: Int32) {
  _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
}
