internal import CMosquitto
internal import Glibc

/// How the broker is authenticated, and how we log in with a certificate.
package struct TLSSettings: Equatable, Sendable {
  /// Trusted certificates; nil for the system's store.
  package var authorityFile: String?
  /// Our certificate.
  package var certificateFile: String?
  /// The key of our certificate.
  package var keyFile: String?
  /// Accept any certificate of any host. Logs a warning.
  package var isInsecure: Bool

  package init(
    authorityFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil, isInsecure: Bool = false
  ) {
    self.authorityFile = authorityFile
    self.certificateFile = certificateFile
    self.keyFile = keyFile
    self.isInsecure = isInsecure
  }

  func apply(to handle: OpaquePointer) throws(ConnectFailure) {
    for path in [authorityFile, certificateFile, keyFile] {
      if let path, unsafe access(path, R_OK) != 0 { throw .unreadable(path: path, errno) }
    }
    // The library wants a folder even for the system's store.
    let folder = authorityFile == nil ? "/etc/ssl/certs" : nil
    if authorityFile == nil { unsafe mosquitto_int_option(handle, MOSQ_OPT_TLS_USE_OS_CERTS, 1) }
    let code = unsafe mosquitto_tls_set(handle, authorityFile, folder, certificateFile, keyFile, refusePassphrase)
    guard code == 0 else { throw .tls("error \(code) in the settings") }
    if isInsecure {
      unsafe mosquitto_tls_opts_set(handle, 0 /* SSL_VERIFY_NONE */, nil, nil)
      unsafe mosquitto_tls_insecure_set(handle, true)
    }
  }
}

/// Without this the TLS library asks for the passphrase of an encrypted key on the terminal, and waits.
private func refusePassphrase(
  _: UnsafeMutablePointer<CChar>?, _: Int32, _: Int32, _: UnsafeMutableRawPointer?
) -> Int32 { 0 }
