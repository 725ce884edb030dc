extension Unit {
  /// The unit in which DLMS meters count a quantity where the telegram does not say: watts, not kilowatts.
  var counted: Unit {
    switch self {
    case .kilowattHour: .wattHour
    case .kilovarHour: .varHour
    case .kilovoltAmpereHour: .voltAmpereHour
    default: self
    }
  }
}
