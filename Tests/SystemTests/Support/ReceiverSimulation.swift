import TestSupport

@testable import Base
@testable import Meters
@testable import Simulator

/// A receiver of wireless M-Bus on a pty. Once it is set up, it sends what it has heard.
struct ReceiverSimulation: LineSimulation {
  var receiver: ScriptedReceiver
  /// In its framing.
  var telegrams: [UInt8]

  init(_ kind: ScriptedReceiver.Kind) {
    receiver = ScriptedReceiver(kind)
    telegrams = []
  }

  var line: LineSettings { LineSettings(baud: receiver.baud, dataBits: 8, parity: .none, stopBits: 1) }
  var wakes: Instant? { nil }

  mutating func due(at moment: SimulatedMoment) -> [Transmission] { [] }

  mutating func receive(_ bytes: [UInt8], at moment: SimulatedMoment) -> [Transmission] {
    let before = receiver.commands.count
    var answer = receiver.receive(bytes)
    if before < receiver.setUp.count, receiver.commands.count >= receiver.setUp.count { answer += telegrams }
    return answer.isEmpty ? [] : [Transmission(bytes: answer, start: moment.now)]
  }

  mutating func listenerLeft() {}
}
