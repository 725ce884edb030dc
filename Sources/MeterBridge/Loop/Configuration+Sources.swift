internal import Meters

extension Configuration {
  /// The meters, those of one source together, in the order of the file.
  var metersBySource: [[MeterSettings]] {
    var groups: [[MeterSettings]] = []
    for meter in meters {
      // Meters of several protocols may send to topics that one `+` stands for.
      let index = groups.firstIndex {
        $0[0].source == meter.source
          && (meter.source.topic == nil || $0[0].meterProtocol == meter.meterProtocol)
      }
      if let index {
        groups[index].append(meter)
      } else {
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
