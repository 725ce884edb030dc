import Decoders

@testable import Documents

/// The templates for Loxone Config that read the document of MBusPico: `deploy/loxone`.
///
/// Source: the element and attribute names of `loxone/VI_MBusPico.xml` and `VIU_MBusPico.xml` of raven-worx/MBusPico. Limits
/// are wide enough for a register of Wh, which ±10000 there are not.
enum LoxoneTemplate: CaseIterable, Sendable {
  /// A virtual HTTP input, which asks every ten seconds.
  case http
  /// A virtual UDP input.
  case udp

  /// The file in `deploy/loxone`.
  var fileName: String { self == .http ? "VI_MeterBridge.xml" : "VIU_MeterBridge.xml" }

  /// The XML, with the line ends of Loxone Config.
  var text: String {
    let element = self == .http ? "VirtualInHttp" : "VirtualInUdp"
    let place = self == .http ? #"Address="" PollingTime="10""# : #"Address="" Port="0""#
    let lines =
      [
        #"<?xml version="1.0" encoding="utf-8"?>"#, #"<\#(element) Title="MeterBridge" Comment="" \#(place)>"#,
        "\t" + #"<Info templateType="\#(self == .http ? 2 : 1)" minVersion="14000000"/>"#,
      ] + Self.commands.map { "\t" + command($0, element) } + ["</\(element)>", ""]
    return lines.joined(separator: "\r\n")
  }

  private struct Command {
    var title: String
    var key: String
    var isText = false
    /// How Loxone shows the value.
    var format: String
  }

  private static let commands =
    [
      Command(title: "Time", key: "lxTimestamp", format: "<v.u>"),
      Command(title: "Meter number", key: "meterNumber", isText: true, format: "<v>"),
    ] + MBusPicoDocument.numbers.map { Command(title: title($0.key), key: $0.key, format: format($0)) }

  private static func title(_ key: String) -> String {
    switch key {
    case "activePowerPlus": "Power from the grid"
    case "activePowerMinus": "Power into the grid"
    case "activeEnergyPlus": "Energy from the grid"
    case "activeEnergyMinus": "Energy into the grid"
    case "powerFactor": "Power factor"
    default: "\(key.hasPrefix("voltage") ? "Voltage" : "Current") \(key.suffix(2))"
    }
  }

  private static func format(_ number: MBusPicoDocument.Number) -> String {
    let isCurrent = number.key.hasPrefix("current")
    let decimals = isCurrent ? ".2" : number.key.hasPrefix("voltage") || number.key == "powerFactor" ? ".1" : ""
    return "<v\(decimals)>\(number.unit.symbol)"
  }

  private func command(_ command: Command, _ element: String) -> String {
    let value = command.isText ? #""\v""# : #"\v"#
    var attributes = [
      ("Title", command.title), ("Comment", ""), ("Check", "\"\(command.key)\": \(value)"), ("Signed", "true"),
      ("Analog", "true"), ("SourceValLow", "0"), ("DestValLow", "0"), ("SourceValHigh", "100"), ("DestValHigh", "100"),
      ("DefVal", "0"), ("MinVal", "-1000000000"), ("MaxVal", "1000000000"),
    ]
    if self == .http { attributes.append(("Unit", command.format)) } else { attributes.insert(("Address", ""), at: 2) }
    let written = attributes.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: " ")
    return "<\(element)Cmd \(written)/>"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("\"", with: "&quot;").replacing("<", with: "&lt;")
      .replacing(">", with: "&gt;")
  }
}
