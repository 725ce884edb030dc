internal import Base

/// A line that is dead, and one that works again.
extension MBusMaster {
  /// The time to the next try at a slave on a dead line: each few seconds one of them is tried.
  var pauseOfDeadBus: Milliseconds {
    Milliseconds(min(Limits.probeOfDeadBus.count * Int64(slaves.count), Limits.longestProbe.count))
  }

  mutating func lineChanged() { outputs.append(.news(.line(line.condition))) }

  /// A telegram came on a line that was dead. All slaves are read now.
  mutating func lineReturned(now: Instant) {
    for index in slaves.indices where index != current { slaves[index].busReturned(now: now) }
    outputs.append(.news(.line(.good)))
  }
}
