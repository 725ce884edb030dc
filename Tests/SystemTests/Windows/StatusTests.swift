import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base

@Test("status says 0 while every meter is read, 1 when one is not, and 2 without a daemon", arguments: [true, false])
func statusOfARunningDaemon(hasWebServer: Bool) throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let port = try freePort()
  let web = hasWebServer ? "http: {listen: '127.0.0.1:\(port)', username: anna, password: s3cret}" : ""
  let meters = try bridge.simulate("p1-nl=grid", "mbus-multical303=bus")
  let meterLines = """
      - {id: grid, protocol: p1, source: $/grid}
      - {id: heat, protocol: mbus, source: $/bus, address: 1, interval: 2s}
    """
  try bridge.configure(meterLines, more: web)
  #expect(try bridge.result("status").status == 2)
  try bridge.run()
  #expect(eventually(every: 200) { (try? bridge.result("status").status) == 0 })
  let table = try bridge.result("status").output
  #expect(table.contains("grid_gas") && table.contains("8200  W power"), "\(table)")
  let json = try bridge.result("status", "--json").output
  let document = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
  #expect(document?["fresh"] as? Bool == true)
  #expect((document?["meters"] as? [[String: Any]])?.map { $0["id"] as? String } == ["grid", "grid_gas", "heat"])
  if hasWebServer {
    // The password of the daemon is still the former one.
    try bridge.configure(meterLines, more: web.replacing("s3cret", with: "another"))
    let refused = try bridge.result("status")
    #expect(refused.status == 2 && refused.output.contains("another password"), "\(refused.output)")
    #expect(!refused.output.contains("s3cret"))
  }
  // A meter that a reload takes away is gone from what is shown.
  try bridge.configure("  - {id: grid, protocol: p1, source: $/grid}", more: web)
  kill(try #require(bridge.daemon).id, SIGHUP)
  #expect(
    eventually(every: 200) {
      let shown = try? bridge.result("status")
      return shown?.status == 0 && shown?.output.contains("heat") == false && shown?.output.contains("grid_gas") == true
    })
  meters.end(SIGKILL)
  #expect(eventually(every: 200) { (try? bridge.result("status").status) == 1 })
  bridge.end()
  #expect(try bridge.result("status").status == 2)
}

@Test("watch draws the table on a terminal")
func watchOnATerminal() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let port = try freePort()
  try bridge.simulate("p1-nl=grid")
  try bridge.configure(
    "  - {id: grid, protocol: p1, source: $/grid}", more: "http: {listen: '127.0.0.1:\(port)'}")
  try bridge.run()
  let script = "exec script -qfec \"$0 watch --config $1/meterbridge.yaml\" $1/screen >/dev/null 2>&1 </dev/null"
  let watch = try ChildProcess("/bin/sh", ["-c", script, RealProgram.path, bridge.folder.path])
  #expect(
    eventually(every: 200) {
      let screen = (try? String(contentsOfFile: bridge.path("screen"), encoding: .utf8)) ?? ""
      return screen.contains("\u{1B}[H") && screen.contains("online") && screen.contains("grid_gas")
    })
  watch.end(SIGKILL)
  #expect(try bridge.result("watch").status == 64)
  bridge.end()
}
