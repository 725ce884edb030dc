internal import CMicroHTTPD
internal import Glibc

/// libmicrohttpd, loaded when it is first needed: with the ten libraries behind it it takes 0.4 MB, and most bridges do not
/// use it.
///
/// Of what 0.9.75 (Debian 12) and 1.0 (Debian 13) have, only what is in both and behaves alike.
@safe struct MicroHTTPD {
  typealias Handle = OpaquePointer

  let run: @convention(c) (Handle?) -> MHD_Result
  let stop: @convention(c) (Handle?) -> Void
  let timeout: @convention(c) (Handle?, UnsafeMutablePointer<UInt64>?) -> MHD_Result
  let headers: @convention(c) (Handle?, MHD_ValueKind, MHD_KeyValueIteratorN?, UnsafeMutableRawPointer?) -> Int32
  let suspend: @convention(c) (Handle?) -> Void
  let resume: @convention(c) (Handle?) -> Void
  let responseOfBytes: @convention(c) (Int, UnsafeMutableRawPointer?, MHD_ResponseMemoryMode) -> Handle?
  let responseOfReader:
    @convention(c) (
      UInt64, Int, MHD_ContentReaderCallback?, UnsafeMutableRawPointer?, MHD_ContentReaderFreeCallback?
    ) -> Handle?
  let responseOfUpgrade: @convention(c) (MHD_UpgradeHandler?, UnsafeMutableRawPointer?) -> Handle?
  let upgrade: @convention(c) (Handle?, MHD_UpgradeAction) -> MHD_Result
  let addHeader: @convention(c) (Handle?, UnsafePointer<CChar>?, UnsafePointer<CChar>?) -> MHD_Result
  let queue: @convention(c) (Handle?, UInt32, Handle?) -> MHD_Result
  let destroy: @convention(c) (Handle?) -> Void
  private let starter: UnsafeMutableRawPointer
  private let daemonInformation: UnsafeMutableRawPointer
  private let connectionInformation: UnsafeMutableRawPointer

  /// MHD_SIZE_UNKNOWN, a macro that Swift does not see.
  static let unknownSize = UInt64.max
  /// MHD_CONTENT_READER_END_OF_STREAM.
  static let endOfStream = -1
  /// The version of its interface that the header describes.
  private static let file = "libmicrohttpd.so.12"

  /// Loads the library; nil where it is not installed.
  init?() {
    guard let library = unsafe dlopen(Self.file, RTLD_NOW | RTLD_LOCAL) else { return nil }
    func symbol<Function>(_ name: String) -> Function? {
      unsafe dlsym(library, name).map { unsafe unsafeBitCast($0, to: Function.self) }
    }
    guard let run: @convention(c) (Handle?) -> MHD_Result = unsafe symbol("MHD_run"),
      let stop: @convention(c) (Handle?) -> Void = unsafe symbol("MHD_stop_daemon"),
      let timeout: @convention(c) (Handle?, UnsafeMutablePointer<UInt64>?) -> MHD_Result =
        unsafe symbol("MHD_get_timeout"),
      let headers: @convention(c) (Handle?, MHD_ValueKind, MHD_KeyValueIteratorN?, UnsafeMutableRawPointer?) -> Int32 =
        unsafe symbol("MHD_get_connection_values_n"),
      let suspend: @convention(c) (Handle?) -> Void = unsafe symbol("MHD_suspend_connection"),
      let resume: @convention(c) (Handle?) -> Void = unsafe symbol("MHD_resume_connection"),
      let responseOfBytes: @convention(c) (Int, UnsafeMutableRawPointer?, MHD_ResponseMemoryMode) -> Handle? =
        unsafe symbol("MHD_create_response_from_buffer"),
      let responseOfReader:
        @convention(c) (
          UInt64, Int, MHD_ContentReaderCallback?, UnsafeMutableRawPointer?, MHD_ContentReaderFreeCallback?
        ) -> Handle? = unsafe symbol("MHD_create_response_from_callback"),
      let responseOfUpgrade: @convention(c) (MHD_UpgradeHandler?, UnsafeMutableRawPointer?) -> Handle? =
        unsafe symbol("MHD_create_response_for_upgrade"),
      let upgrade: @convention(c) (Handle?, MHD_UpgradeAction) -> MHD_Result = unsafe symbol("MHD_upgrade_action"),
      let addHeader: @convention(c) (Handle?, UnsafePointer<CChar>?, UnsafePointer<CChar>?) -> MHD_Result =
        unsafe symbol("MHD_add_response_header"),
      let queue: @convention(c) (Handle?, UInt32, Handle?) -> MHD_Result = unsafe symbol("MHD_queue_response"),
      let destroy: @convention(c) (Handle?) -> Void = unsafe symbol("MHD_destroy_response"),
      let starter = unsafe dlsym(library, "MHD_start_daemon"),
      let daemonInformation = unsafe dlsym(library, "MHD_get_daemon_info"),
      let connectionInformation = unsafe dlsym(library, "MHD_get_connection_info")
    else { return nil }
    unsafe self.run = run
    unsafe self.stop = stop
    unsafe self.timeout = timeout
    unsafe self.headers = headers
    unsafe self.suspend = suspend
    unsafe self.resume = resume
    unsafe self.responseOfBytes = responseOfBytes
    unsafe self.responseOfReader = responseOfReader
    unsafe self.responseOfUpgrade = responseOfUpgrade
    unsafe self.upgrade = upgrade
    unsafe self.addHeader = addHeader
    unsafe self.queue = queue
    unsafe self.destroy = destroy
    unsafe self.starter = starter
    unsafe self.daemonInformation = daemonInformation
    unsafe self.connectionInformation = connectionInformation
  }

  /// Starts a server without a thread of its own.
  func start(_ options: meterbridge_http_options) -> Handle? {
    unsafe withUnsafePointer(to: options) { unsafe meterbridge_http_start(starter, $0) }
  }

  /// Readable when a server has work; -1 without one.
  func epoll(of daemon: Handle) -> Int32 { unsafe meterbridge_http_epoll(daemonInformation, daemon) }

  /// The socket of a client.
  func socket(of connection: Handle) -> Int32 { unsafe meterbridge_http_socket(connectionInformation, connection) }

  /// What was left for a connection when it began.
  func context(of connection: Handle) -> UnsafeMutableRawPointer? {
    unsafe meterbridge_http_context(connectionInformation, connection)
  }
}
