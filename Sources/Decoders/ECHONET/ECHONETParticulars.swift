/// What a meter says of itself once, and what every later reading of it needs.
struct ECHONETParticulars: Sendable {
  private var serial: String?
  private var maker: String?
  private var release: String?
  private var isOn: Bool?
  private var isFaulty: Bool?

  /// Takes what the records say.
  ///
  /// - Parameter records: All of one frame.
  /// - Returns: Whether the serial number is another than before: another meter.
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

  /// A reading of this meter without any field yet.
  var reading: Reading {
    var reading = Reading(meter: MeterIdentity(medium: .electricity))
    if let serial { reading.meter.number = .text(reading.keep(serial.utf8)) }
    if let maker { reading.meter.maker = reading.keep(maker.utf8) }
    // The revision behind the release says nothing about the meter.
    if let letter = release?.first { reading.meter.model = .text(reading.keep("Smart meter, release \(letter)".utf8)) }
    return reading
  }

  /// `ok`, or what is the matter, joined by `+`; nil while nothing is known.
  var status: String? {
    let flags = [isOn == false ? "off" : nil, isFaulty == true ? "fault" : nil].compactMap(\.self)
    if !flags.isEmpty { return flags.joined(separator: "+") }
    return isFaulty == nil ? nil : "ok"
  }
}
