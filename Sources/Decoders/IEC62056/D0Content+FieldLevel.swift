extension D0Content {
  /// The last level of the topic of a set's value; nil without a name of its own.
  package func fieldLevel(_ record: D0Record) -> String? {
    switch record.obis.a {
    case 6: D0Heat.of(record.obis)?.key.topicLevel([])
    case 0, 1: record.obis.fieldLevel
    default: nil
    }
  }
}
