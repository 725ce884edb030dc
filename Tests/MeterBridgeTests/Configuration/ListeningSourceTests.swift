import Testing

@testable import Base
@testable import MeterBridge
@testable import Meters

@Test("gateways connect or send to a port of this machine, which is open to nobody else unless an address says so")
func listeningSources() throws {
  let read = try configuration(
    """
    meters:
      - {id: a, protocol: wmbus, source: "tcp-listen://:5000", address: 70112233}
      - {id: b, protocol: wmbus, source: "tcp-listen://localhost:5000", address: 70112234}
      - {id: c, protocol: wmbus, source: "udp://:5000", address: 70112233}
      - {id: d, protocol: wmbus, source: "udp-listen://127.0.0.1:5000", address: 70112234}
      - {id: e, protocol: sml, source: "tcp-listen://[::]:5001"}
      - {id: f, protocol: d0, mode: push, source: "udp-listen://0.0.0.0:5002"}
    """)
  let local = { SourceAddress.listen(at: "127.0.0.1:5000", takesDatagrams: $0) }
  #expect(read.meters[..<4].map(\.source) == [local(false), local(false), local(true), local(true)])
  #expect(read.metersBySource.map(\.count) == [2, 2, 1, 1])
  #expect(read.meters[0].sourceText == "tcp-listen://127.0.0.1:5000")
  #expect(read.meters.allSatisfy { !$0.isPolled })
}

@Test("mistakes of listening sources are explained")
func listeningMistakes() {
  func told(_ meter: String) -> [String] {
    mistakes("http: {listen: '127.0.0.1:8080', password: 12345678}\nmeters: [\(meter)]").map {
      String($0.split(separator: ":", maxSplits: 3)[3].dropFirst())
    }
  }
  let address =
    "is not an address of this machine with a port: tcp-listen://:5000 for programs on this machine, "
    + "tcp-listen://0.0.0.0:5000 for gateways in the network"
  for wrong in ["gateway.lan:5000", "5000", "*:5000", "", ":0", "[::1]"] {
    #expect(told("{id: a, protocol: sml, source: 'tcp-listen://\(wrong)'}").first?.hasSuffix(address) == true)
  }
  #expect(
    told("{id: a, protocol: mbus, source: 'tcp-listen://:5000'}") == [
      "an M-Bus meter is asked, and cannot be behind a port that gateways connect to: tcp://HOST:PORT"
    ])
  #expect(told("{id: a, protocol: d0, source: 'tcp-listen://:5000'}").first?.hasSuffix("has `mode: push`") == true)
  #expect(
    told("{id: a, protocol: wmbus, source: 'udp://gateway.lan:5000'}") == [
      "must be an address of this machine that gateways send to: udp-listen://0.0.0.0:PORT"
    ])
  #expect(told("{id: a, protocol: mbus, source: 'udp://:5000'}").first?.hasPrefix("has no name or address") == true)
  #expect(
    told("{id: a, protocol: sml, source: 'tcp-listen://0.0.0.0:8080'}") == [
      "that port is taken by 127.0.0.1:8080 in line 1; choose another one"
    ])
  let two = "{id: a, protocol: wmbus, source: 'udp://:5000', address: 70112233}, {id: b, protocol: wmbus, source: "
  #expect(told(two + "'udp-listen://0.0.0.0:5000', address: 70112234}").first?.hasPrefix("that port is taken") == true)
  #expect(told(two + "'tcp-listen://:5000', address: 70112234}") == [])
  #expect(
    told("{id: a, protocol: sml, source: 'tcp-listen://:5000'}, {id: b, protocol: sml, source: 'tcp-listen://:5000'}")
      .first?.contains("reads this source already") == true)
}
