internal import Base
internal import Decoders

/// Finds out that the totals of a meter on a battery stand still, so that it is read less often.
///
/// Temperatures always move a little, so only totals count. A meter without a total never stands still. Electricity
/// meters have mains, so their readouts are free.
struct MBusStandstill: Sendable {
  private struct Total: Equatable, Sendable {
    let key: FieldKey
    let value: Field.Value
  }

  /// Those of the last readout.
  private var totals: [Total] = []
  /// Those of the readout under way.
  private var newTotals: [Total] = []
  /// Readouts with the same totals in a row, after the first.
  private var unchanged = 0

  /// How many times as long as usual the interval is.
  var factor: Int64 {
    let doublings = min(unchanged / Limits.readoutsUntilBackoff, Limits.doublingsOfBackoff)
    return 1 << Int64(doublings)
  }

  /// A telegram of the readout under way.
  mutating func heard(_ telegram: Telegram) {
    for reading in telegram.readings where reading.meter.medium != .electricity {
      newTotals += reading.fields.filter(\.isRunningTotal).map { Total(key: $0.key, value: $0.value) }
    }
  }

  /// The readout has ended.
  mutating func ended() {
    unchanged = newTotals.isEmpty || newTotals != totals ? 0 : unchanged + 1
    totals = newTotals
    newTotals = []
  }

  /// The readout has failed.
  mutating func failed() { newTotals = [] }
}

extension Field {
  /// Whether it counts what the meter measures. Operating times run although nothing flows.
  fileprivate var isRunningTotal: Bool {
    guard !key.isHistory, key.function == .instantaneous, unit != .hour else { return false }
    return [.total, .totalIncreasing].contains(key.name.entry.stateClass)
  }
}
