import Foundation
import Glibc
import Testing
import TestSupport

/// Debian's own serial gateway.
private let ser2net = "/usr/sbin/ser2net"

@Test("a gateway that is taken costs one line and one letter, however often it is tried")
func aGatewayThatIsTakenIsSaidOnce() throws {
  let (listening, port) = try listeningSocket()
  defer { close(listening) }
  _ = fcntl(listening, F_SETFL, O_NONBLOCK)
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  try bridge.configure("  - {id: grid, protocol: p1, source: 'tcp://127.0.0.1:\(port)'}")
  try bridge.run()
  let words = Array("Port already in use\r\n".utf8)
  var tries = 0
  let isTried = eventually {
    let peer = accept(listening, nil, nil)
    if peer >= 0 {
      _ = unsafe send(peer, words, words.count, Int32(MSG_NOSIGNAL))
      close(peer)
      tries += 1
    }
    return tries == 4
  }
  #expect(isTried)
  let reason = "127.0.0.1:\(port) says \"Port already in use\" and closes: "
  #expect(eventually { bridge.log.contains(reason) && !bridge.deadLetters.isEmpty })
  usleep(200_000)
  bridge.end()
  let lines = bridge.log.split(separator: "\n")
  #expect(lines.count { $0.contains("127.0.0.1:\(port)") } == 1, "\(bridge.log)")
  let letters = bridge.deadLetters.split(separator: "\n")
  #expect(letters.count == 2 && letters[0].contains("\"bytes\":\"506F7274"))
  #expect(letters.last?.contains("\"repeated\":3") == true, "\(bridge.deadLetters)")
}

@Test("meters behind ser2net are read with Telnet and with RFC 2217")
func metersBehindARealGatewayAreRead() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  try bridge.simulate("p1-nl=p1", "mbus-pro380=bus")
  let ports = try (freePort(), freePort())
  try """
  connection: &telnet
    accepter: telnet,tcp,127.0.0.1,\(ports.0)
    connector: serialdev,\(bridge.path("p1")),115200n81,local
  connection: &controlled
    accepter: telnet(rfc2217),tcp,127.0.0.1,\(ports.1)
    connector: serialdev,\(bridge.path("bus")),9600n81,local
  """.write(toFile: bridge.path("ser2net.yaml"), atomically: true, encoding: .utf8)
  let gateway = try ChildProcess(ser2net, ["-n", "-d", "-c", bridge.path("ser2net.yaml")])
  defer { gateway.end(SIGKILL) }
  let witness = try Witness(broker)
  try bridge.configure(
    """
      - {id: grid, protocol: p1, source: 'tcp://127.0.0.1:\(ports.0)'}
      - {id: sub, protocol: mbus, source: 'rfc2217://127.0.0.1:\(ports.1)', address: 1}
    """)
  try bridge.run()
  for id in ["grid", "sub"] {
    #expect(eventually { witness.last("meterbridge/\(id)/energy_import") != nil }, "\(id): \(bridge.log)")
  }
  #expect(!bridge.log.contains("instead of"))
  bridge.end()
}
