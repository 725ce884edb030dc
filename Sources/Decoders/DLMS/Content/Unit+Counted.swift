extension Unit {
  /// The unit of a quantity in telegrams without units: watts, not kilowatts.
  var counted: Unit {
    switch self {
    case .kilowattHour: .wattHour
    case .kilovarHour: .varHour
    case .kilovoltAmpereHour: .voltAmpereHour
    default: self
    }
  }
}
