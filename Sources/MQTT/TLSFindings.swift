/// What is known of a TLS handshake after its end.
struct TLSFindings: Equatable, Sendable {
  /// A certificate of the broker's chain. Texts come from the network and are fit to be shown.
  struct Certificate: Equatable, Sendable {
    /// The common name, else the organisation.
    var subject = ""
    var issuer = ""
    /// Host names and addresses.
    var names: [String] = []
    /// `2026-11-20 12:00 UTC`.
    var validFrom = ""
    var validUntil = ""
    /// Whether it is too young, by this machine's clock.
    var isEarly = false
    /// Whether it is too old, by this machine's clock.
    var isExpired = false
  }

  /// Whether our first bytes went out, so that the TCP connection stood.
  var hasSent = false
  /// Whether the broker sent its ServerHello.
  var isAnswered = false
  /// Whether the broker sent CertificateRequest.
  var isCertificateAsked = false
  /// Whether both sides have finished.
  var isFinished = false
  /// Whether anything of ours went out behind the handshake: CONNECT.
  var hasSentMore = false
  /// The alert that the broker sent (RFC 8446, section 6.2).
  var alert: UInt8?
  /// `X509_V_…`; `X509_V_OK` before the verification too.
  var verification: Int32 = 0
  /// OpenSSL's words for it.
  var verificationText = ""
  /// The broker's certificate, then those that signed it, as far as they are known.
  var chain: [Certificate] = []
}
