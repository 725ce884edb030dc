internal import CCurl
internal import Glibc

/// The pages under way, all on one thread: a server that keeps one of them waiting holds up no other.
@safe final class Transfers {
  private let multi: UnsafeMutableRawPointer
  private let limit: Milliseconds
  private var running: [UnsafeMutableRawPointer: Transfer] = unsafe [:]

  /// CURL_GLOBAL_ALL, a macro that Swift does not see.
  private static let everything = 3
  /// Milliseconds to wait where nothing is under way; libcurl knows the times of what is.
  private static let idle: Int32 = 60_000

  /// Sets libcurl up; nil where there is no memory for it.
  init?(limit: Milliseconds) {
    guard curl_global_init(Self.everything) == CURLE_OK, let made = unsafe curl_multi_init() else { return nil }
    unsafe multi = made
    self.limit = limit
  }

  /// Waits until a transfer has something to do, or the descriptor is readable.
  func wait(or descriptor: Int32) {
    var waiting = curl_waitfd(fd: descriptor, events: Int16(CURL_WAIT_POLLIN), revents: 0)
    // It fails only for want of memory; the pause keeps that from becoming an endless loop.
    if unsafe curl_multi_poll(multi, &waiting, 1, Self.idle, nil) != CURLM_OK { _ = poll(nil, 0, 100) }
  }

  func begin(_ order: FetchThread.Order) {
    guard let handle = unsafe curl_easy_init() else {
      _ = order.answers.post(.failed(.other("no memory for another page")))
      return
    }
    let transfer = Transfer(order.answers)
    unsafe prepare(handle, order.url.reveal, transfer)
    unsafe running[handle] = transfer
    if unsafe curl_multi_add_handle(multi, handle) != CURLM_OK {
      unsafe finish(handle, .failed(.other("no memory for another page")))
    }
  }

  /// Does what can be done without waiting, and answers for what is done.
  func proceed() {
    var count: Int32 = 0
    _ = unsafe curl_multi_perform(multi, &count)
    while let message = unsafe curl_multi_info_read(multi, &count) {
      guard unsafe message.pointee.msg == CURLMSG_DONE, let handle = unsafe message.pointee.easy_handle else {
        continue
      }
      let code = unsafe message.pointee.data.result
      guard let transfer = unsafe running[handle] else { continue }
      unsafe finish(handle, answer(code, handle, transfer))
    }
  }

  private func prepare(_ handle: UnsafeMutableRawPointer, _ url: String, _ transfer: Transfer) {
    let texts: [(CURLoption, String)] = [
      (CURLOPT_URL, url), (CURLOPT_PROTOCOLS_STR, "http,https"), (CURLOPT_USERAGENT, "meterbridge/\(Version.text)"),
      // Meters are near; a proxy of the environment is for other errands.
      (CURLOPT_NOPROXY, "*"),
    ]
    texts.forEach { _ = unsafe meterbridge_curl_set_string(handle, $0.0, $0.1) }
    let numbers: [(CURLoption, Int)] = [
      (CURLOPT_TIMEOUT_MS, Int(limit.count)), (CURLOPT_CONNECTTIMEOUT_MS, Int(limit.count)),
      (CURLOPT_FOLLOWLOCATION, 0), (CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1),
      // Threads and signals do not go together.
      (CURLOPT_NOSIGNAL, 1),
      // A look-up that has taken too long ends by itself; otherwise giving up would wait for it.
      (CURLOPT_QUICK_EXIT, 1),
    ]
    numbers.forEach { _ = unsafe meterbridge_curl_set_long(handle, $0.0, $0.1) }
    _ = unsafe meterbridge_curl_set_receiver(handle, receive)
    _ = unsafe meterbridge_curl_set_pointer(handle, CURLOPT_WRITEDATA, Unmanaged.passUnretained(transfer).toOpaque())
    _ = unsafe meterbridge_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, transfer.words)
  }

  private func finish(_ handle: UnsafeMutableRawPointer, _ answer: FetchThread.Answer) {
    _ = unsafe curl_multi_remove_handle(multi, handle)
    unsafe curl_easy_cleanup(handle)
    // Only now: until then libcurl may still write into it.
    let transfer = unsafe running.removeValue(forKey: handle)
    _ = transfer?.answers.post(answer)
  }

  private func answer(
    _ code: CURLcode, _ handle: UnsafeMutableRawPointer, _ transfer: Transfer
  ) -> FetchThread.Answer {
    if transfer.isTooLarge { return .failed(.tooLarge) }
    guard code == CURLE_OK else {
      var system = 0
      _ = unsafe meterbridge_curl_get_long(handle, CURLINFO_OS_ERRNO, &system)
      return .failed(FetchFailure(code, system: Int32(clamping: system), said: transfer.said))
    }
    var status = 0
    _ = unsafe meterbridge_curl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
    if (200..<300).contains(status) { return .page(transfer.page) }
    var target: UnsafePointer<CChar>?
    _ = unsafe meterbridge_curl_get_string(handle, CURLINFO_REDIRECT_URL, &target)
    let place = unsafe target.map { unsafe String(cString: $0) }
    return .failed(.status(status, movedTo: place.flatMap { try? WebPage($0)?.shown }))
  }
}

/// One page under way. libcurl writes into it, so it stays where it is until its handle is gone.
@safe private final class Transfer {
  let answers: Mailbox<FetchThread.Answer>
  /// What libcurl says of a failure.
  let words: UnsafeMutablePointer<CChar>
  var page: [UInt8] = []
  var isTooLarge = false

  init(_ answers: Mailbox<FetchThread.Answer>) {
    self.answers = answers
    unsafe words = .allocate(capacity: Int(CURL_ERROR_SIZE))
    unsafe words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit { unsafe words.deallocate() }

  /// Some of it comes from the server, and a terminal would obey its control characters.
  var said: String {
    let scalars = unsafe String(cString: words).unicodeScalars
    return String(String.UnicodeScalarView(scalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
  }

  /// False where the page is longer than any telegram.
  func append(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    isTooLarge = page.count + bytes.count > Limits.pageBytes
    if !isTooLarge { unsafe page.append(contentsOf: bytes) }
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
