/// One property of a frame with its decoded data.
package struct ECHONETRecord: Hashable, Sendable {
  /// A number, or the reason for its absence.
  package enum Amount: Hashable, Sendable, BitwiseCopyable {
    case number(FixedDecimal)
    case absent(Field.Absence)
  }

  /// The energies of both directions up to one time, in kWh.
  package struct Energies: Hashable, Sendable, BitwiseCopyable {
    /// Drawn from the grid.
    package var normal: Amount
    /// Fed into the grid.
    package var reverse: Amount
  }

  /// Decoded data. Energies are in kWh.
  package enum Value: Hashable, Sendable {
    case absent(Field.Absence)
    case number(FixedDecimal)
    /// Currents of the phases R and T.
    case phases(r: Amount, t: Amount)
    /// An energy at a time; nil if the meter's clock is not set.
    case stamped(MeterTime?, Amount)
    /// Both energies at a time.
    case stampedEnergies(MeterTime?, Energies)
    /// One direction on a day in the past, every half hour from 00:00.
    case day(Int, [Amount])
    /// Both directions, going back from a time.
    case history(MeterTime?, stepMinutes: Int, [Energies])
    /// The selection of a history: up to a time, and so many values.
    case selection(MeterTime?, count: Int)
    /// A word of the table, the maker's own number, a time or date.
    case text(String)
    /// The EPCs of a property map, ascending.
    case codes([UInt8])
    /// The objects of a node.
    case objects([ECHONETObject])
    /// The maker and the number of the B-route identification.
    case identification(maker: ByteRange, number: ByteRange)
    /// Data of a property that is not in the table.
    case bytes
  }

  /// The EPC.
  package var code: UInt8
  /// Its name in the table, or `unknown`.
  package var name: String
  /// The place of its data in the frame.
  package var data: ByteRange
  package var unit: Unit
  package var value: Value
}
