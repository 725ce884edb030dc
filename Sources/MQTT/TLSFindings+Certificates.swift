internal import Base
internal import CMosquitto
internal import Glibc

/// Longer texts of a certificate are cut.
private let longestText = 100

/// The certificates of OpenSSL's chain, which the connection lends, the broker's first. Nil before it has sent one.
func certificates(_ chain: OpaquePointer?) -> [TLSFindings.Certificate] {
  guard let chain = unsafe chain else { return [] }
  return (0..<(unsafe OPENSSL_sk_num(chain))).compactMap { index in
    unsafe OPENSSL_sk_value(chain, index).map { unsafe TLSFindings.Certificate(OpaquePointer($0)) }
  }
}

extension TLSFindings.Certificate {
  fileprivate init(_ certificate: OpaquePointer) {
    let from = unsafe X509_get0_notBefore(certificate)
    let until = unsafe X509_get0_notAfter(certificate)
    unsafe self.init(
      subject: name(X509_get_subject_name(certificate)), issuer: name(X509_get_issuer_name(certificate)),
      names: hosts(certificate), validFrom: date(from), validUntil: date(until),
      isEarly: X509_cmp_current_time(from) > 0, isExpired: X509_cmp_current_time(until) < 0)
  }
}

/// The common name, else the organisation.
private func name(_ name: OpaquePointer?) -> String {
  for kind in [NID_commonName, NID_organizationName] {
    var buffer = [CChar](repeating: 0, count: 4 * longestText)
    let count = unsafe X509_NAME_get_text_by_NID(name, kind, &buffer, Int32(buffer.count))
    if count > 0 { return shown(buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }) }
  }
  return ""
}

/// The host names and addresses of the extension subjectAltName; the common name without one.
private func hosts(_ certificate: OpaquePointer) -> [String] {
  let index = unsafe X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1)
  guard index >= 0, let output = unsafe BIO_new(BIO_s_mem()) else {
    let name = unsafe name(X509_get_subject_name(certificate))
    return name.isEmpty ? [] : [name]
  }
  defer { unsafe BIO_free(output) }
  unsafe X509V3_EXT_print(output, X509_get_ext(certificate, index), 0, 0)
  var bytes = [UInt8](repeating: 0, count: 4096)
  let count = unsafe BIO_read(output, &bytes, Int32(bytes.count))
  // OpenSSL writes `DNS:mqtt.lan, IP Address:192.168.1.5`.
  return String(decoding: bytes.prefix(Int(max(0, count))), as: UTF8.self).split(separator: ", ").compactMap { entry in
    let parts = entry.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, parts[0] == "DNS" || parts[0] == "IP Address" else { return nil }
    return shown(Array(parts[1].utf8))
  }
}

private func shown(_ bytes: [UInt8]) -> String {
  onOneLine(String(decoding: bytes, as: UTF8.self).unicodeScalars.prefix(longestText))
}

/// `2026-11-20 12:00 UTC`.
private func date(_ time: UnsafePointer<ASN1_TIME>?) -> String {
  var fields = unsafe tm()
  guard unsafe ASN1_TIME_to_tm(time, &fields) == 1 else { return "an unknown date" }
  let numbers = unsafe [fields.tm_mon + 1, fields.tm_mday, fields.tm_hour, fields.tm_min].map {
    $0 < 10 ? "0\($0)" : "\($0)"
  }
  return unsafe "\(fields.tm_year + 1900)-\(numbers[0])-\(numbers[1]) \(numbers[2]):\(numbers[3]) UTC"
}
