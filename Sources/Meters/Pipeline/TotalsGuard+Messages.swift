internal import Base
internal import Decoders

// What the guard tells people, in a dead letter and in the log.

extension TotalsGuard {
  /// The code of its dead letters and of the counter in `bridge/health`.
  static let code = "implausible_total"
}

extension TotalsGuard.Finding {
  /// The message of a dead letter.
  ///
  /// - Parameters:
  ///   - id: The meter's or sub-meter's.
  ///   - limit: What it was held against.
  /// - Returns: nil for what was believed.
  func complaint(of id: String, limit: JumpLimit?) -> String? {
    guard case .held(let doubt) = verdict else { return nil }
    let unit = symbol
    let before = last.map { " from \($0)" } ?? ""
    var text: String
    switch doubt {
    case .fell: text = "\(field.level) fell\(before) to \(value)\(unit)"
    case .emptyTelegram: text = "\(field.level) is \(value)\(unit), and so is every register of its first telegram"
    case .jumped(let time):
      let power = limit.map { " (\($0.power.scaled(by: -3).withoutZeros) kW)" } ?? ""
      text = "\(field.level) rose\(before) to \(value)\(unit), more than max_power\(power) allows in \(time.spoken)"
    }
    text += "; held back until \(Limits.agreeingTelegrams) telegrams agree, or `meterbridge accept \(id)`"
    if let letter, letter > 0 { text += " (\(letter) values before it were held back too)" }
    return text
  }

  /// A line of the log for what was believed after all.
  func notice(of id: String) -> String? {
    let before = last.map { " after \($0)" } ?? ""
    switch verdict {
    case .believed, .held: return nil
    case .confirmed:
      return "\(id): \(field.level) is \(value)\(symbol)\(before): \(Limits.agreeingTelegrams) telegrams agree"
    case .rolledOver: return "\(id): \(field.level) was full and began anew: \(value)\(symbol)\(before)"
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
  /// A long time as people say it: `15 min`, `3 h`.
  fileprivate var spoken: String {
    let minutes = count / 60_000
    return minutes < 180 ? "\(minutes) min" : "\(minutes / 60) h"
  }
}
