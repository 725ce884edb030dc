import Testing

@testable import MQTT

private struct Case: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var findings = TLSFindings(hasSent: true)
  var words: [String] = []
  var settings = TLSSettings()
  var expected: TLSFailure?

  init(_ title: String, _ expected: TLSFailure?, _ change: (inout Case) -> Void) {
    testDescription = title
    self.expected = expected
    change(&self)
  }
}

private let broker = TLSFindings.Certificate(
  subject: "mqtt", issuer: "House", names: ["a.lan", "b.lan", "c.lan", "d.lan"], validFrom: "2026-01-01 00:00 UTC",
  validUntil: "2026-11-20 12:00 UTC")
private let authority = TLSFindings.Certificate(
  subject: "House", issuer: "House", validFrom: "2026-01-01 00:00 UTC", validUntil: "2026-11-21 12:00 UTC",
  isExpired: true)
private let own = TLSSettings(certificateFile: "/own.pem", keyFile: "/own.key")

/// Numbers of OpenSSL's verification (x509_vfy.h) and alerts of RFC 8446, section 6.2.
private let cases = [
  Case("an authority that the system does not know", .unknownAuthority(issuer: "House", file: nil)) {
    $0.findings.verification = 20
    $0.findings.chain = [broker]
  },
  Case("an authority of the same name with another key", .unknownAuthority(issuer: "House", file: "/ca.pem")) {
    $0.findings.verification = 7
    $0.findings.chain = [broker, authority]
    $0.settings.authorityFile = "/ca.pem"
  },
  Case("a name that libmosquitto 2.0 refuses", .otherName(names: broker.names, host: "mqtt.lan")) {
    $0.findings.verification = 1
    $0.findings.chain = [broker]
  },
  Case("a name that libmosquitto 2.1 refuses", .otherName(names: broker.names, host: "mqtt.lan")) {
    $0.findings.verification = 62
    $0.findings.chain = [broker]
  },
  Case("an expired certificate", .expired(since: "2026-11-20 12:00 UTC", owner: nil)) {
    $0.findings.verification = 10
    $0.findings.chain = [broker]
  },
  Case("an expired authority", .expired(since: "2026-11-21 12:00 UTC", owner: "House")) {
    $0.findings.verification = 10
    $0.findings.chain = [broker, authority]
  },
  Case("a clock that stands in the past", .notYetValid(from: "2026-01-01 00:00 UTC", owner: nil)) {
    $0.findings.verification = 9
    $0.findings.chain = [broker]
    $0.findings.chain[0].isEarly = true
  },
  Case("a revoked certificate", .untrusted("certificate revoked")) {
    $0.findings.verification = 23
    $0.findings.verificationText = "certificate revoked"
  },
  Case("a certificate that need not be right", nil) {
    $0.findings.verification = 18
    $0.findings.isAnswered = true
    $0.findings.isFinished = true
    $0.settings.isInsecure = true
  },
  Case("an answer that is not TLS", .noTLS) { $0.words = ["error:0A00010B:SSL routines::wrong version number"] },
  Case("a missing certificate, TLS 1.3", .certificateWanted) { $0.findings.alert = 116 },
  Case("a missing certificate, TLS 1.2", .certificateWanted) {
    $0.findings.alert = 40
    $0.findings.isCertificateAsked = true
  },
  Case("a broker that closes without its alert", .certificateWanted) {
    $0.findings.isAnswered = true
    $0.findings.isFinished = true
    $0.findings.isCertificateAsked = true
  },
  Case("the same with a certificate of ours", .certificateRefused(file: "/own.pem", reason: "no reason given")) {
    $0.findings.isAnswered = true
    $0.findings.isFinished = true
    $0.findings.isCertificateAsked = true
    $0.settings = own
  },
  Case("an old broker that asked for a certificate and closes over CONNECT", nil) {
    $0.findings.isAnswered = true
    $0.findings.isFinished = true
    $0.findings.isCertificateAsked = true
    $0.findings.hasSentMore = true
  },
  Case("a certificate of ours that is too old", .certificateRefused(file: "/own.pem", reason: "certificate expired")) {
    $0.findings.alert = 45
    $0.settings = own
  },
  Case("no common cipher", .other("handshake failure")) {
    $0.findings.alert = 40
    $0.words = ["handshake failure"]
  },
  Case("a connection that is not set up", nil) { $0.findings.hasSent = false },
  Case("a broker that closes behind the handshake, as an old one does over MQTT 5", nil) {
    $0.findings.isAnswered = true
    $0.findings.isFinished = true
    $0.words = ["error:0A000126:SSL routines::unexpected eof while reading"]
  },
]

@Test("each end of a handshake is told from the others", arguments: cases)
private func reasons(example: Case) {
  let found = TLSFailure(example.findings, words: example.words, settings: example.settings, host: "mqtt.lan")
  #expect(found == example.expected)
}

@Test("the sentences name hosts, files and what to do")
func sentences() {
  #expect(
    ConnectFailure.tls(.otherName(names: broker.names, host: "mqtt.lan")).text(
      BrokerAddress(host: "mqtt.lan", port: 8883))
      == "broker mqtt.lan:8883: its certificate is for a.lan, b.lan, c.lan and 1 more, not mqtt.lan: set mqtt.host to a "
      + "name in the certificate, or make a certificate for mqtt.lan")
  #expect(TLSFailure.otherName(names: [], host: "x").text.contains("is for no host, not x"))
  #expect(
    TLSFailure.expired(since: "2026-11-21 12:00 UTC", owner: "House").text
      == "the certificate of its authority \"House\" expired on 2026-11-21 12:00 UTC: renew it, or set this machine's "
      + "clock if that is wrong")
}
