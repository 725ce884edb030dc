import Foundation
import Testing
import TestSupport

/// The part of docs/OPERATION.md under a heading.
private func part(_ heading: String) throws -> String {
  let page = try String(contentsOf: repository.appending(path: "docs/OPERATION.md"), encoding: .utf8)
  let after = try #require(page.components(separatedBy: "\n## \(heading)\n").dropFirst().first)
  return after.components(separatedBy: "\n## ")[0]
}

/// The commands in a text, with those left out that change the machine.
private func commands(in text: String) -> String {
  let blocks = text.components(separatedBy: "```sh\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
  return blocks.joined().split(separator: "\n").filter { !$0.contains("sudo ") }.joined(separator: "\n")
}

@Test("the steps of docs/OPERATION.md make an authority that the bridge trusts", .enabled(if: isOpenSSLThere))
func documentedAuthority() throws {
  let text = try part("TLS with an authority of your own").replacing("broker.lan", with: "localhost")
  let broker = try Broker(
    "listener $PORT 127.0.0.1\ncertfile $FOLDER/broker.pem\nkeyfile $FOLDER/broker.key\n", starts: false)
  let steps = commands(in: text)
  #expect(steps.contains("openssl req -x509"))
  let folder = broker.path("").path
  try #require(ChildProcess("/bin/sh", ["-ec", "cd \"$0\"; exec 2>errors\n\(steps)", folder]).wait() == 0)
  try broker.start()
  let bridge = try RunningBridge(broker)
  try FileManager.default.copyItem(at: broker.path("ca.pem"), to: bridge.folder.appending(path: "ca.pem"))
  let setting = try #require(text.firstMatch(of: /\n *(tls: \{.*\})\n/)).1
  try bridge.configure("  - {id: grid, protocol: p1, source: $/port}", host: "localhost", mqtt: String(setting))
  try bridge.run()
  #expect(eventually { bridge.log.contains("connected to broker localhost:\(broker.port)") }, "\(bridge.log)")
  bridge.end()
}
