/// Why a receiver of wireless M-Bus does not hear as it should: a sentence for the log.
package enum ReceiverTrouble: Hashable, Sendable, CustomStringConvertible {
  case cannotHear(receiver: String, mode: String, others: String)
  case hearsOnlyT1(receiver: String)
  case modeRefused(receiver: String, mode: String)
  case hasNoWireless
  case cutsTelegrams
  case nothingAnswers(line: String)

  package var description: String {
    switch self {
    case .cannotHear(let receiver, let mode, let others):
      "the \(receiver) cannot hear `mode: \(mode)`: leave `mode` out, or choose \(others)"
    case .hearsOnlyT1(let receiver):
      "the \(receiver) hears T1 or C1, and not both: it is set to T1; `mode: c1` is for meters of Kamstrup and others "
        + "that send in C1"
    case .modeRefused(let receiver, let mode):
      "the \(receiver) refuses to hear \(mode): unplug it for a moment, or choose another `mode`; telegrams come in the "
        + "mode that it had"
    case .hasNoWireless:
      "the CUL refuses wireless M-Bus: its firmware is built without, so flash a culfw that answers CMODE to brc"
    case .cutsTelegrams:
      "the CUL cuts long telegrams: its firmware holds 148 bytes or fewer, so such meters need another receiver"
    case .nothingAnswers(let line):
      "no receiver answers: iM871A, AMB8465, CUL and RC1180 were asked. Is it another one, does another program use it, or "
        + "has it another speed than the factory's (`line`)? Lines and frames are taken at \(line)"
    }
  }
}
