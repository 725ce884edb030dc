/// One data set of a readout: an address and the values in brackets behind it (IEC 62056-21, 6.3.5).
package struct D0Record: Hashable, Sendable, BitwiseCopyable {
  /// The address as sent.
  package var address: ByteRange
  /// The address completed: A = 1 or that of the meter's medium, B = 0, E = 0; `unknown` if it is not a code.
  package var obis: Obis
  /// Index of its first value.
  package var firstGroup: UInt16
  /// Number of its values: those in further brackets, on further lines, and behind `&` in one bracket.
  package var groupCount: UInt16

  package var groups: Range<Int> { Int(firstGroup)..<Int(firstGroup) + Int(groupCount) }
}

extension Obis {
  /// Stands for an address that is not a code.
  static let unknown = Obis(255, 255, 255, 255, 255)
  /// A of a code that was sent without one.
  static let noMedium: UInt8 = 254
}

/// A readout set by set.
package struct D0Content: TelegramContent {
  package let records: [D0Record]
  /// The values of all sets; each record names its own.
  package let groups: [P1Group]
}
