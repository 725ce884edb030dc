internal import Base
internal import Glibc
internal import HTTP
internal import Platform

/// A request of a command to the web server of the daemon on this machine.
struct LocalRequest {
  enum Failure: Error, Equatable {
    /// Nothing answers on the address.
    case unreachable
    /// Another answer than 200.
    case refused(status: Int)
    /// Not the answer of a web server, or one that is too long.
    case unreadable
  }

  let settings: HTTPSettings
  /// How long each step may take.
  var patience = Milliseconds.seconds(5)

  /// Fetches a document.
  ///
  /// - Parameters:
  ///   - path: `/api/meters`.
  ///   - accept: the wanted type.
  /// - Returns: its bytes.
  /// - Throws: why it is not there.
  func get(_ path: String, accept: String = "application/json") throws(Failure) -> [UInt8] {
    let descriptor = try connect()
    // Version 1.0 ends with the connection, so that pieces need no lengths.
    var head = "GET \(path) HTTP/1.0\r\nHost: \(host.contains(":") ? "[\(host)]" : host)\r\nAccept: \(accept)\r\n"
    if let authorization { head += "Authorization: \(authorization)\r\n" }
    try send(Array((head + "\r\n").utf8), to: descriptor)
    let answer = try receive(from: descriptor)
    guard let end = answer.firstRange(of: Array("\r\n\r\n".utf8)),
      let status = String(decoding: answer[..<end.lowerBound], as: UTF8.self).split(separator: " ").dropFirst().first,
      let code = Int(status.prefix(3))
    else { throw .unreadable }
    guard code == 200 else { throw .refused(status: code) }
    return Array(answer[end.upperBound...])
  }

  /// Where the server is reached from this machine.
  private var host: String {
    let listen = settings.listen.description
    let host = listen.prefix(upTo: listen.lastIndex(of: ":") ?? listen.endIndex).filter { $0 != "[" && $0 != "]" }
    return ["0.0.0.0": "127.0.0.1", "::": "::1"][host] ?? host
  }

  private var authorization: String? {
    if let token = settings.token { return Authorization.bearer(token) }
    return settings.password.map { Authorization.basic(settings.username, $0) }
  }

  private func connect() throws(Failure) -> Descriptor {
    guard case .found(let addresses) = LookupThread.lookUp(host, settings.listen.port, isNumeric: true),
      let address = addresses.first, let descriptor = try? TCPSocket.connect(to: address)
    else { throw .unreachable }
    try wait(for: descriptor, POLLOUT)
    guard TCPSocket.failure(of: descriptor) == nil else { throw .unreachable }
    return descriptor
  }

  private func send(_ bytes: [UInt8], to descriptor: Descriptor) throws(Failure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      try wait(for: descriptor, POLLOUT)
      let count = unsafe rest.withUnsafeBytes { unsafe write(descriptor.raw, $0.baseAddress, $0.count) }
      guard count > 0 else { throw .unreachable }
      rest = rest.dropFirst(count)
    }
  }

  private func receive(from descriptor: Descriptor) throws(Failure) -> [UInt8] {
    var answer: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      try wait(for: descriptor, POLLIN)
      let count = unsafe piece.withUnsafeMutableBytes { unsafe read(descriptor.raw, $0.baseAddress, $0.count) }
      guard count >= 0, answer.count + count <= Limits.apiAnswerBytes else { throw .unreadable }
      if count == 0 { return answer }
      answer += piece.prefix(count)
    }
  }

  private func wait(for descriptor: Descriptor, _ event: Int32) throws(Failure) {
    var waiting = pollfd(fd: descriptor.raw, events: Int16(event), revents: 0)
    guard unsafe poll(&waiting, 1, Int32(clamping: patience.count)) == 1 else { throw .unreachable }
  }
}
