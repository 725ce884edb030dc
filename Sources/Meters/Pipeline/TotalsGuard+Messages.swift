internal import Base
internal import Decoders

/// The words of the guard in dead letters and in the log.
extension TotalsGuard {
  /// The code of its dead letters and of the counter in `bridge/health`.
  static let code = "implausible_total"
  /// The same for readings of another number.
  static let strangerCode = "other_meter"

  /// The warning about two meters on one line.
  static func warning(of id: String, own: String, rival: String, remedy: String) -> String {
    "\(id): two meters answer on this line (numbers \(own) and \(rival)); only \(own) is published. \(remedy)"
  }
}

extension TotalsGuard.Stranger {
  /// The message of a dead letter.
  func complaint(of id: String) -> String {
    let way = "\(Limits.agreeingTelegrams) telegrams in a row have the new number or you run `meterbridge accept \(id)`"
    return "the telegram is of number \(number), and \(id) is \(own); held back until \(way)"
  }
}

extension TotalsGuard.Finding {
  /// The message of a dead letter.
  ///
  /// - Parameters:
  ///   - id: the id of the meter or sub-meter.
  ///   - limit: the limit that the value broke.
  /// - Returns: nil for a value that was believed.
  func complaint(of id: String, limit: JumpLimit?) -> String? {
    guard case .held(let doubt) = verdict else { return nil }
    let unit = symbol
    let before = last.map { " from \($0)" } ?? ""
    var text: String
    switch doubt {
    case .fell: text = "\(field.level) fell\(before) to \(value)\(unit)"
    case .unconfirmed, .contradicted:
      let wait = "held back until two telegrams agree, because this line has no check value"
      return "\(field.level) was first \(last?.description ?? "absent") and is now \(value)\(unit); \(wait)"
    case .emptyTelegram: text = "\(field.level) is \(value)\(unit), like every other register of the first telegram"
    case .jumped(let time):
      let power = limit.map { " (\($0.power.scaled(by: -3).withoutZeros) kW)" } ?? ""
      text = "\(field.level) rose\(before) to \(value)\(unit), more than max_power\(power) allows in \(time.spoken)"
    }
    return text + "; held back until \(Limits.agreeingTelegrams) telegrams agree or you run `meterbridge accept \(id)`"
  }

  /// The log line for a value that was believed in the end.
  func notice(of id: String) -> String? {
    let before = last.map { " after \($0)" } ?? ""
    switch verdict {
    case .believed, .held, .coarser: return nil
    case .confirmed:
      return "\(id): \(field.level) is now \(value)\(symbol)\(before): \(Limits.agreeingTelegrams) telegrams agree"
    case .rolledOver:
      return "\(id): \(field.level) passed its highest number and started at 0 again: \(value)\(symbol)\(before)"
    case .snapshot:
      return "\(id): one list of the meter tells older values than the others, such as \(field.level)"
        + " \(value)\(symbol)\(before); only the newest are published"
    }
  }

  private var symbol: String { field.unit == .none ? "" : " \(field.unit.symbol)" }
}

extension FixedDecimal {
  /// The same number without zeros behind its point.
  fileprivate var withoutZeros: FixedDecimal {
    var number = self
    while number.exponent < 0, number.mantissa % 10 == 0 {
      number = FixedDecimal(number.mantissa / 10, exponent: number.exponent + 1)
    }
    return number
  }
}

extension Milliseconds {
  /// A long time in short: `15 min`, `3 h`.
  fileprivate var spoken: String {
    let minutes = count / 60_000
    return minutes < 180 ? "\(minutes) min" : "\(minutes / 60) h"
  }
}
