internal import Decoders

extension HostZone {
  /// A reading whose times all have an offset: that of the configuration, else by the protocol's convention.
  func resolve(_ reading: Reading, _ settings: MeterSettings) -> Reading {
    func resolved(_ time: MeterTime) -> MeterTime {
      var time = time
      if time.offset == nil, time.precision != .day { time.offset = settings.utcOffset }
      return resolve(time, settings.meterProtocol.convention)
    }
    var reading = reading
    reading.time = reading.time.map(resolved)
    for index in reading.fields.indices {
      if case .time(let time) = reading.fields[index].value { reading.fields[index].value = .time(resolved(time)) }
    }
    return reading
  }
}
