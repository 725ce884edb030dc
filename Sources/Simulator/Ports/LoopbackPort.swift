internal import Glibc
internal import Platform

/// A TCP port on the loopback interface, as a serial gateway has it: one client, and the newest one wins.
struct LoopbackPort: LinePort {
  private let listener: Int32
  private var client: Int32?
  /// The number that clients connect to.
  let port: UInt16

  /// Listens; port 0 for any free one.
  init(port: UInt16) throws(SimulatorError) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var yes: Int32 = 1
    unsafe setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    address.sin_port = port.bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe bind(listener, address, length) == 0 && listen(listener, 4) == 0
          && getsockname(listener, address, &length) == 0
      }
    }
    guard isBound else {
      let reason = Errno.last
      Glibc.close(listener)
      throw SimulatorError(message: "port \(port) cannot be listened on: \(reason)")
    }
    makeNonBlocking(listener)
    self.listener = listener
    self.port = UInt16(bigEndian: address.sin_port)
  }

  var descriptors: [Int32] { [listener] + (client.map { [$0] } ?? []) }
  var isListened: Bool { client != nil }
  var needsLooking: Bool { false }

  mutating func refresh() {
    while true {
      let accepted = accept(listener, nil, nil)
      guard accepted >= 0 else { return }
      makeNonBlocking(accepted)
      hangUp()
      client = accepted
    }
  }

  mutating func read() -> [UInt8] {
    guard let client else { return [] }
    if let bytes = readAvailable(client) { return bytes }
    hangUp()
    return []
  }

  mutating func write(_ bytes: [UInt8]) {
    guard let client else { return }
    let count = unsafe send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    if count < 0, errno != EAGAIN, errno != EINTR { hangUp() }
  }

  mutating func close() {
    hangUp()
    Glibc.close(listener)
  }

  private mutating func hangUp() {
    if let client { Glibc.close(client) }
    client = nil
  }
}
