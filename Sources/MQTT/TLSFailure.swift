internal import Base
internal import CMosquitto

/// Why TLS with the broker failed.
package enum TLSFailure: Equatable, Sendable {
  /// The certificate comes from an authority that is not trusted here. `file` is the `ca_file`; nil for those of the
  /// system.
  case unknownAuthority(issuer: String, file: String?)
  /// No authority signed the certificate, and it is not trusted itself.
  case selfSigned(file: String?)
  /// The certificate names other hosts.
  case otherName(names: [String], host: String)
  /// A certificate of the chain is too old; `owner` is nil for the broker's own.
  case expired(since: String, owner: String?)
  /// A certificate of the chain is too young; `owner` likewise.
  case notYetValid(from: String, owner: String?)
  /// Any other result of the verification, in OpenSSL's words.
  case untrusted(String)
  /// The broker did not answer in TLS.
  case noTLS
  /// The broker asks for a certificate, and none is configured.
  case certificateWanted
  /// The broker does not accept ours, from this file, for a reason in the words of RFC 8446, section 6.2.
  case certificateRefused(file: String, reason: String)
  /// A file of the settings has no certificate in it.
  case noCertificate(setting: String, path: String)
  /// A file of the settings has no key in it that can be read without a passphrase.
  case noKey(path: String)
  /// The key is not that of the certificate.
  case otherKey(certificate: String, key: String)
  /// The library's own words.
  case other(String)

  /// The reason for the end of a handshake; nil if TLS is not to blame.
  ///
  /// - Parameters:
  ///   - findings: of the handshake.
  ///   - words: the library's messages, oldest first.
  ///   - settings: how TLS was configured.
  ///   - host: the name or address that the certificate must be for.
  init?(_ findings: TLSFindings, words: [String], settings: TLSSettings, host: String) {
    if !settings.isInsecure, findings.verification != X509_V_OK {
      self = Self.verification(findings, file: settings.authorityFile, host: host)
    } else if let alert = findings.alert {
      self = Self.answer(alert, findings, file: settings.certificateFile) ?? .other(Self.joined(words))
    } else if !findings.hasSent {
      // The TCP connection does not stand, or the settings are wrong.
      guard !words.isEmpty else { return nil }
      self = .other(Self.joined(words))
    } else if !findings.isAnswered {
      self = .noTLS
    } else if !findings.isFinished {
      self = .other(words.isEmpty ? "the connection ended in the middle of the handshake" : Self.joined(words))
    } else if findings.isCertificateAsked, !findings.hasSentMore {
      // It closed the connection before CONNECT could go out, and its alert was lost with it.
      let file = settings.certificateFile
      self = file.map { .certificateRefused(file: $0, reason: "no reason given") } ?? .certificateWanted
    } else {
      return nil
    }
  }

  /// The certificate did not pass the verification.
  private static func verification(_ findings: TLSFindings, file: String?, host: String) -> TLSFailure {
    let own = findings.chain.first
    switch findings.verification {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
      X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
      X509_V_ERR_CERT_SIGNATURE_FAILURE, X509_V_ERR_CERT_UNTRUSTED, X509_V_ERR_CERT_REJECTED:
      return .unknownAuthority(issuer: findings.chain.last?.issuer ?? "", file: file)
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return .selfSigned(file: file)
    // libmosquitto before 2.1 compares the name itself and does not say why it refuses.
    case X509_V_ERR_UNSPECIFIED, X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
      return .otherName(names: own?.names ?? [], host: host)
    case X509_V_ERR_CERT_HAS_EXPIRED:
      let old = findings.chain.first(where: \.isExpired) ?? own
      return .expired(since: old?.validUntil ?? "", owner: old == own ? nil : old?.subject)
    case X509_V_ERR_CERT_NOT_YET_VALID:
      let young = findings.chain.first(where: \.isEarly) ?? own
      return .notYetValid(from: young?.validFrom ?? "", owner: young == own ? nil : young?.subject)
    default: return .untrusted(findings.verificationText)
    }
  }

  /// The broker ended the handshake with an alert (RFC 8446, section 6.2). Nil if it is not about our certificate.
  private static func answer(_ alert: UInt8, _ findings: TLSFindings, file: String?) -> TLSFailure? {
    switch (alert, file) {
    // no_certificate, certificate_required
    case (41, nil), (116, nil): return .certificateWanted
    // handshake_failure, access_denied, and those about certificates: brokers of TLS 1.2 mean a missing one too.
    case (40, nil), (42...46, nil), (49, nil): return findings.isCertificateAsked ? .certificateWanted : nil
    case (42, let file?): return .certificateRefused(file: file, reason: "bad certificate")
    case (43, let file?): return .certificateRefused(file: file, reason: "unsupported certificate")
    case (44, let file?): return .certificateRefused(file: file, reason: "certificate revoked")
    case (45, let file?): return .certificateRefused(file: file, reason: "certificate expired")
    case (46, let file?), (41, let file?), (116, let file?):
      return .certificateRefused(file: file, reason: "certificate unknown")
    case (48, let file?): return .certificateRefused(file: file, reason: "unknown authority")
    case (49, let file?): return .certificateRefused(file: file, reason: "access denied")
    default: return nil
    }
  }

  private static func joined(_ words: [String]) -> String {
    words.isEmpty ? "no details" : words.joined(separator: "; ")
  }
}

extension TLSFailure {
  /// One sentence for the user that says what to check, behind the broker's name.
  var text: String {
    switch self {
    case .unknownAuthority(let issuer, nil):
      "its certificate is from \"\(issuer)\", an authority that this system does not trust: set mqtt.tls.ca_file "
        + "to the certificate of that authority"
    case .unknownAuthority(let issuer, let file?):
      "its certificate is from \"\(issuer)\", not from the authority in \(file): set mqtt.tls.ca_file to the "
        + "certificate of the authority that signed it"
    case .selfSigned(nil):
      "its certificate is signed by itself, not by an authority: copy it from the broker and set mqtt.tls.ca_file to it"
    case .selfSigned(let file?):
      "its certificate is signed by itself and is not the one in \(file): set mqtt.tls.ca_file to the broker's "
        + "certificate"
    case .otherName(let names, let host):
      "its certificate is for \(Self.list(names)), not \(host): set mqtt.host to a name in the certificate, or make a "
        + "certificate for \(host)"
    case .expired(let date, let owner):
      "\(Self.certificate(owner)) expired on \(date): renew it, or set this machine's clock if that is wrong"
    case .notYetValid(let date, let owner):
      "\(Self.certificate(owner)) is valid only from \(date): is this machine's clock right?"
    case .untrusted(let words): "its certificate cannot be trusted (\(words)): check the broker's certificate"
    case .noTLS:
      "this port does not speak TLS: is mqtt.port the broker's port for TLS (mostly 8883)? A broker without TLS "
        + "needs no mqtt.tls"
    case .certificateWanted:
      "it wants a certificate of its clients: set mqtt.tls.cert_file and mqtt.tls.key_file"
    case .certificateRefused(let file, let reason):
      "it does not accept our certificate in \(file) (\(reason)): is it valid, and from an authority that the "
        + "broker knows?"
    case .noCertificate(let setting, let path): "no certificate (PEM) is in \(path), the file of mqtt.tls.\(setting)"
    case .noKey(let path):
      "no private key (PEM) without a passphrase is in \(path), the file of mqtt.tls.key_file"
    case .otherKey(let certificate, let key):
      "the key in \(key) does not belong to the certificate in \(certificate): check mqtt.tls.cert_file and key_file"
    case .other(let words): "TLS failed (\(words)): check mqtt.tls and the broker's certificate"
    }
  }

  private static let namesShown = 3

  private static func list(_ names: [String]) -> String {
    guard !names.isEmpty else { return "no host" }
    let more = names.count > namesShown ? " and \(names.count - namesShown) more" : ""
    return names.prefix(namesShown).joined(separator: ", ") + more
  }

  private static func certificate(_ owner: String?) -> String {
    owner.map { "the certificate of its authority \"\($0)\"" } ?? "its certificate"
  }
}
