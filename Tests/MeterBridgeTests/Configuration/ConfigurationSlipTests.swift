import Testing
import TestSupport

@testable import Base
@testable import MeterBridge

/// Slips of the hand that YAML takes for something else.
private let slips: [WrongConfiguration] = [
  WrongConfiguration(
    "mqtt:\n  host localhost\n" + rightMeter, "2:3: a colon is missing after `host`: write `host: …`"),
  WrongConfiguration(
    "mqtt:\n  host localhost\n  port: 1\n" + rightMeter, "2:3: a colon is missing after `host`: write `host: …`"),
  WrongConfiguration(
    "mqtt:\n  username: x\n  password hunter2\n  port: 1\n" + rightMeter,
    "3:3: a colon is missing after `password`: write `password: …`"),
  WrongConfiguration(
    "mqtt:\n  host localhost # here\n\n  # there\n  port 1\n  keepalive: 30s\n" + rightMeter,
    "2:3: a colon is missing after `host`: write `host: …`"),
  WrongConfiguration("mqtt:\n  port:1883\n" + rightMeter, "2:3: a blank is missing after `port:`"),
  WrongConfiguration("mqtt\n  host: a\n" + rightMeter, "1:1: a colon is missing after `mqtt`: write `mqtt: …`"),
  WrongConfiguration(
    "meters:\n  - id grid\n    protocol: p1\n", "2:5: a colon is missing after `id`: write `id: …`"),
  WrongConfiguration("meters:\n  -id: grid\n", "2:3: a blank is missing after `-`: write `- id: …`"),
  WrongConfiguration(
    "meters:\n  -id: grid\n    protocol: p1\n", "2:3: a blank is missing after `-`: write `- id: …`"),
  WrongConfiguration(
    "meters:\n  - id: a\n    protocol: p1\n  -id: b\n", "4:3: a blank is missing after `-`: write `- id: …`"),
  .mqtt("password: '!file mqtt-password'", "18: `!file` in quotes is only a text: take the quotes off"),
  .mqtt("host: \"!env HOST\"", "14: `!env` in quotes is only a text: take the quotes off"),
  .mqtt(
    "password: file mqtt-password",
    "18: a `!` is missing: write `!file …`, or quotes around a text that begins so"),
  .meter("key: '!file netz-key'", protocol: "dlms", "10: `!file` in quotes is only a text: take the quotes off"),
  .meter(
    "key: env NETZ_KEY", protocol: "dlms",
    "10: a `!` is missing: write `!env …`, or quotes around a text that begins so"),
]

@Test("a slip of the hand is named where it is", arguments: slips)
private func slipsAreNamed(slip: WrongConfiguration) {
  let found = mistakes(slip.text)
  #expect(slip.lines.allSatisfy(found.contains), "\(found)")
  #expect(found.allSatisfy { !$0.contains("hunter2") && !$0.contains("mqtt-password") })
}

@Test("a text that goes on in the next line is not a missing colon")
func continuedText() {
  #expect(
    mistakes("mqtt:\n  host: a\n    long name\n    port: 3\n").first?.contains("this colon does not fit") == true)
}

@Test("a comment behind a secret is told, and is not told behind quotes or other settings")
func commentBehindASecret() throws {
  func warnings(_ mqtt: String) throws -> [String] {
    let text = "mqtt:\n  username: x # our user\n  \(mqtt)\n" + rightMeter
    return try Configuration.parse(Array(text.utf8), path: "m.yaml", environment: [:]).warnings
  }
  #expect(
    try warnings("password: secret #1")
      == ["m.yaml:3:13: what stands behind ` #` is a comment and not part of `password`; in quotes it is"])
  #expect(try warnings("password: \"secret #1\"") == [])
  #expect(try warnings("password: secret#1") == [])
  #expect(try warnings("password: 'secret' # of the router") == [])
}
