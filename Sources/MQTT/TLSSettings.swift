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
    if let fault = fileFault { throw .tls(fault) }
    // The library wants a folder even for the system's store.
    let folder = authorityFile == nil ? "/etc/ssl/certs" : nil
    if authorityFile == nil { unsafe mosquitto_int_option(handle, MOSQ_OPT_TLS_USE_OS_CERTS, 1) }
    let code = unsafe mosquitto_tls_set(handle, authorityFile, folder, certificateFile, keyFile, refusePassphrase)
    guard code == 0 else { throw .tls(.other("error \(code) in the settings")) }
    if isInsecure {
      unsafe mosquitto_tls_opts_set(handle, 0 /* SSL_VERIFY_NONE */, nil, nil)
      unsafe mosquitto_tls_insecure_set(handle, true)
    }
  }
}

extension TLSSettings {
  /// What is wrong with the content of the files, read as the library will.
  private var fileFault: TLSFailure? {
    guard let context = unsafe SSL_CTX_new(TLS_client_method()) else { return nil }
    defer {
      unsafe SSL_CTX_free(context)
      // libmosquitto would take what is left for its own.
      ERR_clear_error()
    }
    if let authorityFile, unsafe SSL_CTX_load_verify_file(context, authorityFile) != 1 {
      return .noCertificate(setting: "ca_file", path: authorityFile)
    }
    guard let certificateFile, let keyFile else { return nil }
    guard unsafe SSL_CTX_use_certificate_chain_file(context, certificateFile) == 1 else {
      return .noCertificate(setting: "cert_file", path: certificateFile)
    }
    unsafe SSL_CTX_set_default_passwd_cb(context, refusePassphrase)
    guard unsafe SSL_CTX_use_PrivateKey_file(context, keyFile, SSL_FILETYPE_PEM) == 1 else {
      return Self.isOtherKey ? .otherKey(certificate: certificateFile, key: keyFile) : .noKey(path: keyFile)
    }
    return unsafe SSL_CTX_check_private_key(context) == 1 ? nil : .otherKey(certificate: certificateFile, key: keyFile)
  }

  /// OpenSSL compares the key with the certificate while it loads it.
  private static var isOtherKey: Bool {
    [X509_R_KEY_VALUES_MISMATCH, X509_R_KEY_TYPE_MISMATCH].contains(Int32(ERR_peek_last_error() & 0x7F_FFFF))
  }
}

/// Without this the TLS library asks for the passphrase of an encrypted key on the terminal, and waits.
private func refusePassphrase(
  _: UnsafeMutablePointer<CChar>?, _: Int32, _: Int32, _: UnsafeMutableRawPointer?
) -> Int32 { 0 }
