import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import HTTP
@testable import MeterBridge
@testable import Meters
@testable import Simulator

/// The real Prometheus with one target, and its answers to queries.
private final class PrometheusServer {
  let port: UInt16
  private let process: ChildProcess

  init(scraping target: UInt16, token: String, in folder: URL) throws {
    port = try freePort()
    try """
    global: {scrape_interval: 1s, scrape_timeout: 1s}
    scrape_configs:
      - job_name: meterbridge
        authorization: {credentials: \(token)}
        static_configs: [{targets: ["127.0.0.1:\(target)"]}]
    """.write(to: folder.appending(path: "prometheus.yml"), atomically: true, encoding: .utf8)
    process = try ChildProcess(
      "/usr/bin/prometheus",
      [
        "--config.file=\(folder.path)/prometheus.yml", "--storage.tsdb.path=\(folder.path)/tsdb",
        "--web.listen-address=127.0.0.1:\(port)", "--log.level=error",
      ])
  }

  /// The values of the series of an instant query by one of their labels.
  func values(_ query: String, by label: String) -> [String: String] {
    let settings = HTTPSettings(listen: .loopback(port: port))
    let path = "/api/v1/query?query=" + (query.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")
    guard let answer = try? LocalRequest(settings: settings).get(path),
      let document = try? JSONSerialization.jsonObject(with: Data(answer)) as? [String: Any],
      let result = (document["data"] as? [String: Any])?["result"] as? [[String: Any]]
    else { return [:] }
    let pairs = result.compactMap { series -> (String, String)? in
      guard let name = (series["metric"] as? [String: String])?[label], let value = series["value"] as? [Any],
        value.count == 2, let text = value[1] as? String
      else { return nil }
      return (name, text)
    }
    return Dictionary(pairs, uniquingKeysWith: { $1 })
  }
}

/// What `promtool check metrics` says about a page: nothing, if all is well.
private func complaints(about page: [UInt8], in folder: URL) throws -> String {
  let file = folder.appending(path: "metrics.txt")
  try Data(page).write(to: file)
  let said = folder.appending(path: "promtool.txt").path
  let command = "/usr/bin/promtool check metrics <\"$0\" >\"$1\" 2>&1"
  let status = try ChildProcess("/bin/sh", ["-c", command, file.path, said]).wait()
  let words = (try? String(contentsOfFile: said, encoding: .utf8)) ?? ""
  return status == 0 ? words : "exit \(status): \(words)"
}

/// Holds the documents of a bridge against the schema that it serves.
private func holdsTheSchema(_ request: LocalRequest) throws {
  let schema = try Schema(try request.get("/api/openapi.json"))
  let list = try request.get("/api/meters")
  #expect(try schema.mistakes(in: list, as: "MeterList") == [])
  #expect(try schema.mistakes(in: try request.get("/api/health"), as: "Health") == [])
  #expect(try schema.mistakes(in: try request.get("/api/dead-letters"), as: "DeadLetterList") == [])
  for meter in try #require(BridgeSnapshot(list: list, health: [])).meters {
    #expect(try schema.mistakes(in: try request.get("/api/meters/\(meter.id)"), as: "Meter") == [])
    // The first telegram on the B-route may hold the secret id, and is not shown. On a busy machine one may lack bytes.
    var telegram: [UInt8] = []
    let isThere = eventually(every: 200) {
      telegram = (try? request.get("/api/meters/\(meter.id)/telegram")) ?? []
      return telegram.firstRange(of: Array("\"records\":[{".utf8)) != nil
    }
    #expect(isThere, "\(meter.id): \(String(decoding: telegram, as: UTF8.self))")
    #expect(try schema.mistakes(in: telegram, as: "Telegram") == [], "\(meter.id)")
  }
}

/// The queries of the dashboard in `deploy`, and the metrics of the alerts there.
private func deployedQueries() throws -> [String] {
  let folder = repository.appending(path: "deploy")
  let file = try Data(contentsOf: folder.appending(path: "grafana/meterbridge.json"))
  let board = try JSONSerialization.jsonObject(with: file)
  let panels = try #require((board as? [String: Any])?["panels"] as? [[String: Any]])
  let queries = panels.flatMap { $0["targets"] as? [[String: Any]] ?? [] }.compactMap { $0["expr"] as? String }
  let rules = try String(contentsOf: folder.appending(path: "prometheus/meterbridge-rules.yml"), encoding: .utf8)
  let metrics = rules.matches(of: /\bmeterbridge_[a-z_]+/).map { String($0.0) }
  #expect(queries.count > 15 && metrics.count > 3)
  // This one is there only after the first error.
  return Set(queries + metrics).filter { !$0.contains("meterbridge_errors_total") }.sorted()
}

@Test("promtool minds nothing that any simulated meter makes, and Prometheus answers queries about each protocol")
func everySimulatedMeterInPrometheus() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let port = try freePort()
  let token = "0123456789abcdef0123456789abcdef"
  // A bus of many meters has nothing that its meters do not have, and an RC1180 does not hear all meters around it.
  let kinds = SimulatedKind.allCases.filter { $0 != .bus && $0 != .rc1180 }
  let places = kinds.map { kind in
    // One bus would read its meters one after the other.
    SimulatorOptions.Meter(kind: kind, place: .path(bridge.path("\(kind.rawValue)-port")))
  }
  let house = SimulatedHouse(SimulatorOptions(meters: places))
  try bridge.simulate(kinds.map { "\($0.rawValue)=\($0.rawValue)-port" }, speed: 20)
  try bridge.configure(
    house.lines.flatMap(\.configuration).joined(separator: "\n").replacing(
      "protocol: echonet", with: "protocol: echonet, interval: 5s"),
    more: "http: {listen: '127.0.0.1:\(port)', token: \(token)}")
  try bridge.run()
  var settings = HTTPSettings(listen: .loopback(port: port))
  settings.token = Secret(token)
  let request = LocalRequest(settings: settings)
  func page(_ accept: String = "text/plain") -> String {
    (try? request.get("/metrics", accept: accept)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
  let isComplete = eventually(every: 200) {
    let lines = page().split(separator: "\n")
    return lines.count { $0.hasPrefix("meterbridge_meter_up{") && $0.hasSuffix(" 1") } >= kinds.count
  }
  #expect(isComplete, "\(page())\n\(bridge.log)")
  #expect(try complaints(about: try request.get("/metrics", accept: "text/plain"), in: bridge.folder) == "")
  #expect(page("application/openmetrics-text").hasSuffix("# EOF\n"))
  // A check that cannot fail is not one.
  #expect(try complaints(about: Array("# TYPE a_hours gauge\na_hours 1\n".utf8), in: bridge.folder) != "")

  try holdsTheSchema(request)
  let prometheus = try PrometheusServer(scraping: port, token: token, in: bridge.folder)
  let query = "sum by (protocol) (meterbridge_meter_up * on (meter) group_left (protocol) meterbridge_meter_info)"
  var protocols: [String: String] = [:]
  #expect(
    eventually(every: 200) {
      protocols = prometheus.values(query, by: "protocol")
      return Set(protocols.keys) == Set(kinds.map(\.meterProtocol.name)) && !protocols.values.contains("0")
    }, "\(protocols)")
  #expect(prometheus.values("meterbridge_volume_flow_cubic_meters_per_hour", by: "meter")["mbus_multical303"] != nil)
  #expect(prometheus.values("meterbridge_energy_import_tariff_kwh_total{tariff=\"1\"}", by: "meter")["p1_nl"] != nil)
  #expect(prometheus.values("meterbridge_build_info", by: "version") == [Version.text: "1"])
  for query in try deployedQueries() {
    let all = query.replacing("$meter", with: ".+")
    #expect(eventually(every: 200) { !prometheus.values(all, by: "job").isEmpty }, "\(query)")
  }
  bridge.end()
}
