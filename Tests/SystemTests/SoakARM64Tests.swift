import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Platform

/// The program for arm64, as `make build ARCH=arm64` leaves it: compiler and library are of different versions, so this
/// shows each time that they fit. qemu emulates the processor; the kernel, its ports and its sockets are this machine's.
@Suite(.serialized, .enabled(if: Soak.minutes != nil && ARM64.isForeign)) struct SoakARM64Tests {
  @Test("every sample decodes byte for byte as it does on this machine", arguments: SampleFile.all)
  func sample(file: SampleFile) throws {
    let folder = try TemporaryFolder()
    let words = try file.words(in: folder)
    func output(_ program: String) throws -> (status: Int32, text: String) {
      let status = try ChildProcess(
        "/bin/sh", ["-c", "exec \"$@\" >\"$0\" 2>&1", folder.path("output"), program] + words
      )
      .wait()
      return (status, try folder.text("output"))
    }
    let here = try output(RealProgram.release)
    let there = try output(ARM64.program)
    #expect(there == here)
    #expect([0, 65].contains(here.status) && here.text.hasPrefix("{"), "\(here)")
  }

  @Test("meters of all kinds are read, and an outage is made good")
  func metersAndOutage() throws {
    let harness = try FaultHarness(meters: "")
    let bridge = harness.bridge
    let page = try Page("/XYZ5TEST\r\n\r\n1-0:1.7.0(00.472*kW)\r\n!\r\n")
    try bridge.simulate(
      "mbus-pro380=bus", "mbus-multical303=bus", "p1-nl=p1", "dlms-kaifa-encrypted=kaifa", speed: 1)
    let meters = [
      FaultHarness.meter("grid"),
      "  - {id: netz, protocol: dlms, source: $/kaifa, key: '53494D554C415445444D455445524B59'}",
      "  - {id: house, protocol: p1, source: $/p1, min_interval: 0s}",
      "  - {id: workshop, protocol: mbus, source: $/bus, address: 1, interval: 1s}",
      "  - {id: heat, protocol: mbus, source: $/bus, address: 2, interval: 1s}",
      "  - {id: page, protocol: p1, source: 'http://127.0.0.1:\(page.port)/', interval: 1s, min_interval: 0s}",
    ]
    let web = WebClient(port: try freePort())
    try bridge.configure(
      meters.joined(separator: "\n"), port: harness.proxy.port, more: "http: {listen: '127.0.0.1:\(web.port)'}")
    let start = Clock.now()
    try harness.run(ARM64.program)
    harness.meter.send()
    #expect(harness.has([1]))
    for topic in [
      "house/power_import", "house_gas/volume", "workshop/energy_import", "heat/energy", "netz/power_import",
    ] {
      #expect(eventually { harness.witness.last("meterbridge/\(topic)") != nil }, "\(topic): \(bridge.log)")
    }
    #expect(eventually { harness.witness.last("meterbridge/page/power_import") == "472" })
    #expect(web.awaitServer())
    #expect(try web.get("/api/meters/grid").contains("\"energy_import\":0.001"))

    harness.proxy.set {
      $0.refuses = true
      $0.cuts += 1
    }
    for _ in 0..<5 { harness.meter.send() }
    #expect(eventually { bridge.isInJournal(ScriptedMeter.payload(6)) })
    #expect(!harness.witness.numbers("grid").contains(2))
    harness.proxy.set { $0.refuses = false }
    #expect(harness.hasAll)
    usleep(UInt32(max(0, 12_000 - (Clock.now() - start).count)) * 1_000)
    bridge.end()
    #expect(bridge.deadLetters.isEmpty, "\(bridge.deadLetters)")
  }
}
