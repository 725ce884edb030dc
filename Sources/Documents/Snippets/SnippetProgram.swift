/// A program that a ready-made configuration is for.
package enum SnippetProgram: String, CaseIterable, Sendable {
  case evcc, openhab
  case nodeRED = "node-red"
  case telegraf, grafana, fhem, iobroker, victron
}
