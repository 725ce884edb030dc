internal import Base

extension LineDiagnosis {
  /// What is wrong with a line that gives no telegram: the table of the words for it. Descriptions of protocols are large,
  /// and most lines have no finding, so they have a place of their own.
  package enum Finding: Equatable, Sendable {
    /// Telegrams of the meter's protocol, damaged: the line settings are right.
    case damaged
    /// Telegrams of another protocol.
    indirect case other(ProtocolDescription)
    /// Telegrams of the meter's protocol with ones and zeros exchanged.
    case inverted
    /// Telegrams with a parity bit where the eighth bit of data should be.
    indirect case parityAsData(ProtocolDescription)
    /// Telegrams whose bytes the port marks as damaged with these settings.
    indirect case otherParity(ProtocolDescription, LineSettings)
    /// Only breaks: the line never goes to its idle level.
    case heldLow
    /// Damaged bytes, whatever the settings.
    case framingErrors(bytes: Int, damaged: Int)
    /// Sound bytes without a telegram, whatever the settings.
    case noTelegram(bytes: Int)
    /// Not a byte from a port of this machine.
    case silentPort
    /// Not a byte from a gateway that accepts the connection.
    case silentGateway
    /// Damaged answers to a question that every meter answers.
    case severalAnswers
  }
}

extension LineDiagnosis.Finding: CustomStringConvertible {
  /// One sentence for the user, with what to do.
  package var description: String {
    switch self {
    case .damaged: "damaged telegrams"
    case .other(let other): "these bytes are \(other.title): protocol: \(other.name)"
    case .inverted:
      "the bytes are inverted: ones and zeros are exchanged. Use a cable that inverts the line, or switch the inversion on "
        + "in the adapter or gateway"
    case .parityAsData(let known):
      "these bytes are \(known.title), but their eighth bit is a parity bit: the meter sends seven bits of data. Set 7E1, "
        + "by `line` or in the gateway"
    case .otherParity(let known, let line):
      "these bytes are \(known.title), but come as errors of parity or framing with \(line): the parity is another one. "
        + "Write `line: \(line.withOtherParity)`"
    case .heldLow:
      "the line stays low and never rests: it is inverted, a wire is loose, or the adapter lacks its power"
    case .framingErrors(let bytes, let damaged):
      "\(damaged) of \(counted(bytes, "byte")) come with bad parity or without a stop bit: another speed or parity, an "
        + "inverted line, or a bad contact"
    case .noTelegram(let bytes):
      "\(counted(bytes, "byte")), but no telegram: an unusual speed, an inverted line, or an unknown protocol"
    case .silentPort:
      "nothing comes in. Is it the right port, and the right adapter? A P1 socket needs a P1 cable, an M-Bus a level "
        + "converter, and an optical port a head"
    case .silentGateway:
      "the gateway accepts the connection and sends nothing. Are speed and parity of its serial port those of the meter, "
        + "does it hand on plain bytes, and is the program its only client?"
    case .severalAnswers:
      "the answers are damaged: several meters answer at once, or the line is disturbed. `meterbridge scan` names each meter"
    }
  }
}

extension LineSettings {
  /// The same speed with a parity bit if there is none, and without one if there is.
  fileprivate var withOtherParity: LineSettings {
    LineSettings(baud: baud, dataBits: 8, parity: parity == .none ? .even : .none, stopBits: 1)
  }
}
