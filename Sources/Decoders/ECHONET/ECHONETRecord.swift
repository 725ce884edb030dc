/// One property of a frame and what its data says.
package struct ECHONETRecord: Hashable, Sendable {
  /// A number, or why there is none.
  package enum Amount: Hashable, Sendable, BitwiseCopyable {
    case number(FixedDecimal)
    case absent(Field.Absence)
  }

  /// What energy flowed in both directions up to one moment, in kWh.
  package struct Energies: Hashable, Sendable, BitwiseCopyable {
    /// Drawn from the grid.
    package var normal: Amount
    /// Fed into the grid.
    package var reverse: Amount
  }

  /// What the data says. Energies are in kWh.
  package enum Value: Hashable, Sendable {
    case absent(Field.Absence)
    case number(FixedDecimal)
    /// Currents of the phases R and T.
    case phases(r: Amount, t: Amount)
    /// An energy at a moment; the time is nil where the meter's clock is not set.
    case stamped(MeterTime?, Amount)
    /// Both energies at a moment.
    case stampedEnergies(MeterTime?, Energies)
    /// One direction on a day in the past, every half hour from 00:00.
    case day(Int, [Amount])
    /// Both directions, going back from a moment.
    case history(MeterTime?, stepMinutes: Int, [Energies])
    /// What a history is asked for: up to which moment, and how many values.
    case selection(MeterTime?, count: Int)
    /// A word of the table, a number of the maker's, a time or date.
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

  /// Which property it is.
  package var code: UInt8
  /// Its name in the table; `unknown` where it is in none.
  package var name: String
  /// Where its data stands in the frame.
  package var data: ByteRange
  /// The unit of its numbers.
  package var unit: Unit
  /// What its data says.
  package var value: Value
}
