internal import Base
internal import Decoders
internal import Meters

extension Snippet {
  /// A dashboard for the families of `/metrics` that the meters have, in Grafana's classic JSON for Import.
  static func grafana(_ house: SnippetHouse) -> Snippet {
    var board = GrafanaDashboard()
    board.addOverview()
    var shown: Set<String> = []
    let fields = house.meters.flatMap(\.numbers).filter { !$0.key.isHistory && !$0.key.name.entry.isDiagnostic }
    for field in fields.sorted(by: { $0.key.name.rawValue < $1.key.name.rawValue }) {
      guard let family = MetricFamily(field), shown.insert(family.text).inserted else { continue }
      board.add(family)
    }
    board.addTroubles()
    return Snippet(
      notes: [
        "Import it in Grafana (Dashboards, New, Import) and choose your Prometheus, which scrapes /metrics of the bridge.",
        "Bars are the increase of an hour: over less than two intervals of a meter there is nothing to see.",
      ] + house.unreadNotes, text: indented(board.document))
  }
}

/// The panels of a dashboard, three in a row.
private struct GrafanaDashboard {
  private struct Panel {
    var title: String
    var kind: String
    var unit: String
    var queries: [(expression: String, legend: String)]
    var isBars = false
  }

  private var panels: [Panel] = []
  private static let source = "${DS_PROMETHEUS}"
  private static let chosen = #"{meter=~"$meter"}"#

  mutating func addOverview() {
    panels += [
      Panel(
        title: "Meters", kind: "stat", unit: "bool_on_off",
        queries: [("meterbridge_meter_up\(Self.chosen)", "{{meter}}")]),
      Panel(
        title: "Age of the last telegram", kind: "stat", unit: "s",
        queries: [("time() - meterbridge_last_telegram_timestamp_seconds\(Self.chosen)", "{{meter}}")]),
      Panel(
        title: "Broker connected", kind: "stat", unit: "bool_yes_no",
        queries: [("meterbridge_broker_connected", "MQTT")]),
    ]
  }

  mutating func add(_ family: MetricFamily) {
    let legend = (["meter"] + family.parts.names).map { "{{\($0)}}" }.joined(separator: " ")
    // A quarter of an hour has one telegram of many meters: the increase of less than an hour is nothing, then a spike.
    let expression =
      family.isCounter ? "increase(\(family.text)_total\(Self.chosen)[1h])" : "\(family.text)\(Self.chosen)"
    panels.append(
      Panel(
        title: family.isCounter ? "\(family.help), in an hour" : family.help, kind: "timeseries",
        unit: family.unit.grafana, queries: [(expression, legend)], isBars: family.isCounter))
  }

  mutating func addTroubles() {
    panels += [
      Panel(
        title: "Errors in an hour", kind: "timeseries", unit: "short",
        queries: [("increase(meterbridge_errors_total\(Self.chosen)[1h])", "{{meter}} {{code}}")], isBars: true),
      Panel(
        title: "Dead letters in an hour", kind: "timeseries", unit: "short",
        queries: [("increase(meterbridge_dead_letters_total[1h])", "dead letters")], isBars: true),
      Panel(
        title: "Waiting for the broker", kind: "timeseries", unit: "short",
        queries: [
          ("meterbridge_outbox_messages", "messages"), ("meterbridge_journal_readings", "readings in the journal"),
        ]),
    ]
  }

  var document: JSONText {
    var json = JSONText()
    json.object { json in
      json.array("__inputs") { json in
        json.object { json in
          json.member("name", "DS_PROMETHEUS")
          json.member("label", "Prometheus")
          json.member("type", "datasource")
          json.member("pluginId", "prometheus")
          json.member("pluginName", "Prometheus")
        }
      }
      json.member("uid", "meterbridge")
      json.member("title", "MeterBridge")
      json.array("tags") { $0.value("meterbridge") }
      json.member("schemaVersion", 39)
      json.member("editable", true)
      json.member("timezone", "browser")
      json.member("refresh", "30s")
      json.object("time") { json in
        json.member("from", "now-24h")
        json.member("to", "now")
      }
      json.object("templating") { $0.array("list") { Self.writeVariable(&$0) } }
      json.array("panels") { json in
        for (index, panel) in panels.enumerated() { json.object { Self.write(panel, index, &$0) } }
      }
    }
    return json
  }

  private static func writeVariable(_ json: inout JSONText) {
    json.object { json in
      json.member("name", "meter")
      json.member("label", "Meter")
      json.member("type", "query")
      writeSource(&json)
      json.member("definition", "label_values(meterbridge_meter_info, meter)")
      json.object("query") { json in
        json.member("query", "label_values(meterbridge_meter_info, meter)")
        json.member("refId", "meters")
      }
      json.member("refresh", 2)
      json.member("sort", 1)
      json.member("multi", true)
      json.member("includeAll", true)
      json.member("allValue", ".*")
      json.object("current") { json in
        json.member("text", "All")
        json.member("value", "$__all")
      }
    }
  }

  private static func writeSource(_ json: inout JSONText) {
    json.object("datasource") { json in
      json.member("type", "prometheus")
      json.member("uid", source)
    }
  }

  private static func write(_ panel: Panel, _ index: Int, _ json: inout JSONText) {
    json.member("id", index + 1)
    json.member("type", panel.kind)
    json.member("title", panel.title)
    writeSource(&json)
    json.object("gridPos") { json in
      json.member("h", 8)
      json.member("w", 8)
      json.member("x", index % 3 * 8)
      json.member("y", index / 3 * 8)
    }
    json.object("fieldConfig") { json in
      json.object("defaults") { json in
        json.member("unit", panel.unit)
        guard panel.kind == "timeseries" else { return }
        json.object("custom") { json in
          json.member("drawStyle", panel.isBars ? "bars" : "line")
          json.member("fillOpacity", panel.isBars ? 60 : 10)
          json.member("spanNulls", false)
        }
      }
      json.array("overrides") { _ in }
    }
    json.array("targets") { json in
      for (query, reference) in zip(panel.queries, ["A", "B"]) {
        json.object { json in
          json.member("refId", reference)
          json.member("expr", query.expression)
          json.member("legendFormat", query.legend)
          if panel.isBars { json.member("interval", "1h") }
        }
      }
    }
  }
}

extension MetricUnit {
  /// Grafana's name of the unit.
  fileprivate var grafana: String {
    switch "\(suffix)" {
    case "": "short"
    case "kwh": "kwatth"
    case "kvarh": "suffix: kvarh"
    case "kvah": "suffix: kVAh"
    case "watts": "watt"
    case "vars": "voltampreact"
    case "volt_amperes": "voltamp"
    case "volts": "volt"
    case "amperes": "amp"
    case "hertz": "hertz"
    case "degrees": "degree"
    case "cubic_meters": "m3"
    case "cubic_meters_per_hour": "suffix: m³/h"
    case "cubic_meter_celsius": "suffix: m³·°C"
    case "grams": "massg"
    case "grams_per_hour": "suffix: g/h"
    case "celsius": "celsius"
    case "kelvin": "kelvin"
    case "bar": "pressurebar"
    case "ratio": "percentunit"
    case "dbm": "dBm"
    case "seconds": "s"
    default: "short"
    }
  }
}
