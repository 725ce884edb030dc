extension MeterSettings {
  /// Nil unless both are configured.
  package var credentials: SKSTACKCredentials? {
    guard let bRouteIdentifier, let password else { return nil }
    return SKSTACKCredentials(identifier: bRouteIdentifier, password: password)
  }

  /// The telegram as a dead letter may show it. A meter on the B-route may tell its id.
  func shown(_ telegram: [UInt8]) -> [UInt8] { credentials?.conceal(telegram) ?? telegram }
}
