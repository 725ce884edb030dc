import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MQTT
@testable import MeterBridge
@testable import Publishing

/// A configuration in one folder, credentials in another.
private struct Service {
  let folder: TemporaryFolder
  let credentials: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    credentials = try TemporaryFolder()
  }

  func read(_ mqtt: String, asService: Bool = true) throws(ConfigurationError) -> MQTTSettings {
    let text = "mqtt: {\(mqtt)}\nmeters:\n  - {id: grid, protocol: p1, source: /dev/ttyUSB0}\n"
    let environment: Environment = asService ? ["CREDENTIALS_DIRECTORY": credentials.path] : [:]
    return try Configuration.parse(
      Array(text.utf8), path: folder.path("meterbridge.yaml"), environment: environment
    ).mqtt
  }

  func mistakes(_ mqtt: String) -> String {
    do {
      _ = try read(mqtt)
      return ""
    } catch { return error.lines.joined(separator: "\n") }
  }
}

@Suite struct CredentialsTests {
  private let password = "username: a, password: !file mqtt-password"

  @Test("a secret of the service comes before a file beside the configuration")
  func credentialFirst() throws {
    let service = try Service()
    try service.credentials.write("from systemd\n", to: "mqtt-password")
    #expect(try service.read(password).password == Secret("from systemd"))
    try service.folder.write("from the folder\n", to: "mqtt-password")
    #expect(try service.read(password).password == Secret("from systemd"))
    #expect(try service.read(password, asService: false).password == Secret("from the folder"))
  }

  @Test("without a credential of that name the file beside the configuration is read")
  func folderSecond() throws {
    let service = try Service()
    try service.folder.write("from the folder\n", to: "mqtt-password")
    #expect(try service.read(password).password == Secret("from the folder"))
  }

  @Test("the files of a folder have the names that systemd gives them")
  func filesOfAFolder() throws {
    let service = try Service()
    try service.credentials.write("secret\n", to: "secrets_mqtt-password")
    #expect(try service.read("username: a, password: !file secrets/mqtt-password").password == Secret("secret"))
  }

  @Test("an absolute path is that file")
  func absolutePath() throws {
    let service = try Service()
    try service.credentials.write("from systemd\n", to: "mqtt-password")
    try service.folder.write("absolute\n", to: "mqtt-password")
    let path = service.folder.path("mqtt-password")
    #expect(try service.read("username: a, password: !file '\(path)'").password == Secret("absolute"))
  }

  @Test("files of TLS are found among the credentials too")
  func filesOfTLS() throws {
    let service = try Service()
    for name in ["ca.pem", "secrets_key.pem", "client.pem"] { try service.credentials.write("x", to: name) }
    let tls = try service.read("tls: {ca_file: ca.pem, cert_file: client.pem, key_file: secrets/key.pem}").tls
    #expect(tls?.authorityFile == service.credentials.path("ca.pem"))
    #expect(tls?.keyFile == service.credentials.path("secrets_key.pem"))
  }

  @Test("the mistake says both places")
  func bothPlaces() throws {
    let service = try Service()
    let text = service.mistakes(password)
    #expect(text.contains("cannot read `mqtt-password`: No such file or directory (looked for as credential "))
    #expect(text.contains("`mqtt-password` in `/"))
    #expect(text.contains(", then at `/"))
    #expect(service.mistakes("tls: {ca_file: tls/ca.pem}").contains("credential `tls_ca.pem` in"))
    try service.credentials.write([0xFF], to: "mqtt-password")
    #expect(service.mistakes(password).hasSuffix("`mqtt-password` is not UTF-8 text"))
  }
}
