/// A time of COSEM objects (Blue Book 4.1.6.1), twelve bytes: year(2) month day weekday hour minute second
/// hundredths deviation(2) status.
struct DLMSDateTime: BitwiseCopyable {
  static let count: UInt8 = 12

  /// Its offset is unknown if the deviation is missing.
  var time: MeterTime
  /// The meter marks its own clock as wrong.
  var isInvalid: Bool

  /// Nil if the bytes are not a date-time, or leave the date or the time open.
  ///
  /// UTC is local time plus deviation, so that Central European Time has −60.
  init?(_ bytes: Span<UInt8>, at start: Int) {
    guard start >= 0, start + Int(Self.count) <= bytes.count else { return nil }
    let year = Int(bytes[start]) << 8 | Int(bytes[start + 1])
    let weekday = bytes[start + 4]
    let hundredths = bytes[start + 8]
    guard (1990...2100).contains(year), weekday <= 7 || weekday == 0xFF, hundredths < 100 || hundredths == 0xFF else {
      return nil
    }
    let deviation = Int16(bitPattern: UInt16(bytes[start + 9]) << 8 | UInt16(bytes[start + 10]))
    let isKnown = (-720...840).contains(deviation)
    guard isKnown || deviation == .min else { return nil }
    let status = bytes[start + 11]
    let hasStatus = status != 0xFF
    let second = bytes[start + 7] == 0xFF ? 0 : Int(bytes[start + 7])
    guard
      let time = MeterTime(
        year: year, month: Int(bytes[start + 2]), day: Int(bytes[start + 3]), hour: Int(bytes[start + 5]),
        minute: Int(bytes[start + 6]), second: second, isSummer: !isKnown && hasStatus && status & 0x80 != 0,
        offset: isKnown ? -deviation : nil)
    else { return nil }
    self.time = time
    isInvalid = hasStatus && status & 0x01 != 0
  }
}
