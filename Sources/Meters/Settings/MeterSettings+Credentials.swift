extension MeterSettings {
  /// Nil unless both the id and the password are configured.
  package var credentials: SKSTACKCredentials? {
    guard let bRouteIdentifier, let password else { return nil }
    return SKSTACKCredentials(identifier: bRouteIdentifier, password: password)
  }

  /// The bytes that a dead letter may show. A telegram on the B-route may hold the secret id.
  func shown(_ telegram: [UInt8]) -> [UInt8] { credentials?.conceal(telegram) ?? telegram }
}
