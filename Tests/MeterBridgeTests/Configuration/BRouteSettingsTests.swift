import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters

private let id = SimulatedDongle.credentials.identifier.reveal
private let password = SimulatedDongle.credentials.password.reveal

private func text(_ settings: String..., source: String = "/dev/ttyUSB0") -> String {
  (["meters:", "  - id: a", "    protocol: echonet", "    source: \(source)"] + settings.map { "    " + $0 })
    .joined(separator: "\n")
}

private struct Mistake: Sendable, CustomTestStringConvertible {
  var settings: [String]
  var lines: [String]
  var testDescription: String { settings.joined(separator: ", ") }

  init(_ settings: String..., says lines: String...) {
    self.settings = settings
    self.lines = lines.map { "m.yaml:\($0)" }
  }
}

private let right = "route_b_id: \(id)"

private let wrong: [Mistake] = [
  Mistake(
    "interval: 1m",
    says: "2:5: `route_b_id` is missing: the 32 digits of the grid company's letter about the B-route",
    "2:5: `password` is missing: the 12 characters that the grid company gave you for the B-route"),
  Mistake(
    "route_b_id: \(id.dropLast())", "password: \(password)",
    says: "5:17: `route_b_id` has 31 digits; a route-B id has 32"),
  Mistake(
    "route_b_id: \(id.dropLast())O", "password: \(password)",
    says:
      "5:17: `route_b_id` is not a route-B id: it has 32 hexadecimal digits, 0 to 9 and A to F; O and I are not digits"),
  Mistake(
    "route_b_id: \(id.dropLast())Ａ", "password: \(password)",
    says: "5:17: `route_b_id` has full-width characters; write it with half-width ones"),
  Mistake(
    right, "password: \(password) x",
    says: "6:15: `password` has a blank or another character that a route-B password cannot have"),
  Mistake(
    right, "password: \(password)\(password)\(password)",
    says: "6:15: `password` has 36 characters; a route-B password has 12"),
  Mistake(right, "password: ''", says: "6:15: `password` has 0 characters; a route-B password has 12"),
  Mistake(
    right, "password: \(password)", "interval: 500ms",
    says: "7:15: a B-route meter is asked once a second at most: at least 1s"),
  Mistake(
    right, "password: \(password)", "key: 00112233445566778899AABBCCDDEEFF",
    says: "7:5: `key` is for P1 meters and DLMS meters and wireless M-Bus meters; this one speaks echonet"),
  Mistake(
    right, "password: \(password)", "route_id: x", says: "7:5: unknown key `route_id`; did you mean `route_b_id`?"),
  Mistake(right, "pwd: x", "password: \(password)", says: "6:5: unknown key `pwd`; did you mean `password`?"),
]

@Suite struct BRouteSettingsTests {
  @Test("credentials are read as the letter prints them") func credentialsOfTheLetter() throws {
    let grouped = stride(from: 0, to: 32, by: 4).map { String(id.lowercased().dropFirst($0).prefix(4)) }
    for written in [id, grouped.joined(separator: " "), grouped.joined(separator: "-")] {
      let read = try configuration(
        text("route_b_id: \(written)", "password: !env PASSWORD"), environment: ["PASSWORD": password])
      #expect(read.meters[0].credentials == SKSTACKCredentials(identifier: Secret(id), password: Secret(password)))
    }
    // Digits alone are no number.
    let digits = try configuration(text("route_b_id: 00000099020000000000000000123456", "password: 012345678901"))
    #expect(digits.meters[0].bRouteIdentifier?.reveal == "00000099020000000000000000123456")
    #expect(digits.meters[0].password?.reveal == "012345678901")
  }

  @Test("a mistake in a credential is named, and the credential stays hidden", arguments: wrong)
  private func mistakesInCredentials(mistake: Mistake) {
    let text =
      (["meters:", "  - id: a", "    protocol: echonet", "    source: /dev/ttyUSB0"]
      + mistake.settings.map { "    " + $0 }).joined(separator: "\n")
    #expect(mistakes(text) == mistake.lines)
  }

  @Test("a recording needs no credentials, and a dongle has one meter") func recordingAndSecondMeter() throws {
    #expect(try configuration(text(source: "file:/tmp/lines.txt")).meters[0].credentials == nil)
    let both =
      text("route_b_id: \(id)", "password: \(password)") + "\n"
      + text("route_b_id: \(id)", "password: \(password)").dropFirst("meters:\n".count).replacing(
        "id: a", with: "id: b", maxReplacements: 1)
    #expect(mistakes(both).map { $0.hasPrefix("m.yaml:9:13: the meter in line 2 reads this source already") } == [true])
    #expect(mistakes(text().replacing("echonet", with: "b-route")).contains { $0.contains("did you mean `echonet`?") })
  }
}
