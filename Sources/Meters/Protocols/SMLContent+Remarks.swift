internal import Decoders

extension SMLContent {
  /// What the owner of the meter may want to know, or can change.
  var remarks: [TelegramRemark] {
    var remarks: [TelegramRemark] = []
    if isLocked {
      remarks.append(
        TelegramRemark("the meter sends whole kWh only; enter its PIN and set INF on (docs/OPTICAL.md)", lasts: true))
    }
    if records.contains(where: \.isCorrected) {
      remarks.append(
        TelegramRemark(
          "the meter marks powers without a sign as signed, a known fault of DZG; they are corrected", lasts: false))
    }
    return remarks
  }

  /// Whether the totals are whole kWh.
  private var isLocked: Bool {
    records.contains { record in
      record.obis.a == 1 && (1...2).contains(record.obis.c) && record.obis.d == 8 && record.scaler >= 3
        && record.unit == .wattHour && record.number != nil
    }
  }
}
