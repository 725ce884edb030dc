/// A telegram of a meter, and what was made of it. Meters of a kind send the same lines for years, and only the digits of
/// their values, times and numbers change: then these alone are read again, and all else is as before.
///
/// The bytes outside its slots are held against those that it was learnt from. What stands in a slot is read by the functions
/// that read it in any telegram, and must have the form that it had. Where anything else is different, the telegram is read
/// line by line.
final class P1Layout: Sendable {
  /// A reading, and where its values stand.
  struct Part: Sendable {
    var reading: Reading
    var slots: [P1Slot] = []
  }

  /// The lines up to the `!`.
  private let telegram: [UInt8]
  private let clock: P1Clock
  private let utcOffset: Int16?
  /// What stands between the slots.
  private let fixed: [ByteRange]
  private let parts: [Part]

  init(_ telegram: Span<UInt8>, _ clock: P1Clock, utcOffset: Int16?, _ parts: [Part]) {
    self.telegram = [UInt8](telegram)
    self.clock = clock
    self.utcOffset = utcOffset
    self.parts = parts
    var fixed: [ByteRange] = []
    var place = 0
    for slot in parts.flatMap(\.slots).map(\.place.indices).sorted(by: { $0.lowerBound < $1.lowerBound }) {
      fixed.append(ByteRange(from: place, to: slot.lowerBound))
      place = slot.upperBound
    }
    fixed.append(ByteRange(from: place, to: telegram.count))
    self.fixed = fixed
  }

  /// The readings of a telegram of this layout, which has no issue; nil for every other one.
  func readings(_ telegram: Span<UInt8>, utcOffset: Int16?) -> [Reading]? {
    guard telegram.count == self.telegram.count, utcOffset == self.utcOffset, hasSameFrame(telegram) else { return nil }
    var readings: [Reading] = []
    readings.reserveCapacity(parts.count)
    for part in parts {
      guard let reading = part.reading(of: telegram, clock) else { return nil }
      readings.append(reading)
    }
    return readings
  }

  /// Whether all bytes outside the slots are the same.
  private func hasSameFrame(_ telegram: Span<UInt8>) -> Bool {
    let known = self.telegram
    let mine = known.span
    for place in fixed {
      guard mine.isEqual(to: telegram, place.indices) else { return false }
    }
    return true
  }
}

/// What changes in a telegram while its layout stays.
struct P1Slot: Sendable, BitwiseCopyable {
  enum Use: Sendable, BitwiseCopyable {
    /// The value of a field, by its index, and what its unit moves the point by.
    case number(field: UInt16, exponent: Int8, shift: Int8)
    /// A time stamp with its letter: that of the reading, or of one of its values.
    case time(isOfReading: Bool)
    /// A number in the hexadecimal of its characters, and the place of these in the reading's text.
    case text(ByteRange)
    /// The values of a list, of which no reading is made, and the line end.
    case list
  }

  var place: ByteRange
  var use: Use
}

extension P1Layout.Part {
  /// The reading with what stands in the slots of a telegram; nil if that has another form.
  fileprivate func reading(of telegram: Span<UInt8>, _ clock: P1Clock) -> Reading? {
    var time = reading.time
    var text = reading.text
    var fields = reading.fields
    var all = fields.mutableSpan
    for index in slots.indices {
      let slot = slots[index]
      let start = Int(slot.place.start)
      switch slot.use {
      case .number(let field, let exponent, let shift):
        guard let digits = P1Digits(telegram, at: start, takesComma: false), digits.count == Int(slot.place.count),
          digits.number.exponent == exponent
        else { return nil }
        all[Int(field)].value = .number(digits.number.scaled(by: shift))
      case .time(let isOfReading):
        // A clock that was never set is a case of its own.
        guard let stamp = clock.stamp(telegram, at: start, hasLetter: true), stamp.isOfSetClock else { return nil }
        if isOfReading { time = stamp }
      case .text(let range):
        guard P1Text.replace(range, in: &text, by: telegram.extracting(slot.place.indices)) else { return nil }
      case .list:
        guard P1PlainLine.end(telegram, from: start) == slot.place.indices.upperBound else { return nil }
      }
    }
    var reading = reading
    reading.time = time
    reading.text = text
    reading.fields = fields
    return reading
  }
}
