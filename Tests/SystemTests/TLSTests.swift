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

/// Why a client does not get in.
private func failure(at broker: Broker, _ tls: TLSSettings) throws -> ConnectFailure? {
  try #require(eventually { broker.isListening })
  do throws(ConnectFailure) {
    let client = try MosquittoClient(
      MosquittoClient.Settings(
        clientID: "test", tls: tls, willTopic: "w", willPayload: []),
      BrokerSession.Attempt(version: .five, retainsWill: false, broker: broker.address, number: 1))
    try client.connect(attempt: 1)
    // The handshake may have come to its end by then, or not.
    let last = collect(client) { $0.contains { if case .closed = $0 { true } else { false } } }.last
    guard case .closed(.failed(let later))? = last else { return nil }
    return later
  } catch {
    return error
  }
}

@Test("a certificate of another authority names that authority", .enabled(if: isOpenSSLThere))
func otherAuthority() throws {
  let broker = try tlsBroker()
  let file = broker.path("other.pem").path
  #expect(
    try failure(at: broker, TLSSettings(authorityFile: file)) == .tls(.unknownAuthority(issuer: "ca", file: file)))
}

@Test("a certificate that no authority signed is told from one of another authority", .enabled(if: isOpenSSLThere))
func selfSigned() throws {
  let broker = try tlsBroker(certificate: "self")
  let file = broker.path("ca.pem").path
  #expect(try failure(at: broker, TLSSettings(authorityFile: file)) == .tls(.selfSigned(file: file)))
}

@Test("a certificate for another host names both hosts", .enabled(if: isOpenSSLThere))
func otherName() throws {
  let broker = try tlsBroker(names: "DNS:other.lan,IP:10.0.0.1")
  let found = try failure(at: broker, TLSSettings(authorityFile: broker.path("ca.pem").path))
  #expect(found == .tls(.otherName(names: ["other.lan", "10.0.0.1"], host: "127.0.0.1")))
}

@Test("an expired certificate is told with its date", .enabled(if: isOpenSSLThere))
func expired() throws {
  let broker = try tlsBroker(days: -1)
  let found = try failure(at: broker, TLSSettings(authorityFile: broker.path("ca.pem").path))
  guard case .tls(.expired(let date, nil))? = found else { throw Failure(what: "\(String(describing: found))") }
  #expect(date.wholeMatch(of: /20\d\d-\d\d-\d\d \d\d:\d\d UTC/) != nil)
}

@Test("a broker that wants a certificate of its clients says so", .enabled(if: isOpenSSLThere))
func certificateWanted() throws {
  let broker = try tlsBroker()
  let authority = broker.path("ca.pem").path
  #expect(try failure(at: broker, TLSSettings(authorityFile: authority)) == .tls(.certificateWanted))
  let other = TLSSettings(
    authorityFile: authority, certificateFile: broker.path("other.pem").path, keyFile: broker.path("other.key").path)
  let found = try failure(at: broker, other)
  guard case .tls(.certificateRefused(broker.path("other.pem").path, _))? = found else {
    throw Failure(what: "\(String(describing: found))")
  }
}

@Test("a port without TLS is told from a broker that is not there")
func noTLS() throws {
  let broker = try Broker()
  #expect(try failure(at: broker, TLSSettings(isInsecure: true)) == .tls(.noTLS))
}

@Test("files of the settings that hold something else are named", .enabled(if: isOpenSSLThere))
func wrongFiles() throws {
  let broker = try tlsBroker()
  let (authority, own, key) = (broker.path("ca.pem").path, broker.path("client.pem").path, broker.path("ca.key").path)
  func fault(_ tls: TLSSettings) throws -> ConnectFailure? { try failure(at: broker, tls) }
  #expect(try fault(TLSSettings(authorityFile: key)) == .tls(.noCertificate(setting: "ca_file", path: key)))
  #expect(
    try fault(TLSSettings(authorityFile: authority, certificateFile: key, keyFile: key))
      == .tls(.noCertificate(setting: "cert_file", path: key)))
  #expect(
    try fault(TLSSettings(authorityFile: authority, certificateFile: own, keyFile: own)) == .tls(.noKey(path: own)))
  #expect(
    try fault(TLSSettings(authorityFile: authority, certificateFile: own, keyFile: key))
      == .tls(.otherKey(certificate: own, key: key)))
}

@Test("TLS without a certificate of our own connects where none is wanted", .enabled(if: isOpenSSLThere))
func noCertificateWanted() throws {
  let broker = try tlsBroker(wantsCertificate: false)
  let harness = try BrokerThreadHarness(to: broker) {
    $0.tls = TLSSettings(authorityFile: broker.path("ca.pem").path)
  }
  #expect(harness.eventually { harness.isConnected })
  harness.stop()
}
