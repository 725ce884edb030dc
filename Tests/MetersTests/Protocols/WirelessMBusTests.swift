import Testing
import TestSupport

@testable import Base
@testable import Decoders
@testable import Meters

private let key = "5A17C3E02B94D86F01A2735EB9C4480D"

private func decoder(key: String? = key) throws -> any MeterDecoder {
  var settings = MeterSettings(id: "x", meterProtocol: .wmbus, source: .standardInput, sourceText: "-")
  settings.key = try key.map { try MeterKey($0) }
  return ProtocolDescription.wmbus.decoder(settings)
}

@Suite struct WirelessMBusTests {
  @Test("libcrypto opens each kind of telegram, one after the other with the same decoder")
  func ciphers() throws {
    var decoder = try decoder()
    var telegrams: [Telegram] = []
    for name in ["mode5", "mode7", "session", "session-compact", "mode5-long-header", "apator-na1", "mode5"] {
      let bytes = try sampleBytes("wmbus/\(name)")
      try decoder.decode(bytes.span, into: &telegrams)
    }
    let values = telegrams.map { telegram in
      let reading = telegram.readings[0]
      let field = reading.fields.first { [.volume, .energyImport].contains($0.key.name) }
      if case .number(let number)? = field?.value { return number.description }
      return "none"
    }
    #expect(values == ["12.345", "1234.567", "45.678", "45.680", "12.345", "345.312", "12.345"])
  }

  @Test("the header of a telegram has its layers and its security")
  func header() throws {
    var decoder = try decoder()
    var headers: [String] = []
    for name in ["mode7", "session"] {
      var telegrams: [Telegram] = []
      let bytes = try sampleBytes("wmbus/\(name)")
      try decoder.decode(bytes.span, into: &telegrams)
      telegrams[0].signalStrength = name == "session" ? FixedDecimal(-71) : nil
      var json = JSONText()
      ProtocolDescription.wmbus.writeHeader(telegrams[0], &json)
      headers.append(json.text)
    }
    #expect(
      headers == [
        #"{"manufacturer":"ESY","id":"70445566","version":48,"medium":"electricity","access_no":85,"status":0,"#
          + #""ci":"8C/90/7A","mode":7,"security":"aes_cbc_kdf"}"#,
        #"{"manufacturer":"KAM","id":"70778899","version":27,"medium":"cold_water","access_no":87,"status":null,"#
          + #""ci":"8D/78","security":"ell_aes_ctr","rssi":-71}"#,
      ])
  }

  @Test("the parts of a telegram are its layers and its records, deciphered")
  func parts() throws {
    var decoder = try decoder()
    var telegrams: [Telegram] = []
    let bytes = try sampleBytes("wmbus/mode5")
    try decoder.decode(bytes.span, into: &telegrams)
    let parts = TelegramPart.all(of: telegrams[0])
    #expect(parts.map(\.offset) == [0, 17, 23, 29, 47])
    #expect(parts[0].meaning.hasSuffix("AQU, version 33, water, access 83, status 0, layers 7A"))
    #expect(parts[1].bytes == "0C 13 45 23 01 00")
    #expect(parts[1].meaning == "volume: 12.345 m3")
  }

  @Test("telegrams are recognised as bytes, and as lines of a receiver")
  func recognition() throws {
    let bytes = try sampleBytes("wmbus/plain")
    #expect(ProtocolDescription.recognise(bytes.span) == .wmbus)
    let line = Array("T1;1;1;2026-01-02 03:04:05.000;97;148;70112233;0x\(Hexadecimal.text(bytes))\n".utf8)
    #expect(ProtocolDescription.recognise(line.span) == .wmbus)
    let water = try sampleBytes("mbus/water")
    #expect(ProtocolDescription.recognise(water.span) == .mbus)
  }
}
