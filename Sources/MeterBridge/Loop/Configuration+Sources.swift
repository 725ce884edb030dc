internal import Meters

extension Configuration {
  /// The meters, those of one source together, in the order of the file.
  var metersBySource: [[MeterSettings]] {
    var groups: [[MeterSettings]] = []
    var places: [SourceAddress: Int] = [:]
    for meter in meters {
      if let place = places[meter.source] {
        groups[place].append(meter)
      } else {
        places[meter.source] = groups.count
        groups.append([meter])
      }
    }
    return groups
  }
}
