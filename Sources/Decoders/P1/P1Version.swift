/// The version of the standard in a telegram: `1-3:0.2.8(50)`, in Belgium `0-0:96.1.4(50217)`.
struct P1Version: Equatable {
  /// Telegrams of version 2 and 3 lack it; the first is 4.
  var major: Int

  /// Every version that telegrams name has one.
  var hasChecksum: Bool { major >= 4 }

  private static let dutch = Array("1-3:0.2.8(".utf8)
  private static let belgian = Array("0-0:96.1.4(".utf8)

  /// Nil if the telegram does not name its version.
  init?(_ telegram: Span<UInt8>) {
    for line in telegram.indices where line == 0 || telegram[line - 1] == .lineFeed {
      for label in [Self.dutch, Self.belgian] where telegram.hasText(label, at: line) {
        let first = line + label.count
        guard first < telegram.count, telegram[first].isDigit else { return nil }
        major = Int(telegram[first].digitValue)
        return
      }
    }
    return nil
  }
}
