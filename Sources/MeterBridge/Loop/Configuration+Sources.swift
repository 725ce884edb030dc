internal import Meters

extension Configuration {
  /// The meters, those of one source together, in the order of the file.
  var metersBySource: [[MeterSettings]] {
    var groups: [[MeterSettings]] = []
    for meter in meters {
      if let index = groups.firstIndex(where: { $0[0].source == meter.source }) {
        groups[index].append(meter)
      } else {
        groups.append([meter])
      }
    }
    return groups
  }
}
