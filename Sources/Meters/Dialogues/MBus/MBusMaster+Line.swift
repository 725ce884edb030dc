internal import Base

/// A line that is dead, and one that works again.
extension MBusMaster {
  /// The time to the next try at a slave on a dead line: each few seconds one of them is tried. A slave alone may be silent
  /// because it was asked too often, so it has its usual pause.
  var pauseOfDeadBus: Milliseconds? {
    guard slaves.count > 1 else { return nil }
    return Milliseconds(min(Limits.probeOfDeadBus.count * Int64(slaves.count), Limits.longestProbe.count))
  }

  /// A try has failed, or a meter was given up. A line under suspicion is tried with meters that answered the last time.
  mutating func watchLine(now: Instant) {
    let untried = slaves.indices.filter { slaves[$0].lastResult == true && !line.hasTurned($0) }
    if line.judge(untried: untried.count, now: now) {
      outputs.append(.news(.line(line.condition)))
    } else if line.isSuspected(now: now) {
      for index in untried.prefix(Limits.metersOfDeadBus) where index != current { slaves[index].readSoon(now: now) }
    }
  }

  /// A telegram came on a line that was dead. All slaves are read now.
  mutating func lineReturned(now: Instant) {
    for index in slaves.indices where index != current { slaves[index].busReturned(now: now) }
    outputs.append(.news(.line(.good)))
  }
}
