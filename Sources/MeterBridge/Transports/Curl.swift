internal import CCurl
internal import Glibc

/// libcurl, loaded when it is first needed: with the thirty libraries behind it, it takes 4 MB, and most bridges do not use
/// it.
@safe struct Curl {
  typealias Handle = UnsafeMutableRawPointer

  let easyInit: @convention(c) () -> Handle?
  let easyCleanup: @convention(c) (Handle?) -> Void
  let multiInit: @convention(c) () -> Handle?
  let multiAdd: @convention(c) (Handle?, Handle?) -> CURLMcode
  let multiRemove: @convention(c) (Handle?, Handle?) -> CURLMcode
  let multiPerform: @convention(c) (Handle?, UnsafeMutablePointer<Int32>?) -> CURLMcode
  let multiPoll:
    @convention(c) (Handle?, UnsafeMutablePointer<curl_waitfd>?, UInt32, Int32, UnsafeMutablePointer<Int32>?) ->
      CURLMcode
  let multiRead: @convention(c) (Handle?, UnsafeMutablePointer<Int32>?) -> UnsafeMutablePointer<CURLMsg>?
  let easyPerform: @convention(c) (Handle?) -> CURLcode
  let easySend: @convention(c) (Handle?, UnsafeRawPointer?, Int, UnsafeMutablePointer<Int>?) -> CURLcode
  let easyReceive: @convention(c) (Handle?, UnsafeMutableRawPointer?, Int, UnsafeMutablePointer<Int>?) -> CURLcode
  private let setopt: UnsafeMutableRawPointer
  private let getinfo: UnsafeMutableRawPointer

  /// The version of its interface that the header describes.
  private static let file = "libcurl.so.4"
  /// CURL_GLOBAL_ALL, a macro that Swift does not see.
  private static let everything = 3

  /// Loads the library and sets it up; nil where it is not installed.
  init?() {
    guard let library = unsafe dlopen(Self.file, RTLD_NOW | RTLD_LOCAL) else { return nil }
    func symbol<Function>(_ name: String, _: Function.Type = Function.self) -> Function? {
      unsafe dlsym(library, name).map { unsafe unsafeBitCast($0, to: Function.self) }
    }
    guard let globalInit = symbol("curl_global_init", (@convention(c) (Int) -> CURLcode).self),
      globalInit(Self.everything) == CURLE_OK,
      let easyInit: @convention(c) () -> Handle? = unsafe symbol("curl_easy_init"),
      let easyCleanup: @convention(c) (Handle?) -> Void = unsafe symbol("curl_easy_cleanup"),
      let multiInit: @convention(c) () -> Handle? = unsafe symbol("curl_multi_init"),
      let multiAdd: @convention(c) (Handle?, Handle?) -> CURLMcode = unsafe symbol("curl_multi_add_handle"),
      let multiRemove: @convention(c) (Handle?, Handle?) -> CURLMcode = unsafe symbol("curl_multi_remove_handle"),
      let multiPerform: @convention(c) (Handle?, UnsafeMutablePointer<Int32>?) -> CURLMcode =
        unsafe symbol("curl_multi_perform"),
      let multiPoll:
        @convention(c) (Handle?, UnsafeMutablePointer<curl_waitfd>?, UInt32, Int32, UnsafeMutablePointer<Int32>?) ->
          CURLMcode = unsafe symbol("curl_multi_poll"),
      let multiRead: @convention(c) (Handle?, UnsafeMutablePointer<Int32>?) -> UnsafeMutablePointer<CURLMsg>? =
        unsafe symbol("curl_multi_info_read"),
      let easyPerform: @convention(c) (Handle?) -> CURLcode = unsafe symbol("curl_easy_perform"),
      let easySend: @convention(c) (Handle?, UnsafeRawPointer?, Int, UnsafeMutablePointer<Int>?) -> CURLcode =
        unsafe symbol("curl_easy_send"),
      let easyReceive: @convention(c) (Handle?, UnsafeMutableRawPointer?, Int, UnsafeMutablePointer<Int>?) -> CURLcode =
        unsafe symbol("curl_easy_recv"),
      let setopt = unsafe dlsym(library, "curl_easy_setopt"), let getinfo = unsafe dlsym(library, "curl_easy_getinfo")
    else { return nil }
    unsafe self.easyInit = easyInit
    unsafe self.easyCleanup = easyCleanup
    unsafe self.multiInit = multiInit
    unsafe self.multiAdd = multiAdd
    unsafe self.multiRemove = multiRemove
    unsafe self.multiPerform = multiPerform
    unsafe self.multiPoll = multiPoll
    unsafe self.multiRead = multiRead
    unsafe self.easyPerform = easyPerform
    unsafe self.easySend = easySend
    unsafe self.easyReceive = easyReceive
    unsafe self.setopt = setopt
    unsafe self.getinfo = getinfo
  }

  func set(_ handle: Handle, _ option: CURLoption, _ value: Int) {
    _ = unsafe meterbridge_curl_set_long(setopt, handle, option, value)
  }

  func set(_ handle: Handle, _ option: CURLoption, _ text: String) {
    _ = unsafe meterbridge_curl_set_string(setopt, handle, option, text)
  }

  func set(_ handle: Handle, _ option: CURLoption, _ pointer: UnsafeMutableRawPointer) {
    _ = unsafe meterbridge_curl_set_pointer(setopt, handle, option, pointer)
  }

  /// Takes a pointer back.
  func clear(_ handle: Handle, _ option: CURLoption) {
    _ = unsafe meterbridge_curl_set_pointer(setopt, handle, option, nil)
  }

  func set(_ handle: Handle, receiver: meterbridge_curl_receiver) {
    _ = unsafe meterbridge_curl_set_receiver(setopt, handle, receiver)
  }

  func number(_ handle: Handle, _ information: CURLINFO) -> Int {
    var value = 0
    _ = unsafe meterbridge_curl_get_long(getinfo, handle, information, &value)
    return value
  }

  /// The socket of a connection; negative without one.
  func socket(_ handle: Handle) -> Int32 {
    var value: curl_socket_t = -1
    _ = unsafe meterbridge_curl_get_socket(getinfo, handle, &value)
    return value
  }

  func text(_ handle: Handle, _ information: CURLINFO) -> String? {
    var value: UnsafePointer<CChar>?
    _ = unsafe meterbridge_curl_get_string(getinfo, handle, information, &value)
    return unsafe value.map { unsafe String(cString: $0) }
  }
}
