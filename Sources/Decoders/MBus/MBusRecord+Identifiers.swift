extension MBusRecord {
  /// A number that names something: its digits are a text, and it is never a measurement.
  package var isIdentifier: Bool {
    switch quantity {
    case .fabricationNumber, .enhancedIdentification, .customerLocation, .customer: true
    default: false
    }
  }

  /// What opens the meter: it is a record, and never a topic.
  var isSecret: Bool {
    switch quantity {
    case .password, .securityKey, .accessCodeUser, .accessCodeOperator, .accessCodeSystemOperator, .accessCodeDeveloper:
      true
    default: false
    }
  }
}
