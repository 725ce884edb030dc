internal import Base
internal import CMicroHTTPD

// Functions, not closures: a closure could be inferred main-actor isolated and trap on the library's call.

private func server(_ context: UnsafeMutableRawPointer?) -> HTTPServer? {
  unsafe context.map { unsafe Unmanaged<HTTPServer>.fromOpaque($0).takeUnretainedValue() }
}

/// A connection begins or ends; `place` keeps what is ours of it.
func onConnection(
  _ context: UnsafeMutableRawPointer?, _ handle: OpaquePointer?,
  _ place: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
  _ what: MHD_ConnectionNotificationCode
) {
  guard let server = unsafe server(context), let handle = unsafe handle, let place = unsafe place else { return }
  if what == .CONNECTION_NOTIFY_STARTED {
    unsafe place.pointee = Unmanaged.passRetained(server.opened(handle)).toOpaque()
  } else if let kept = unsafe place.pointee {
    server.closed(unsafe Unmanaged<Connection>.fromOpaque(kept).takeRetainedValue())
    unsafe place.pointee = nil
  }
}

/// The library calls it when the head is whole, then for each part of a body, then once more at the end.
func onRequest(
  _ context: UnsafeMutableRawPointer?, _ handle: OpaquePointer?, _ target: UnsafePointer<CChar>?,
  _ method: UnsafePointer<CChar>?, _: UnsafePointer<CChar>?, _ bytes: UnsafePointer<CChar>?,
  _ count: UnsafeMutablePointer<Int>?, _ place: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  guard let server = unsafe server(context), let handle = unsafe handle, let place = unsafe place,
    let count = unsafe count, let target = unsafe target, let method = unsafe method
  else { return .NO }
  guard let kept = unsafe place.pointee else {
    guard let context = unsafe server.library.context(of: handle) else { return .NO }
    let connection = unsafe Unmanaged<Connection>.fromOpaque(context).takeUnretainedValue()
    let head = unsafe RequestHead(
      method: String(cString: method), target: String(cString: target),
      headers: pairs(.HEADER_KIND, of: handle, server)
        .map { ($0.name.lowercased(), $0.value) })
    let query = unsafe pairs(.GET_ARGUMENT_KIND, of: handle, server)
    let exchange = unsafe server.begin(handle, connection, head, query: query)
    unsafe place.pointee = Unmanaged.passRetained(exchange).toOpaque()
    return !exchange.isHopeless || server.respond(to: exchange) ? .YES : .NO
  }
  let exchange = unsafe Unmanaged<Exchange>.fromOpaque(kept).takeUnretainedValue()
  guard unsafe count.pointee > 0 else { return server.respond(to: exchange) ? .YES : .NO }
  unsafe exchange.take(UnsafeRawBufferPointer(start: bytes, count: count.pointee))
  unsafe count.pointee = 0
  return .YES
}

func onCompleted(
  _ context: UnsafeMutableRawPointer?, _: OpaquePointer?, _ place: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
  _: MHD_RequestTerminationCode
) {
  guard let server = unsafe server(context), let kept = unsafe place?.pointee else { return }
  server.completed(unsafe Unmanaged<Exchange>.fromOpaque(kept).takeRetainedValue())
  unsafe place?.pointee = nil
}

func onRead(
  _ context: UnsafeMutableRawPointer?, _: UInt64, _ buffer: UnsafeMutablePointer<CChar>?, _ room: Int
) -> Int {
  guard let context = unsafe context else { return MicroHTTPD.endOfStream }
  let exchange = unsafe Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
  return unsafe exchange.server.read(exchange, into: UnsafeMutableRawBufferPointer(start: buffer, count: room))
}

func onReadEnd(_ context: UnsafeMutableRawPointer?) {
  if let context = unsafe context { unsafe Unmanaged<Exchange>.fromOpaque(context).release() }
}

/// The response 101 is sent, and the socket is ours.
func onUpgrade(
  _ context: UnsafeMutableRawPointer?, _: OpaquePointer?, _: UnsafeMutableRawPointer?,
  _ early: UnsafePointer<CChar>?, _ earlyBytes: Int, _ socket: Int32, _ handle: OpaquePointer?
) {
  guard let server = unsafe server(context), let handle = unsafe handle else { return }
  let bytes = unsafe Array(UnsafeRawBufferPointer(start: early, count: early == nil ? 0 : earlyBytes))
  server.upgraded(unsafe WebSocket(socket, handle, early: bytes, now: server.now))
}

private func pairs(
  _ kind: MHD_ValueKind, of handle: OpaquePointer, _ server: HTTPServer
) -> [(name: String, value: String)] {
  var pairs: [(name: String, value: String)] = []
  _ = unsafe withUnsafeMutablePointer(to: &pairs) { unsafe server.library.headers(handle, kind, onPair, $0) }
  return pairs
}

private func onPair(
  _ context: UnsafeMutableRawPointer?, _: MHD_ValueKind, _ name: UnsafePointer<CChar>?, _ nameBytes: Int,
  _ value: UnsafePointer<CChar>?, _ valueBytes: Int
) -> MHD_Result {
  let pairs = unsafe context?.assumingMemoryBound(to: [(name: String, value: String)].self)
  unsafe pairs?.pointee.append((text(name, nameBytes), text(value, valueBytes)))
  return .YES
}

private func text(_ bytes: UnsafePointer<CChar>?, _ count: Int) -> String {
  unsafe String(decoding: UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count), as: UTF8.self)
}
