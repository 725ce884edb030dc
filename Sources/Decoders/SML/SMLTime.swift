/// A time of an SML meter (SML 1.04, 6.2.3): the seconds that it has run, or the time of its clock.
package enum SMLTime: Hashable, Sendable, BitwiseCopyable {
  /// Not a date: most meters do not have a clock.
  case secondsIndex(UInt32)
  case clock(MeterTime)

  /// The time of a clock.
  package var clock: MeterTime? {
    if case .clock(let time) = self { time } else { nil }
  }
}

extension SMLReader {
  /// Minutes of a day.
  private static let offsets: ClosedRange<Int64> = -1440...1440

  /// A time; nil if it is left out, or 0.
  ///
  /// It is a choice: list of 2 with kind and value. Some meters send the seconds alone, without the choice.
  @_lifetime(self: copy self)
  mutating func time() throws(DecodeError) -> SMLTime? {
    let place = position
    let element = try element()
    switch element.kind {
    case .octets where element.isAbsent: return nil
    case .unsigned: return index(magnitude(element))
    case .list where element.count == 2: break
    default: throw unexpected(bytes[place], at: place)
    }
    switch try unsigned() {
    // A list is the time of a clock, whatever the choice says (Froetec ZG22).
    case 1 where !isAtList: return try unsigned().flatMap { index($0) }
    case 1, 2, 3: return try clock()
    default: throw unexpected(bytes[place], at: place)
    }
  }

  /// Seconds since 1970 UTC, alone or as a list with the minutes to the local time and those of summer time.
  @_lifetime(self: copy self)
  private mutating func clock() throws(DecodeError) -> SMLTime? {
    let place = position
    let isLocal = isAtList
    if isLocal { try list(3) }
    guard let seconds = try unsigned() else { return nil }
    var minutes: Int64 = 0
    if isLocal {
      let zone = try signed() ?? 0
      let summer = try signed() ?? 0
      guard Self.offsets.contains(zone), Self.offsets.contains(summer) else { throw DecodeError(.badTime, at: place) }
      minutes = zone + summer
    }
    if seconds == 0 { return nil }
    guard let time = MeterTime(secondsSince1970: seconds, offset: Int16(minutes)) else {
      throw DecodeError(.badTime, at: place)
    }
    return .clock(time)
  }

  private var isAtList: Bool { !isAtEnd && bytes[position] >> 4 & 7 == SMLElement.Kind.list.bits }

  private func index(_ seconds: UInt64) -> SMLTime? {
    seconds == 0 ? nil : UInt32(exactly: seconds).map { .secondsIndex($0) }
  }
}
