import Decoders
import Foundation
import Glibc
import Testing
import TestSupport

@testable import MQTT
@testable import Publishing

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
