import Testing

@testable import Decoders

/// A telegram made for these tests: values and numbers are invented, the forms are those of the standards.
struct P1Sample: Sendable, CustomTestStringConvertible {
  var name: String
  var bytes: [UInt8]
  var hasChecksum: Bool
  var testDescription: String { name }

  init(
    _ name: String, _ identification: String, _ lines: [String], checksum: Bool = true, blankLine: Bool = true,
    lineEnd: String = "\r\n", lastLineEnd: String? = nil
  ) {
    self.name = name
    hasChecksum = checksum
    let data = lines.joined(separator: lineEnd) + (lastLineEnd ?? lineEnd)
    let text = "/" + identification + lineEnd + (blankLine ? lineEnd : "") + data + "!"
    bytes = Array(text.utf8)
    // What the meter sent, whatever a gateway makes of its line ends.
    let sent = Array(text.replacing("\r\n", with: "\n").replacing("\n", with: "\r\n").utf8)
    bytes += Array(((checksum ? P1Sample.checksum(sent) : "") + lineEnd).utf8)
  }

  /// CRC-16/ARC bit by bit, so that the table of the program is held against another way to compute it.
  static func checksum(_ bytes: [UInt8]) -> String {
    var crc: UInt16 = 0
    for byte in bytes {
      crc ^= UInt16(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xA001 : crc >> 1 }
    }
    let digits = String(crc, radix: 16, uppercase: true)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }

  /// One telegram of these lines, decoded.
  static func telegram(
    _ lines: String..., identification: String = "XYZ5\\METER-1", utcOffset: Int16? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Telegram {
    let sample = P1Sample("", identification, lines)
    return try #require(telegrams(sample.bytes, utcOffset: utcOffset).first, sourceLocation: sourceLocation)
  }

  /// All telegrams of a stream.
  static func telegrams(_ bytes: [UInt8], utcOffset: Int16? = nil) throws -> [Telegram] {
    var decoder = P1Decoder(utcOffset: utcOffset)
    var telegrams: [Telegram] = []
    for frame in goodFrames(frames(P1Framer(), bytes)) { try decoder.decode(frame.span, into: &telegrams) }
    return telegrams
  }
}

extension Telegram {
  /// The fields of a reading as `name=value unit`, `name!reason` for those without a value.
  func fields(of reading: Int = 0) -> [String] {
    guard readings.indices.contains(reading) else { return ["no reading \(reading)"] }
    let reading = readings[reading]
    return reading.fields.map { field in
      let unit = field.unit == .none ? "" : " " + field.unit.symbol
      return switch field.value {
      case .number(let number): "\(reading.topicLevel(field))=\(number)\(unit)"
      case .time(let time): "\(reading.topicLevel(field))=\(time)"
      case .text(let range): "\(reading.topicLevel(field))=\(reading.string(range))"
      case .absent(let reason): "\(reading.topicLevel(field))!\(reason.name)"
      }
    }
  }
}

extension P1Sample {
  static let dutch2 = P1Sample(
    "Netherlands 2.2", "ISk5\\2MT382-1003",
    [
      "0-0:96.1.1(5A414243303030303132333435363738)", "1-0:1.8.1(01234.567*kWh)", "1-0:1.8.2(00987.001*kWh)",
      "1-0:2.8.1(00000.000*kWh)", "1-0:2.8.2(00000.010*kWh)", "0-0:96.14.0(0001)", "1-0:1.7.0(0000.54*kW)",
      "1-0:2.7.0(0000.00*kW)", "0-0:17.0.0(0999.00*kW)", "0-0:96.3.10(1)", "0-0:96.13.1()", "0-0:96.13.0()",
      "0-1:24.1.0(3)", "0-1:96.1.0(3131323233333434)",
      "0-1:24.3.0(110403140000)(000008)(60)(1)(0-1:24.2.1)(m3)", "(00437.631)", "0-1:24.4.0(1)",
    ], checksum: false)

  static let dutch5 = P1Sample(
    "Netherlands 5", "Ene5\\XT300 ESMR 5.0",
    [
      "1-3:0.2.8(50)", "0-0:1.0.0(231029025930S)", "0-0:96.1.1(4530303939303030303132333435363738)",
      "1-0:1.8.1(002222.345*kWh)", "1-0:1.8.2(001111.007*kWh)", "1-0:2.8.1(000000.000*kWh)",
      "1-0:2.8.2(000003.100*kWh)", "0-0:96.14.0(0002)", "1-0:1.7.0(00.234*kW)", "1-0:2.7.0(00.000*kW)",
      "0-0:96.7.21(00007)", "0-0:96.7.9(00002)",
      "1-0:99.97.0(2)(0-0:96.7.19)(230101010203W)(0000000240*s)(000101000001W)(2147483647*s)",
      "1-0:32.32.0(00002)", "1-0:52.32.0(00000)", "1-0:72.32.0(00011)", "1-0:32.36.0(00001)", "1-0:52.36.0(00000)",
      "1-0:72.36.0(00000)", "0-0:96.13.0(48656C6C6F2C20776F726C64)", "1-0:32.7.0(230.1*V)", "1-0:52.7.0(229.0*V)",
      "1-0:72.7.0(231.9*V)", "1-0:31.7.0(001*A)", "1-0:51.7.0(000*A)", "1-0:71.7.0(002*A)", "1-0:21.7.0(00.120*kW)",
      "1-0:41.7.0(00.014*kW)", "1-0:61.7.0(00.100*kW)", "1-0:22.7.0(00.000*kW)", "1-0:42.7.0(00.000*kW)",
      "1-0:62.7.0(00.000*kW)", "0-1:24.1.0(003)", "0-1:96.1.0(4730303939303030303837363534333231)",
      "0-1:24.2.1(231029025500S)(01234.056*m3)",
    ])

  static let belgian = P1Sample(
    "Belgium, e-MUCS", "FLU5\\253000001_A",
    [
      "0-0:96.1.4(50217)", "0-0:96.1.1(3153414739393939303030303031)",
      "0-0:96.1.2(353431343430303030303030303030303031)",
      "0-0:1.0.0(240105173002W)", "1-0:1.8.1(000345.001*kWh)", "1-0:1.8.2(000456.020*kWh)",
      "1-0:2.8.1(000010.300*kWh)", "1-0:2.8.2(000000.004*kWh)", "0-0:96.14.0(0001)", "1-0:1.4.0(01.250*kW)",
      "1-0:1.6.0(240103181500W)(04.567*kW)",
      "0-0:98.1.0(2)(1-0:1.6.0)(1-0:1.6.0)(231201000000W)(231110184500W)(03.695*kW)"
        + "(240101000000W)(632525252525W)(00.000*kW)",
      "1-0:1.7.0(00.678*kW)", "1-0:2.7.0(00.000*kW)", "1-0:32.7.0(233.3*V)", "1-0:31.7.0(002.97*A)", "0-0:96.3.10(1)",
      "0-0:17.0.0(999.9*kW)", "1-0:31.4.0(999*A)", "0-1:96.3.10(0)", "0-0:96.13.0()", "0-2:24.1.0(007)",
      "0-2:96.1.1(3853414739393939303030303032)", "0-2:24.2.1(240105172511W)(00872.234*m3)", "0-1:24.1.0(003)",
      "0-1:96.1.1(37464C4F39393939303030303033)", "0-1:24.4.0(1)", "0-1:24.2.3(240105172500W)(00112.384*m3)",
    ])

  static let swedish = P1Sample(
    "Sweden, the last line runs into the checksum", "ADN9 6534",
    [
      "0-0:1.0.0(230715120010W)", "1-0:1.8.0(00006678.394*kWh)", "1-0:2.8.0(00000000.000*kWh)",
      "1-0:3.8.0(00000021.988*kVArh)", "1-0:4.8.0(00001020.971*kVArh)", "1-0:1.7.0(0001.727*kW)",
      "1-0:4.7.0(0000.309*kVAr)", "1-0:21.7.0(0001.023*kW)", "1-0:24.7.0(0000.309*kVAr)", "1-0:32.7.0(240.3*V)",
      "1-0:31.7.0(004.2*A)", "1-0:71.7.0(0001.4*A)",
    ], lastLineEnd: "")

  static let german = P1Sample(
    "EasyMeter Q3D", "ESY5Q3DA9999 V9.99",
    [
      "1-0:0.0.0*255(0099900000001)", "1-0:1.8.0*255(00052185.7825309*kWh)", "1-0:21.7.0*255(-000458.90*W)",
      "1-0:1.7.0*255(000129.01*W)", "1-0:96.5.5*255(82)", "0-0:96.1.255*255(9ESY9990000001)",
    ], checksum: false)

  static let heatOnly = P1Sample(
    "heat only", "NWA-WARMTELINK",
    [
      "1-3:0.2.8(50)", "0-0:1.0.0(250301100000W)", "0-0:96.1.1(ADC3100000000001)", "0-1:24.1.0(004)",
      "0-1:96.1.0(621848012D2C0B0C)", "0-1:24.2.1(250301100000W)(012.500*GJ)",
    ])

  static let lithuanian = P1Sample(
    "Lithuania", "ESO5\\VMMmm",
    [
      "0-0:1.0.0(240714101855S)", "1-0:1.8.0(000360.152*kWh)", "1-0:32.24.0(233.9*V)", "1-0:31.4.0(012*A)",
      "1-0:12.7.0(235.6*V)", "1-0:91.7.0(003*A)", "1-0:15.7.0(00.024*kW)", "1-0:9.7.0(00.100*kVA)",
      "1-0:30.7.0(00.025*kVA)", "1-0:16.7.0(-00.024*kW)", "1-0:13.7.0(-1.000)", "1-0:13.3.0(0.120)",
      "1-0:0.8.2(00900*s)", "1-0:2.4.0(000000.024*kW)", "1-0:32.33.0(03042*s)", "1-1:0.2.0(FW12)",
    ])

  static let all = [dutch2, dutch5, belgian, swedish, german, heatOnly, lithuanian]
}
