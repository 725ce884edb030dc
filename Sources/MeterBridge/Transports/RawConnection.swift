internal import Base
internal import CCurl
internal import Glibc
internal import Platform

/// A connection to a web server, as a pipe for bytes: by TCP, or by TLS with a checked certificate.
///
/// libcurl connects and then only carries bytes (CURLOPT_CONNECT_ONLY). libcurl 7.88 of Debian 12 has WebSockets of its own
/// but refuses `ws://`. Each call blocks its thread, for as long as it is told.
@safe final class RawConnection {
  /// Why there is no connection, or no longer one.
  struct Failure: Error {
    var words: String
  }

  private let curl: Curl
  private let handle: Curl.Handle
  private let socket: Int32

  /// Connects to scheme, host and port of `url`, `http` or `https`. `authorityFile` has the authority that signed the
  /// certificate; nil for those of the system.
  init(url: String, authorityFile: String?, patience: Milliseconds) throws(Failure) {
    guard let curl = Curl(), let handle = unsafe curl.easyInit() else {
      throw Failure(words: "libcurl is not installed; install the package libcurl4")
    }
    self.curl = curl
    unsafe self.handle = handle
    unsafe curl.set(handle, CURLOPT_URL, url)
    unsafe curl.set(handle, CURLOPT_PROTOCOLS_STR, "http,https")
    unsafe curl.set(handle, CURLOPT_CONNECT_ONLY, 1)
    unsafe curl.set(handle, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
    // With HTTP/2 there would be frames around our bytes.
    unsafe curl.set(handle, CURLOPT_SSL_ENABLE_ALPN, 0)
    if let authorityFile { unsafe curl.set(handle, CURLOPT_CAINFO, authorityFile) }
    unsafe curl.set(handle, CURLOPT_NOPROXY, "*")
    unsafe curl.set(handle, CURLOPT_CONNECTTIMEOUT_MS, Int(patience.count))
    unsafe curl.set(handle, CURLOPT_NOSIGNAL, 1)
    let words = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    unsafe words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    defer { unsafe words.deallocate() }
    unsafe curl.set(handle, CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(words))
    let code = unsafe curl.easyPerform(handle)
    // A pointer of nothing: the buffer ends with this call, and the handle lives on.
    unsafe curl.clear(handle, CURLOPT_ERRORBUFFER)
    unsafe socket = code == CURLE_OK ? curl.socket(handle) : -1
    if code == CURLE_OK, socket >= 0 { return }
    let said = unsafe onOneLine(String(cString: words).unicodeScalars)
    throw Failure(words: Self.words(code, system: unsafe Int32(clamping: curl.number(handle, CURLINFO_OS_ERRNO)), said))
  }

  deinit { unsafe curl.easyCleanup(handle) }

  private static func words(_ code: CURLcode, system: Int32, _ said: String) -> String {
    switch FetchFailure(code, system: system, said: said) {
    case .unknownHost: "the name of its host cannot be looked up"
    case .refused: "the connection is refused; is it on, and the port right?"
    case .unreachable(let reason): "it cannot be reached: \(reason)"
    case .timedOut: "it does not answer in time"
    case .untrusted(let reason):
      "its certificate is not trusted (\(reason)); name the authority that signed it in ca_file"
    case .noAuthorities: "the certificates of ca_file cannot be read"
    case .noTLS(let reason): "TLS fails (\(reason)); is it http:// there?"
    default: said.isEmpty ? "error \(code.rawValue) of libcurl" : said
    }
  }

  /// Sends all bytes.
  func send(_ bytes: [UInt8], before deadline: Instant) throws(Failure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      var sent = 0
      let code = unsafe rest.withUnsafeBytes { unsafe curl.easySend(handle, $0.baseAddress, $0.count, &sent) }
      if code == CURLE_AGAIN {
        try wait(POLLOUT, before: deadline)
      } else if code != CURLE_OK {
        throw Failure(words: "the connection was lost")
      }
      rest = rest.dropFirst(sent)
    }
  }

  /// Waits for bytes and returns them; nothing if none came in time.
  func receive(before deadline: Instant) throws(Failure) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 16 * 1024)
    while true {
      var count = 0
      let code = unsafe buffer.withUnsafeMutableBytes {
        unsafe curl.easyReceive(handle, $0.baseAddress, $0.count, &count)
      }
      if code == CURLE_OK, count > 0 { return Array(buffer[..<count]) }
      guard code == CURLE_AGAIN else { throw Failure(words: "the connection was closed") }
      if Clock.now() >= deadline { return [] }
      try wait(POLLIN, before: deadline)
    }
  }

  /// Waits for the socket, or for the deadline. Sending ends with it.
  private func wait(_ event: Int32, before deadline: Instant) throws(Failure) {
    var waiting = pollfd(fd: socket, events: Int16(event), revents: 0)
    let time = (deadline - Clock.now()).count
    if time <= 0, event == POLLOUT { throw Failure(words: "it does not take what is sent") }
    _ = unsafe poll(&waiting, 1, Int32(clamping: max(0, time)))
  }
}
