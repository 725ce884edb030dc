import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Platform

@Test("a reader of the log that stands still stops neither meters nor the end")
func stoppedLogReader() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let witness = try Witness(broker)
  let meter = try Gateway { client in
    var number = 0
    repeat {
      number += 1
      client.pause(milliseconds: 200)
    } while client.send(ScriptedMeter.telegram(number))
  }
  // Each connection to this one is a line of the log, or two.
  let noisy = try Gateway { $0.send([0x55]) }
  try bridge.configure(
    """
      - {id: grid, protocol: p1, source: "tcp://127.0.0.1:\(meter.port)", min_interval: 0s}
      - {id: noisy, protocol: p1, source: "tcp://127.0.0.1:\(noisy.port)"}
    """)
  // Standard error is full from the first line on, and the reader never reads.
  try #require(unsafe mkfifo(bridge.path("log"), 0o600) == 0)
  let reader = unsafe open(bridge.path("log"), O_RDWR | O_NONBLOCK | O_CLOEXEC)
  defer { close(reader) }
  let filler = [UInt8](repeating: 0x0A, count: 4096)
  while unsafe write(reader, filler, filler.count) > 0 {}

  try bridge.run()
  let daemon = try #require(bridge.daemon)
  let isReading = eventually { witness.numbers("grid").count >= 20 }
  #expect(isReading, "\(witness.numbers("grid").count) readings")
  #expect(withoutRepeats(witness.numbers("grid")) == Array(1...max(1, witness.numbers("grid").count)))
  kill(daemon.id, SIGTERM)
  let start = Clock.now()
  let hasEnded = eventually { daemon.hasEnded }
  if !hasEnded { daemon.end(SIGKILL) }
  #expect(hasEnded && daemon.exitStatus == 0, "\(daemon.exitStatus)")
  #expect(Clock.now() - start < promised(.seconds(2)))
  #expect(eventually { witness.last("meterbridge/bridge/state") == "offline" })
}
