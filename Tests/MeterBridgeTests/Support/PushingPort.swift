import Glibc
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform

/// A port with one meter that pushes, in virtual time: the real connection and pipeline on a pty.
final class PushingPort {
  let cable: TestPort
  private var port: Port
  private(set) var now = Instant(milliseconds: 1_000_000)
  private(set) var outputs: [MeterOutput] = []

  /// - Parameters:
  ///   - meterProtocol: of the meter, whose id is `grid`.
  ///   - change: makes further settings.
  /// - Throws: where the system has no pty left.
  init(_ meterProtocol: ProtocolDescription, _ change: (inout MeterSettings) -> Void = { _ in }) throws {
    cable = try TestPort()
    var settings = MeterSettings(
      id: "grid", meterProtocol: meterProtocol, source: .serial(path: cable.path), sourceText: "/dev/ttyUSB0")
    change(&settings)
    guard
      let port = Port(
        [settings], devices: [], frameCounters: FrameCounters(), totals: GuardedTotals(), network: nil, seed: 1,
        lookup: nil, fetcher: nil)
    else { throw Failure(what: "no port") }
    self.port = port
    serve([])
  }

  /// Brings bytes, and then the silence that ends them.
  func send(_ bytes: [UInt8], pause: Milliseconds = .seconds(1)) {
    var rest = bytes[...]
    while !rest.isEmpty {
      rest = rest.dropFirst(max(0, cable.write(Array(rest.prefix(2048)))))
      // A pty delivers bytes with a delay.
      awaitBytes(at: port.connection.pollDescriptor)
      serve(.readable)
    }
    wait(pause)
  }

  /// Lets time go by.
  func wait(_ time: Milliseconds) {
    let end = now + time
    while let next = port.deadline, next <= end {
      now = max(now, next)
      serve([])
    }
    now = end
    serve([])
  }

  /// Pulls the cable.
  func unplug() {
    cable.unplug()
    awaitBytes(at: port.connection.pollDescriptor)
    serve(.failed)
  }

  var logs: [String] { outputs.compactMap { if case .log(_, let text) = $0 { text } else { nil } } }

  private func serve(_ ready: Readiness) {
    outputs += port.service(ready, now: now, wall: WallTime(milliseconds: 1_795_172_401_250 + now.milliseconds))
  }
}
