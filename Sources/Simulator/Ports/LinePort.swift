internal import Glibc

/// Where a simulated line comes out of the program.
protocol LinePort: Sendable {
  /// What `poll` should wait on; none where nothing can come.
  var descriptors: [Int32] { get }
  /// Somebody is at the other end.
  var isListened: Bool { get }
  /// `poll` does not tell when somebody comes, so it has to be looked for now and then.
  var needsLooking: Bool { get }
  /// Notices who came and who went.
  mutating func refresh()
  /// What has come in.
  mutating func read() -> [UInt8]
  /// Sends; what the reader has left no room for is lost, as on a line without flow control.
  mutating func write(_ bytes: [UInt8])
  /// Takes the port away, and the link to it.
  mutating func close()
}

/// The simulator cannot do what it was asked for. Says what to do about it.
package struct SimulatorError: Error, Equatable {
  package var message: String

  package init(message: String) {
    self.message = message
  }
}

/// Where a simulated line is to be found.
package enum SimulatorPlace: Hashable, Sendable {
  /// A link to a pty is put there.
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
  /// As on the command line.
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

/// Makes a descriptor one that never blocks and that no child inherits.
func makeNonBlocking(_ descriptor: Int32) {
  _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
}
