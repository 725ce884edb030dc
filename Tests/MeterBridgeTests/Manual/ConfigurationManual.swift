@testable import Base
@testable import MeterBridge

/// `meterbridge.yaml(5)`: the table of settings.
enum ConfigurationManual {
  static let example = [
    "mqtt:", "  host: broker.lan", "  username: meterbridge", "  password: !file secrets/mqtt-password",
    "  tls: {}",
    "",
    "meters:", "  - id: grid", "    protocol: p1", "    source: /dev/serial/by-id/usb-FTDI_P1-if00-port0",
    "  - id: heat", "    protocol: mbus", "    source: tcp://mbus-gateway.lan:10001", "    address: 45",
    "    interval: 15m",
  ]

  static func page() -> String {
    var page = Roff(title: "METERBRIDGE.YAML", section: 5, version: Version.text)
    page.name("meterbridge.yaml", "configuration of meterbridge")
    page.section("Synopsis")
    page.paragraph("`\(Program.defaultConfiguration)`", isFirst: true)
    writeDescription(&page)
    page.section("Settings")
    for group in Configuration.groups {
      page.subsection(heading(group.path))
      for row in group.rows { page.entry("`\(row.key)`", row.meaning, then: allowed(row)) }
    }
    writeExample(&page)
    page.section("See also")
    page.paragraph("**meterbridge**(1)", isFirst: true)
    page.paragraph("`docs/CONFIGURATION.md` has these settings too, with longer examples.")
    return page.text
  }

  private static func heading(_ path: String) -> String {
    switch path {
    case "": "The top of the file"
    case "meters": "Each meter of meters"
    default: path
    }
  }

  private static func allowed(_ row: SettingRow) -> String {
    "Value: \(row.value). " + (row.fallback.map { "Default: \($0)." } ?? "**It must be there.**")
  }

  private static func writeDescription(_ page: inout Roff) {
    page.section("Description")
    page.paragraph(
      """
      The configuration of **meterbridge**(1), one YAML file. Only `meters` must be in it. A key that is not known is a
      mistake, so that a typing error is never taken for a setting: `meterbridge check` prints each mistake with its line
      and column, and what was meant.
      """, isFirst: true)
    page.paragraph("Any value may come from elsewhere, above all a secret:")
    page.entry("`!env` NAME", "from the environment variable NAME;")
    page.entry("`!file` PATH", "from a file, without the line end behind its last line.")
    page.paragraph(
      """
      A relative path counts from the folder of the configuration. In a service of systemd it is looked for among the
      credentials of the service first: the file `/etc/meterbridge/secrets/mqtt-password` is `!file secrets/mqtt-password`.
      A secret that other users of the machine can read is refused.
      """)
    page.paragraph(
      "A length of time is a whole number and its unit, `ms`, `s`, `m` or `h`: `10s`. Without a unit only `0` is understood."
    )
  }

  private static func writeExample(_ page: inout Roff) {
    page.section("Example")
    page.example(example, isFirst: true)
  }
}
