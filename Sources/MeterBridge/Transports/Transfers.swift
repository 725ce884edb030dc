internal import Base
internal import CCurl
internal import Glibc
internal import Meters
internal import Platform

/// The current fetches, all on one thread: a slow server does not hold up the others.
@safe final class Transfers {
  private let curl: Curl
  private let multi: Curl.Handle
  private let limit: Milliseconds
  private var running: [Curl.Handle: Transfer] = unsafe [:]

  /// Milliseconds to wait without a transfer; libcurl knows the deadlines of the others.
  private static let idle: Int32 = 60_000
  /// CURLAUTH_BEARER, a macro that Swift does not see.
  private static let bearer = 1 << 6

  /// Nil where libcurl is not installed.
  init?(limit: Milliseconds) {
    guard let curl = Curl(), let multi = unsafe curl.multiInit() else { return nil }
    self.curl = curl
    unsafe self.multi = multi
    self.limit = limit
  }

  /// Waits until a transfer has something to do, or the descriptor is readable.
  func wait(or descriptor: Int32) {
    var waiting = curl_waitfd(fd: descriptor, events: Int16(CURL_WAIT_POLLIN), revents: 0)
    // It fails only for want of memory; the pause keeps that from becoming an endless loop.
    if unsafe curl.multiPoll(multi, &waiting, 1, Self.idle, nil) != CURLM_OK { _ = poll(nil, 0, 100) }
  }

  func begin(_ order: FetchThread.Order) {
    guard let handle = unsafe curl.easyInit() else {
      _ = order.answers.post(.failed(.other("no memory for another page")))
      return
    }
    let transfer = Transfer(order.answers)
    unsafe prepare(handle, order.url.reveal, transfer)
    if let token = order.token {
      unsafe curl.set(handle, CURLOPT_HTTPAUTH, Self.bearer)
      unsafe curl.set(handle, CURLOPT_XOAUTH2_BEARER, token.reveal)
    }
    unsafe running[handle] = transfer
    if unsafe curl.multiAdd(multi, handle) != CURLM_OK {
      unsafe finish(handle, .failed(.other("no memory for another page")))
    }
  }

  /// Does what is possible without waiting, and answers the orders that are done.
  func proceed() {
    var count: Int32 = 0
    _ = unsafe curl.multiPerform(multi, &count)
    while let message = unsafe curl.multiRead(multi, &count) {
      guard unsafe message.pointee.msg == CURLMSG_DONE, let handle = unsafe message.pointee.easy_handle,
        let transfer = unsafe running[handle]
      else { continue }
      unsafe finish(handle, answer(message.pointee.data.result, handle, transfer))
    }
  }

  private func prepare(_ handle: Curl.Handle, _ url: String, _ transfer: Transfer) {
    unsafe curl.set(handle, CURLOPT_URL, url)
    unsafe curl.set(handle, CURLOPT_PROTOCOLS_STR, "http,https")
    unsafe curl.set(handle, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
    unsafe curl.set(handle, CURLOPT_USERAGENT, "meterbridge/\(Version.text)")
    unsafe curl.set(handle, CURLOPT_FOLLOWLOCATION, 0)
    // Meters are in the local network; a proxy of the environment is for other traffic.
    unsafe curl.set(handle, CURLOPT_NOPROXY, "*")
    unsafe curl.set(handle, CURLOPT_TIMEOUT_MS, Int(limit.count))
    unsafe curl.set(handle, CURLOPT_CONNECTTIMEOUT_MS, Int(limit.count))
    // Otherwise giving up would wait for a look-up that takes too long.
    unsafe curl.set(handle, CURLOPT_QUICK_EXIT, 1)
    // Threads and signals do not go together.
    unsafe curl.set(handle, CURLOPT_NOSIGNAL, 1)
    unsafe curl.set(handle, receiver: receive)
    unsafe curl.set(handle, CURLOPT_WRITEDATA, Unmanaged.passUnretained(transfer).toOpaque())
    unsafe curl.set(handle, CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(transfer.words))
  }

  private func finish(_ handle: Curl.Handle, _ answer: FetchThread.Answer) {
    _ = unsafe curl.multiRemove(multi, handle)
    unsafe curl.easyCleanup(handle)
    // Only now: until then libcurl may still write into it.
    let transfer = unsafe running.removeValue(forKey: handle)
    _ = transfer?.answers.post(answer)
  }

  private func answer(_ code: CURLcode, _ handle: Curl.Handle, _ transfer: Transfer) -> FetchThread.Answer {
    if transfer.isTooLarge { return .failed(.tooLarge) }
    guard code == CURLE_OK else {
      let system = unsafe curl.number(handle, CURLINFO_OS_ERRNO)
      return .failed(FetchFailure(code, system: Int32(clamping: system), said: transfer.said))
    }
    let status = unsafe curl.number(handle, CURLINFO_RESPONSE_CODE)
    if (200..<300).contains(status) { return .body(transfer.body) }
    let target = unsafe curl.text(handle, CURLINFO_REDIRECT_URL)
    return .failed(.status(status, movedTo: target.flatMap { try? HTTPSource($0)?.shown }))
  }
}

/// One fetch. libcurl writes into it, so it outlives its handle.
@safe private final class Transfer {
  let answers: Mailbox<FetchThread.Answer>
  /// libcurl's message of a failure.
  let words: UnsafeMutablePointer<CChar>
  var body: [UInt8] = []
  var isTooLarge = false

  init(_ answers: Mailbox<FetchThread.Answer>) {
    self.answers = answers
    unsafe words = .allocate(capacity: Int(CURL_ERROR_SIZE))
    unsafe words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit { unsafe words.deallocate() }

  /// Part of it comes from the server, and a terminal would obey its control characters.
  var said: String {
    let scalars = unsafe String(cString: words).unicodeScalars
    return String(String.UnicodeScalarView(scalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
  }

  /// False where the body is longer than any telegram.
  func append(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    isTooLarge = body.count + bytes.count > Limits.pageBytes
    if !isTooLarge { unsafe body.append(contentsOf: bytes) }
    return !isTooLarge
  }
}

// A function, not a closure: a closure could be inferred main-actor isolated and trap on libcurl's call.
private func receive(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
  let raw = unsafe UnsafeRawBufferPointer(start: bytes, count: count)
  let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
  // Anything but the count of bytes makes libcurl give up; `size` is always 1.
  return unsafe transfer.append(raw.assumingMemoryBound(to: UInt8.self)) ? count : 0
}
