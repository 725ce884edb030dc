import Decoders
import Foundation
import Glibc
import Testing

@testable import MQTT
@testable import MeterBridge

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

@Test(.enabled(if: isOpenSSLThere)) func tlsWithTheRightAuthorityAndACertificateConnects() throws {
  let broker = try tlsBroker()
  let bridge = try Bridge(to: broker) {
    $0.tls = MQTTSettings.TLS(
      authorityFile: broker.path("ca.pem").path, certificateFile: broker.path("client.pem").path,
      keyFile: broker.path("client.key").path)
  }
  #expect(bridge.eventually { bridge.isConnected })
  // More than one record's worth, and answers that arrive together.
  for number in 0..<200 { bridge.publish([(.power, "\(number)")], reading: String(repeating: "x", count: 500)) }
  #expect(bridge.eventually { bridge.hasDeliveredAll })
  #expect(bridge.stop() < .seconds(2))
}

@Test(.enabled(if: isOpenSSLThere)) func tlsWithAnotherAuthorityIsRefusedByUs() throws {
  let broker = try tlsBroker()
  let settings = MosquittoClient.Settings(
    host: "127.0.0.1", port: broker.port, clientID: "test",
    tls: TLSSettings(authorityFile: broker.path("other.pem").path), willTopic: "w", willPayload: [])
  var events: [MosquittoClient.Event] = []
  // The broker may still be starting.
  let isAnswered = eventually {
    let attempt = BrokerSession.Attempt(version: .five, retainsWill: false, number: 1)
    guard let client = try? MosquittoClient(settings, attempt), (try? client.connect(attempt: 1)) != nil
    else { return false }
    events = collect(client) { !$0.isEmpty }
    return events.first != .closed(.failed(.system(ECONNREFUSED)))
  }
  #expect(isAnswered)
  guard case .closed(.failed(.tls(let words)))? = events.first else {
    Issue.record("\(events)")
    return
  }
  #expect(words.contains("certificate verify failed"))
}
