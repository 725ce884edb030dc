internal import Base

/// Everything that a protocol needs to make a dialogue.
package struct DialogueRequest: Sendable {
  /// The meters of one source: at least one, and all of one protocol.
  package var meters: [MeterSettings]
  package var line: LineSettings
  /// Where an earlier run found the meter behind a dongle.
  package var network: SKSTACKNetwork?
  /// The seed of all random numbers in the dialogue.
  package var seed: UInt64

  package init(meters: [MeterSettings], line: LineSettings, network: SKSTACKNetwork?, seed: UInt64) {
    self.meters = meters
    self.line = line
    self.network = network
    self.seed = seed
  }
}

extension DialogueRequest {
  /// The protocol's own dialogue if the program can ask the meters, else a listener.
  package var dialogue: any Dialogue {
    let first = meters[0]
    let known = first.meterProtocol
    if first.isAsked, let dialogue = known.dialogue?(self) { return dialogue }
    if let receiver = known.receiver { return receiver(self) }
    guard first.source.isListening else { return listener }
    return ClientListeners(interval: first.interval) { listener }
  }

  private var listener: Listener {
    let first = meters[0]
    let isSocket = first.source.isSocket
    return Listener(
      framer: first.meterProtocol.framer(first), gap: Listener.gap(overNetwork: isSocket),
      pause: Listener.pause(overNetwork: isSocket), interval: first.interval,
      attribution: first.meterProtocol.attribution?(meters))
  }
}
