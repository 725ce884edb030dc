extension Obis {
  /// The last level of the topic of the meter's own value; nil for a code without a name of its own, and behind a channel.
  package var fieldLevel: String? {
    guard a == 1 || a == 0 && b == 0 else { return nil }
    let key: FieldKey? =
      switch ObisMeaning.of(self, isLithuanian: false) {
      case .quantity(let key, _), .plain(let key): key
      case .tariff: FieldKey(.tariff)
      case .powerLimit: FieldKey(.powerLimit)
      case .currentLimit(let phase): FieldKey(.currentLimit, phase: phase)
      case .breaker: FieldKey(.breaker)
      case .message: FieldKey(.message)
      case .text, .record, .unknown: nil
      }
    return key?.topicLevel([])
  }
}
