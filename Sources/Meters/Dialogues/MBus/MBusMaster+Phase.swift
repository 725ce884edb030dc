internal import Base

/// The phases of the bus, and the steps of a readout.
extension MBusMaster {
  /// A step with the slave that has the bus.
  enum Step: Equatable, Sendable {
    case reset
    /// With the form at this place in `selections` of the slave.
    case select(Int)
    /// Chooses the data set that the slave is to send.
    case command
    case data
    /// Orders the speed of the readout, and that of the bus again.
    case speedUp, speedDown
    /// Ends a selection.
    case deselect

    var isSelect: Bool { if case .select = self { true } else { false } }
  }

  enum Phase {
    case closed
    case idle
    case waiting(MBusExchange, for: Step)
    case quiet(Quiet)
    /// The line gets another speed; nil for that of the bus.
    case tuning(then: Step?)
  }

  /// The pause before the next request.
  struct Quiet {
    var until: Instant
    /// When the request is sent even if the line is not quiet.
    let limit: Instant
    /// How long the pause lasts after each further byte.
    let growth: Milliseconds
    var isDisturbed = false
    let previous: Step?
    let next: Step?
  }
}
