@testable import Decoders

/// Builds frames of a smart meter, where a test needs one that no sample is.
enum ECHONETBuilder {
  typealias Property = (code: UInt8, data: [UInt8])

  static func frame(
    _ service: ECHONETService, _ properties: [Property], transaction: UInt16 = 1,
    from source: ECHONETObject = .meter, count: UInt8? = nil
  ) -> [UInt8] {
    var frame: [UInt8] = [0x10, 0x81, UInt8(transaction >> 8), UInt8(transaction & 255)]
    frame += source.bytes + ECHONETObject.controller.bytes
    frame += [service.rawValue, count ?? UInt8(properties.count)]
    for property in properties { frame += [property.code, UInt8(property.data.count)] + property.data }
    return frame
  }

  static func frame(_ code: UInt8, _ data: [UInt8]) -> [UInt8] { frame(.getResponse, [(code, data)]) }

  static func big(_ number: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) } }

  /// 2025-03-31 hh:mm:00 in Japan.
  static func stamp(_ hour: UInt8, _ minute: UInt8, second: [UInt8] = [0]) -> [UInt8] {
    [0x07, 0xE9, 3, 31, hour, minute] + second
  }

  /// The line of a dongle up to the data; `middle` is what stands before the count, as the dialects have it.
  static func datagram(_ middle: String, port: String = "0E1A", _ data: [UInt8]) -> String {
    let address = "FE80:0000:0000:0000:0200:5EFF:FE00:5301"
    let count = Hexadecimal.text([UInt8(data.count >> 8), UInt8(data.count & 255)])
    return "ERXUDP \(address) \(address) \(port) \(port) 02005EFFFE005301 \(middle)\(count) "
  }

  static func telegram(
    _ frame: [UInt8], _ decoder: inout ECHONETDecoder
  ) throws(DecodeError) -> Telegram? {
    var telegrams: [Telegram] = []
    try decoder.decode(frame.span, into: &telegrams)
    return telegrams.first
  }

  /// By a decoder that knows unit 0.1 kWh and coefficient 1.
  static func telegram(_ frame: [UInt8]) throws(DecodeError) -> Telegram? {
    var decoder = ECHONETDecoder(energyUnit: 1, coefficient: 1)
    return try telegram(frame, &decoder)
  }
}

extension Telegram {
  /// Its records, where it is one of ECHONET Lite.
  var echonetRecords: [ECHONETRecord] { (content as? ECHONETContent)?.records ?? [] }
}
