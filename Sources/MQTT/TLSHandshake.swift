internal import Base
internal import CMosquitto
internal import Glibc

/// Watches the TLS handshake of one connection, to say why it failed.
///
/// libmosquitto logs OpenSSL's error queue, which has one sentence for all certificates that do not verify, and frees the
/// connection before it reports its end. libmosquitto 2.0.11 also shakes hands within `connect`, and its verification fails
/// with an `SSL_CTX` of ours. So OpenSSL tells of each new connection (CRYPTO_get_ex_new_index(3)), and one more reference
/// keeps it. It is only read: the library alone verifies.
@safe final class TLSHandshake {
  /// The connection; nil until the library makes it.
  private var connection: OpaquePointer?
  private var seen = TLSFindings()
  /// Bytes that had gone out when the handshake was finished.
  private var finishedAt: UInt64?

  /// Runs what makes the connection, on this thread.
  func watch<Failure: Error>(_ connect: () throws(Failure) -> Void) throws(Failure) {
    guard let hook = TLSHook.made else { return try connect() }
    unsafe pthread_setspecific(hook.thread, Unmanaged.passUnretained(self).toOpaque())
    defer { pthread_setspecific(hook.thread, nil) }
    try connect()
  }

  deinit { unsafe SSL_free(connection) }

  /// What is known by now.
  var findings: TLSFindings {
    var found = seen
    guard let connection = unsafe connection else { return found }
    let sent = unsafe BIO_number_written(SSL_get_wbio(connection))
    found.hasSent = sent > 0
    found.hasSentMore = finishedAt.map { sent > $0 } ?? false
    found.verification = Int32(truncatingIfNeeded: unsafe SSL_get_verify_result(connection))
    found.verificationText =
      unsafe X509_verify_cert_error_string(Int(found.verification)).map { unsafe String(cString: $0) } ?? ""
    found.chain = unsafe certificates(SSL_get0_verified_chain(connection))
    return found
  }

  fileprivate func take(_ made: OpaquePointer) -> Bool {
    guard unsafe connection == nil, unsafe SSL_up_ref(made) == 1 else { return false }
    unsafe connection = made
    return true
  }

  fileprivate func note(_ kind: Int32, _ value: Int32, state: OSSL_HANDSHAKE_STATE) {
    if kind & SSL_CB_HANDSHAKE_DONE != 0, !seen.isFinished {
      seen.isFinished = true
      finishedAt = unsafe BIO_number_written(SSL_get_wbio(connection))
    }
    if kind & SSL_CB_READ_ALERT == SSL_CB_READ_ALERT { seen.alert = UInt8(truncatingIfNeeded: value) }
    guard kind & SSL_CB_LOOP != 0 else { return }
    if state == TLS_ST_CR_SRVR_HELLO { seen.isAnswered = true }
    if state == TLS_ST_CR_CERT_REQ { seen.isCertificateAsked = true }
  }
}

/// The functions that OpenSSL calls for every connection of this program. Those of libcurl have no watcher.
private struct TLSHook: Sendable {
  /// The watcher of this thread, while its connection is made.
  let thread: pthread_key_t
  /// The watcher of a connection.
  let index: Int32

  /// Nil if the system refuses it. Then failures have only the library's words.
  static let made: TLSHook? = {
    var thread = pthread_key_t()
    guard unsafe pthread_key_create(&thread, nil) == 0 else { return nil }
    let index = unsafe CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nil, onNewConnection, nil, nil)
    return index < 0 ? nil : TLSHook(thread: thread, index: index)
  }()
}

// Functions, not closures: a closure could be inferred main-actor isolated and trap on the library's call.
private func onNewConnection(
  _ connection: UnsafeMutableRawPointer?, _: UnsafeMutableRawPointer?, _ data: UnsafeMutablePointer<CRYPTO_EX_DATA>?,
  _ index: Int32, _: Int, _: UnsafeMutableRawPointer?
) {
  guard let connection = unsafe connection, let hook = TLSHook.made, let raw = unsafe pthread_getspecific(hook.thread)
  else { return }
  let watcher = unsafe Unmanaged<TLSHandshake>.fromOpaque(raw).takeUnretainedValue()
  let made = OpaquePointer(connection)
  guard unsafe watcher.take(made) else { return }
  unsafe CRYPTO_set_ex_data(data, index, raw)
  unsafe SSL_set_info_callback(made, onProgress)
}

private func onProgress(_ connection: OpaquePointer?, _ kind: Int32, _ value: Int32) {
  guard let hook = TLSHook.made, let raw = unsafe SSL_get_ex_data(connection, hook.index) else { return }
  unsafe Unmanaged<TLSHandshake>.fromOpaque(raw).takeUnretainedValue()
    .note(kind, value, state: SSL_get_state(connection))
}
