internal import Base

extension HomeAssistantTrouble {
  /// For the log.
  package var words: String {
    switch self {
    case .unauthorized: "the token is not valid; make a new one in the profile of an administrator"
    case .refused(_, "unauthorized", _): "the token is not that of an administrator; only those may write statistics"
    case .refused(let command, let code, let message): "it refuses \(command) (\(code): \(message))"
    case .unreachable(let reason): reason
    case .unreadable(let command): "its answer to \(command) has a form that is not known"
    case .unsaved(let reason): "nothing is corrected, for the correction cannot be noted first: \(reason)"
    }
  }
}

extension RepairObstacle {
  /// Whether a later try may succeed.
  package var isTemporary: Bool {
    switch self {
    case .noReturnRow, .otherState, .noRegister: true
    case .noReference, .unexplainedSum, .usedMeter, .notMonotonic: false
    }
  }

  /// For the log.
  package var words: String {
    func time(_ hour: Int64) -> String { WallTime(hour: hour).hourText }
    switch self {
    case .noReturnRow: return "Home Assistant has not yet written the hour in which the values came back"
    case .noReference: return "Home Assistant has no hour before the outage; nothing is repaired"
    case .noRegister(let hour): return "no register is known for the end of \(time(hour)); nothing is repaired"
    case .otherState(let hour, let home, let ledger):
      return "at the end of \(time(hour)) Home Assistant has \(home) and the meter had \(ledger); nothing is repaired"
    case .unexplainedSum(let gap):
      return "its sum differs by \(gap) from what the meter counted, and neither a purge nor an exchanged meter "
        + "explains it: was it corrected by hand? Nothing is repaired"
    case .usedMeter(let hour):
      return "the meter was exchanged at \(time(hour)) for one that did not begin at 0; nothing is repaired"
    case .notMonotonic(let hour): return "the sums would fall at \(time(hour)); nothing is repaired"
    }
  }
}
