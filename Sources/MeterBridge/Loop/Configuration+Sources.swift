internal import Meters

extension Configuration {
  /// The meters, those of one source together, in the order of the file.
  var metersBySource: [[MeterSettings]] {
    var groups: [[MeterSettings]] = []
    var places: [SourceGroup: Int] = [:]
    for meter in meters {
      let group = SourceGroup(meter)
      if let place = places[group] {
        groups[place].append(meter)
      } else {
        places[group] = groups.count
        groups.append([meter])
      }
    }
    return groups
  }

  /// The topics that telegrams come on, in the order of the file.
  var topics: [String] {
    var topics: [String] = []
    for topic in meters.compactMap(\.source.topic?.text) where !topics.contains(topic) { topics.append(topic) }
    return topics
  }
}

/// What the meters of one port have in common: the source. Behind one `+` of a topic may be meters of several protocols.
struct SourceGroup: Hashable {
  private let source: SourceAddress
  private let protocolName: String?

  init(_ meter: MeterSettings) {
    source = meter.source
    protocolName = meter.source.topic == nil ? nil : meter.meterProtocol.name
  }
}
