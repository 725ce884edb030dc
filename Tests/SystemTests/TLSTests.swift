import Decoders
import Foundation
import Glibc
import Testing
import TestSupport

@testable import MQTT
@testable import Publishing

private let opensslPath = "/usr/bin/openssl"
private let isOpenSSLThere = FileManager.default.isExecutableFile(atPath: opensslPath)

/// A broker with a certificate of an authority made for the test, that asks its clients for one too.
private func tlsBroker() throws -> Broker {
  let broker = try Broker(
    """
    listener $PORT 127.0.0.1
    cafile $FOLDER/ca.pem
    certfile $FOLDER/broker.pem
    keyfile $FOLDER/broker.key
    require_certificate true
    """, starts: false)
  func openssl(_ arguments: String) throws {
    let words = arguments.replacing("$", with: broker.path("").path).split(separator: " ").map(String.init)
    try #require(ChildProcess(opensslPath, words).wait() == 0, "openssl \(arguments)")
  }
  let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
  for authority in ["ca", "other"] {
    try openssl("req -x509 \(key) -days 2 -subj /CN=\(authority) -keyout $/\(authority).key -out $/\(authority).pem")
  }
  try "subjectAltName=IP:127.0.0.1\n".write(to: broker.path("names"), atomically: true, encoding: .utf8)
  for name in ["broker", "client"] {
    try openssl("req -new \(key) -subj /CN=\(name) -keyout $/\(name).key -out $/\(name).csr")
    let authority = "-CA $/ca.pem -CAkey $/ca.key -CAcreateserial -extfile $/names"
    try openssl("x509 -req -in $/\(name).csr \(authority) -days 2 -out $/\(name).pem")
  }
  try broker.start()
  return broker
}

@Test("TLS with the right authority and a certificate connects", .enabled(if: isOpenSSLThere))
func rightAuthority() throws {
  let broker = try tlsBroker()
  let harness = try BrokerThreadHarness(to: broker) {
    $0.tls = TLSSettings(
      authorityFile: broker.path("ca.pem").path, certificateFile: broker.path("client.pem").path,
      keyFile: broker.path("client.key").path)
  }
  #expect(harness.eventually { harness.isConnected })
  // More than one record's worth, and answers that arrive together.
  for number in 0..<200 { harness.publish([(.power, "\(number)")], reading: String(repeating: "x", count: 500)) }
  #expect(harness.eventually { harness.hasDeliveredAll })
  harness.stop()
}

@Test("the bridge refuses TLS with another authority", .enabled(if: isOpenSSLThere))
func otherAuthority() throws {
  let broker = try tlsBroker()
  let client = try MosquittoClient(
    MosquittoClient.Settings(
      host: "127.0.0.1", port: broker.port, clientID: "test",
      tls: TLSSettings(authorityFile: broker.path("other.pem").path), willTopic: "w", willPayload: []),
    BrokerSession.Attempt(version: .five, retainsWill: false, number: 1))
  try #require(eventually { broker.isListening })
  var failure: ConnectFailure?
  do throws(ConnectFailure) {
    try client.connect(attempt: 1)
    // The handshake may have come to its end by then, or not.
    if case .closed(.failed(let later))? = collect(client, until: { !$0.isEmpty }).first { failure = later }
  } catch {
    failure = error
  }
  guard case .tls(let words)? = failure else {
    Issue.record("\(String(describing: failure))")
    return
  }
  #expect(words.contains("certificate verify failed"))
}
