package import Base
internal import Decoders

/// Readouts at another speed than that of the bus: CI B8 to BF tells the slave, which acknowledges at the old speed, and the
/// line follows (EN 13757-3).
///
/// Only an answer at the new speed proves it: a slave that is silent to the order may have obeyed. A slave that heard a
/// request at the new speed keeps it, so it is ordered back behind each readout. One that is silent at the speed of the bus is
/// looked for at that of its readouts, where a lost order or the end of the program may have left it. One that heard nothing
/// there falls back by itself, after half a minute or some more.
extension MBusMaster {
  /// The speed of the line.
  enum Pace {
    case usual
    /// That of a readout.
    case fast
    /// The same, to order back a slave that may have kept it.
    case seeking
  }

  /// What follows when the line has the speed of the bus again.
  enum AfterSpeed { case release, deselect, restart }

  /// A slave that would keep the speed of its readout is not left with it: behind its answer it is ordered back.
  package mutating func leave(now: Instant) {
    isLeaving = true
    afterSpeed = .release
    ordersBack = 0
  }

  package var hasLeft: Bool { pace == .usual }

  /// The line gets the speed of the current slave's readouts.
  mutating func speedUp(then next: Step, seeking isSeeking: Bool = false) {
    guard let current, var settings = busSettings, let baud = slaves[current].polling.readoutBaud else { return }
    settings.baud = baud
    afterSpeed = .restart
    pace = isSeeking ? .seeking : .fast
    phase = .tuning(then: next)
    outputs.append(.tune(settings))
  }

  /// The line gets the speed of the bus.
  mutating func slowDown() {
    guard let busSettings else { return }
    phase = .tuning(then: nil)
    outputs.append(.tune(busSettings))
  }

  package mutating func tuned(_ isDone: Bool, now: Instant) {
    guard case .tuning(let next) = phase, let current, let busSettings else { return }
    switch (next, isDone) {
    case (let next?, true):
      timing = busTiming.at(slaves[current].polling.readoutBaud ?? busSettings.baud)
      pause(after: .speedUp, then: next, now: now)
    case (_?, false):
      pace = .usual
      // The source tells it.
      for index in slaves.indices { slaves[index].portKeepsSpeed() }
      restart(now: now)
    case (nil, true):
      pace = .usual
      timing = busTiming
      switch afterSpeed {
      case .release: release(now: now)
      case .deselect: pause(after: .speedDown, then: .deselect, now: now)
      case .restart: restart(now: now)
      }
    case (nil, false): outputs.append(.reopen(reason: "the port does not go back to \(busSettings)"))
    }
  }

  private mutating func restart(now: Instant) {
    guard let current else { return }
    pause(after: .speedDown, then: slaves[current].start(now: now), now: now)
  }

  /// The current slave does not answer at the speed of its readouts.
  mutating func abandonSpeed(at step: Step, now: Instant) {
    guard let current else { return }
    slaves[current].keepSpeed()
    afterSpeed = .restart
    orderBack(after: step, now: now)
  }

  /// The readout is over.
  mutating func orderBack(after step: Step, now: Instant) {
    ordersBack = 0
    pause(after: step, then: .speedDown, now: now)
  }

  /// The order back was not acknowledged.
  mutating func orderBackAgain(now: Instant) {
    ordersBack += 1
    guard pace == .fast, let current, ordersBack <= slaves[current].polling.retries else { return slowDown() }
    pause(after: .speedDown, then: .speedDown, now: now)
  }
}
