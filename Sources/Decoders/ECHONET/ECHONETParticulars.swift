/// Data that a meter sends once about itself, for all its later readings.
struct ECHONETParticulars: Sendable {
  private var serial: String?
  private var maker: String?
  private var release: String?
  private var isOn: Bool?
  private var isFaulty: Bool?

  /// Notes the data of the records.
  ///
  /// - Parameter records: All of one frame.
  /// - Returns: Whether the serial number has changed: it is another meter.
  mutating func observe(_ records: [ECHONETRecord]) -> Bool {
    let before = serial
    for record in records {
      guard case .text(let text) = record.value else { continue }
      switch record.code {
      case 0x80: isOn = text == "on"
      case 0x82: release = text
      case 0x88: isFaulty = text == "fault"
      case 0x8A: maker = text
      case 0x8D: serial = text
      default: continue
      }
    }
    return before != nil && before != serial
  }

  /// A reading of this meter, still without fields.
  var reading: Reading {
    var reading = Reading(meter: MeterIdentity(medium: .electricity))
    if let serial { reading.meter.number = .text(reading.keep(serial.utf8)) }
    if let maker { reading.meter.maker = reading.keep(maker.utf8) }
    // The revision behind the release does not concern the meter.
    if let letter = release?.first { reading.meter.model = .text(reading.keep("Smart meter, release \(letter)".utf8)) }
    return reading
  }

  /// `ok`, or the faults joined by `+`; nil while unknown.
  var status: String? {
    let flags = [isOn == false ? "off" : nil, isFaulty == true ? "fault" : nil].compactMap(\.self)
    if !flags.isEmpty { return flags.joined(separator: "+") }
    return isFaulty == nil ? nil : "ok"
  }
}
