import Foundation
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform
@testable import Publishing

/// A real Home Assistant of its own, one of those that `Scripts/home-assistant-root.sh` has installed, with the MQTT integration.
final class HomeAssistant {
  private let folder: TemporaryFolder
  private let process: ChildProcess
  let port: UInt16
  /// That of its first user, who is an administrator.
  private(set) var token = ""

  /// The versions that are installed, the oldest first.
  static let versions: [String] = {
    let roots = repository.appending(path: ".build/roots")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: roots.path)) ?? []
    let found = names.filter { $0.hasPrefix("home-assistant-") }.flatMap { name in
      let all = try? FileManager.default.contentsOfDirectory(atPath: roots.appending(path: name + "/ha").path)
      return (all ?? []).filter {
        FileManager.default.fileExists(atPath: roots.appending(path: "\(name)/ha/\($0)/installed").path)
      }
    }
    return found.sorted { $0.compare($1, options: .numeric) == .orderedAscending }
  }()

  static let isThere = !versions.isEmpty

  /// Starts it, makes its first user, and sets up MQTT: a minute.
  init(_ version: String = versions.last ?? "", broker: UInt16, clock: FastClock? = nil) throws {
    folder = try TemporaryFolder()
    port = try freePort()
    try folder.write(
      """
      homeassistant: {name: Home, unit_system: metric, time_zone: Europe/Amsterdam, currency: EUR, country: NL}
      http: {server_host: 127.0.0.1, server_port: \(port)}
      frontend:
      config:
      recorder:
      logger: {default: warning}
      """, to: "configuration.yaml")
    let script = repository.appending(path: "Scripts/in-home-assistant.sh").path
    process = try ChildProcess(
      script, [version, folder.path], log: folder.path("log"),
      environment: clock.map { ["FAKETIME": $0.setting] } ?? [:])
    let site = "http://127.0.0.1:\(port)/"
    var user: [String: Any] = [:]
    let start = Date.now
    while user["auth_code"] == nil, start.timeIntervalSinceNow > -120 {
      let first = [
        "client_id": site, "name": "Home", "username": "home", "password": "only for this test", "language": "en",
      ]
      user = (try? call("api/onboarding/users", first)) ?? [:]
      if user["auth_code"] == nil { usleep(500_000) }
    }
    let code = try #require(user["auth_code"] as? String, "\(log)")
    let form = "client_id=\(site)&grant_type=authorization_code&code=\(code)"
    token = try #require(try send("auth/token", form, "application/x-www-form-urlencoded")["access_token"] as? String)
    for step in ["core_config", "analytics"] { _ = try call("api/onboarding/\(step)") }
    // It still starts.
    var flow: [String: Any] = [:]
    while flow["flow_id"] == nil, start.timeIntervalSinceNow > -120 {
      flow = (try? call("api/config/config_entries/flow", ["handler": "mqtt"])) ?? [:]
      if flow["flow_id"] == nil { usleep(500_000) }
    }
    let id = try #require(flow["flow_id"] as? String)
    var answers: [String: Any] = ["broker": "127.0.0.1", "port": Int(broker)]
    if "\(flow)".contains("other_settings") {
      answers["other_settings"] = ["set_client_cert": false, "set_ca_cert": "off"] as [String: Any]
    }
    let made = try call("api/config/config_entries/flow/\(id)", answers)
    try #require(made["type"] as? String == "create_entry", "\(made)")
    // Since 2026 the port of `http:` is on trial for five minutes, and then another one, unless somebody confirms it.
    var link = try self.link()
    _ = try? link.ask("http/config/promote") { _ in }
    // The first token ends after half an hour.
    let lasting = try link.ask("auth/long_lived_access_token") { json in
      json.member("client_name", "bridge")
      json.member("lifespan", 30)
    }
    token = try #require(lasting.jsonText)
  }

  /// A connection with the token of the administrator.
  func link() throws -> HomeAssistantConnection {
    let address = try #require(HomeAssistantAddress("http://127.0.0.1:\(port)"))
    return try HomeAssistantConnection(address, token: Secret(token), authorityFile: nil)
  }

  /// What it has logged: warnings and errors.
  var log: String { (try? folder.text("log")) ?? "" }

  /// What a template of its own says.
  func value(_ template: String) -> String {
    let body = (try? JSONSerialization.data(withJSONObject: ["template": template])) ?? Data()
    return (try? exchange("api/template", String(decoding: body, as: UTF8.self), "application/json")) ?? ""
  }

  /// The entities of MQTT, sorted.
  var entities: [String] {
    value("{{ integration_entities('mqtt') | sort | join(' ') }}").split(separator: " ").map(String.init)
  }

  private func call(_ path: String, _ body: [String: Any] = [:]) throws -> [String: Any] {
    let text = String(decoding: try JSONSerialization.data(withJSONObject: body), as: UTF8.self)
    return try send(path, text, "application/json")
  }

  private func send(_ path: String, _ body: String, _ type: String) throws -> [String: Any] {
    let answer = try exchange(path, body, type)
    return try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any] ?? [:]
  }

  private func exchange(_ path: String, _ body: String, _ type: String) throws -> String {
    let authorization = token.isEmpty ? "" : "Authorization: Bearer \(token)\n"
    let answer = try WebClient(port: port).post("/\(path)", body, "Content-Type: \(type)\n\(authorization)")
    return answer.firstRange(of: "\r\n\r\n").map { String(answer[$0.upperBound...]) } ?? ""
  }

  deinit { process.end() }
}

/// A clock that begins at a time of its own and runs fast, for several programs, as libfaketime shows it to them.
struct FastClock {
  static let library = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"]
    .map { $0 + "/faketime/libfaketimeMT.so.1" }.first { FileManager.default.fileExists(atPath: $0) }

  private let first: WallTime
  private let start = Clock.now()
  private let speed: Int64

  init(_ first: WallTime, speed: Int64) {
    self.first = first
    self.speed = speed
  }

  var now: WallTime { WallTime(milliseconds: first.milliseconds + (Clock.now() - start).count * speed) }

  /// For a program that starts now.
  var setting: String {
    let words = now.description.prefix(19).replacing("T", with: " ")
    return "@\(words) x\(speed)"
  }

  /// The environment of such a program.
  var environment: [String: String] { ["LD_PRELOAD": Self.library ?? "", "FAKETIME": setting, "TZ": "UTC"] }

  func wait(until time: WallTime) { while now < time { usleep(100_000) } }
}
