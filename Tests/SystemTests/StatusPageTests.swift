import Foundation
import Glibc
import Testing
import TestSupport

@testable import Documents

private let isThere = FileManager.default.isExecutableFile(atPath: Browser.driverPath)

/// A P1 meter with gas behind it whose registers run, a meter whose cable is gone, and the page of both.
private final class House {
  let bridge: RunningBridge
  let web: UInt16
  let simulator: ChildProcess

  init() throws {
    let broker = try Broker()
    bridge = try RunningBridge(broker)
    web = try freePort()
    simulator = try bridge.simulate("p1-nl=grid", speed: 60)
    try bridge.configure(
      """
        - {id: grid, name: Home, protocol: p1, source: $/grid}
        - {id: gone, protocol: mbus, source: $/gone}
      """, more: "http: {listen: \"127.0.0.1:\(web)\"}")
    try bridge.run()
    try #require(eventually { self.bridge.log.contains("http: listens") })
  }
}

/// The part of a card.
private func part(_ id: String, _ selector: String) -> String {
  "document.querySelector('#card-\(id) \(selector)').textContent"
}

private let width = "document.documentElement.scrollWidth"

@Test("the page shows running values, tells what is wrong, and says when the bridge is gone", .enabled(if: isThere))
func statusPage() throws {
  let house = try House()
  let browser = try Browser()
  try browser.setSize(320, 800)
  try browser.open("http://127.0.0.1:\(house.web)/")
  #expect(eventually { browser.value(part("grid", ".state")).hasPrefix("online") })
  #expect(browser.value(part("grid", "h2")) == "Home")
  #expect(eventually { browser.value(part("grid_gas", "h2")) == "Home gas" })
  let first = browser.value(part("grid", ".main"))
  #expect(first.hasSuffix("W"))
  #expect(eventually { browser.value(part("grid", ".main")) != first })
  #expect(eventually { browser.value("document.querySelector('#link').textContent").hasPrefix("Broker 127.0.0.1:") })
  #expect(eventually { browser.value("document.querySelector('#wrong').textContent").contains("gone is offline") })
  #expect(browser.value("document.querySelector('#wrong').textContent").contains("cable"))
  // The serial number waits for a tap.
  #expect(browser.value("document.querySelector('#card-grid details:last-child').open") == "false")
  try browser.run("document.querySelectorAll('#card-grid details').forEach(part => part.open = true)")
  #expect(eventually { browser.value(part("grid", "pre")).contains("1-0:1.8.1") })
  #expect(eventually { browser.value(part("grid", "[role=region] tbody")).contains("1-0:1.8.1") })
  try browser.run("program.value = 'evcc'; program.dispatchEvent(new Event('change'))")
  #expect(eventually { browser.value("snippet.textContent").contains("topic: \"meterbridge/grid/power\"") })
  #expect(browser.value(width) == "320")
  #expect(try browser.complaints() == [])

  house.simulator.end()
  #expect(eventually { browser.value(part("grid", ".state")).hasPrefix("offline") })
  #expect(eventually { browser.value("live.textContent").contains("Home is offline") })
  let age = browser.value(part("grid", ".state"))
  #expect(eventually { browser.value(part("grid", ".state")) != age })
  house.bridge.end()
  #expect(eventually { browser.value("document.querySelector('#link').textContent") == "MeterBridge does not answer" })
  #expect(eventually { browser.value(part("grid", ".state")).hasPrefix("unknown") })
}

@Test(
  "the page is whole in five languages, on a narrow phone, in the dark, and with a gap in its line",
  .enabled(if: isThere))
func pageForEveryone() throws {
  let house = try House()
  let browser = try Browser()
  try browser.setSize(320, 800)
  for language in PageLanguage.allCases {
    try browser.setLanguage(language.rawValue)
    try browser.open("http://127.0.0.1:\(house.web)/")
    #expect(browser.value("document.documentElement.lang") == language.rawValue)
    let online = PageText.table.first { $0.key == "online" }?[language] ?? "?"
    #expect(eventually { browser.value(part("grid", ".state")).hasPrefix(online) })
    #expect(!browser.value("document.body.innerText").contains("undefined"))
    #expect(browser.value(width) == "320", "\(language)")
  }
  let light = browser.value("getComputedStyle(document.body).backgroundColor")
  try browser.setDark(true)
  #expect(browser.value("getComputedStyle(document.body).backgroundColor") != light)
  try browser.run(
    """
    const meter = meters.get('grid');
    meter.day = {name: 'power', buckets: Array.from({length: 288}, (_, i) => i > 99 && i < 120 ? null : ['-' + i, String(2 * i)])};
    drawDay(meter);
    """)
  #expect(browser.value("document.querySelector('#card-grid .line').getAttribute('d').split('M').length - 1") == "2")
  #expect(browser.value("document.querySelector('#card-grid .day svg').getAttribute('aria-label')").contains("574"))
  #expect(try browser.complaints() == [])
}

private let nginx = "/usr/sbin/nginx"

/// As Home Assistant's ingress before 2026: it compresses event streams, so that none comes through before its end.
@Test(
  "below a prefix, behind a proxy that holds events back, the page asks every five seconds",
  .enabled(if: isThere && FileManager.default.isExecutableFile(atPath: nginx)))
func pageBehindProxy() throws {
  let house = try House()
  let port = try freePort()
  let folder = house.bridge.path("nginx")
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  let bodies = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(folder)/\($0);" }
  try """
  daemon off; master_process off; pid \(folder)/pid; error_log \(folder)/log;
  events {}
  http {
    access_log off; \(bodies.joined(separator: " "))
    server {
      listen 127.0.0.1:\(port);
      location /api/hassio_ingress/token/ {
        proxy_pass http://127.0.0.1:\(house.web)/;
        proxy_ignore_headers X-Accel-Buffering;
        proxy_buffer_size 256k; proxy_buffers 4 256k; proxy_busy_buffers_size 512k;
      }
    }
  }
  """.write(toFile: "\(folder)/nginx.conf", atomically: true, encoding: .utf8)
  let proxy = try ChildProcess(nginx, ["-c", "\(folder)/nginx.conf", "-e", "\(folder)/log"])
  defer { proxy.end(SIGKILL) }
  let browser = try Browser()
  try browser.open("http://127.0.0.1:\(port)/api/hassio_ingress/token/")
  #expect(eventually { browser.value(part("grid", ".state")).hasPrefix("online") })
  let first = browser.value(part("grid", ".main"))
  #expect(eventually { browser.value(part("grid", ".main")) != first })
  #expect(browser.value("lastEvent") == "0")
  #expect(try browser.complaints() == [])
}
