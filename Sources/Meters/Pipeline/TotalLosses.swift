internal import Decoders

/// Which totals over the tariffs may lack a tariff, because a record of the telegram could not be used.
///
/// On a P1 port an issue names its line, so only a line of the same register counts. Elsewhere every issue does. An M-Bus
/// readout that lacks its last telegrams may lack the meter's own total.
struct TotalLosses {
  private var isImportHit = false
  private var isExportHit = false

  init(_ telegram: Telegram) {
    if telegram.moreRecordsFollow {
      isImportHit = true
      isExportHit = true
      return
    }
    for issue in telegram.issues {
      guard telegram.content is P1Content, let code = P1Content.code(of: issue, in: telegram.bytes.span) else {
        isImportHit = true
        isExportHit = true
        return
      }
      guard code.a == 1, code.d == 8 else { continue }
      if code.c == 1 { isImportHit = true }
      if code.c == 2 { isExportHit = true }
    }
  }

  /// Whether no issue can be of this total.
  func spare(_ name: FieldName) -> Bool { name == .energyImport ? !isImportHit : !isExportHit }
}
