import Testing

@testable import Decoders

@Suite struct SMLDecoderTests {
  private typealias Builder = SMLBuilder

  private static func fields(_ entries: [UInt8]...) -> [String] {
    Builder.lines(Builder.file(Builder.values(entries)))
  }

  private static func power(_ value: [UInt8], _ code: UInt8 = 16, scaler: Int64 = 0) -> [UInt8] {
    Builder.entry([1, 0, code, 7, 0, 255], value, unit: 27, scaler: scaler)
  }

  // MARK: Numbers

  @Test("numbers of every width, with and without a sign", arguments: 1...8)
  func widths(_ width: Int) {
    #expect(Self.fields(Self.power(Builder.signed(-5, width))) == ["power: -5 W"])
    #expect(Self.fields(Self.power(Builder.number(5, width))) == ["power: 5 W"])
    let high = Int64(bitPattern: 0x80 << UInt64(8 * (width - 1)))
    let unsigned = width == 8 ? "absent out_of_range" : "\(high) W"
    #expect(Self.fields(Self.power(Builder.number(high, width))) == ["power: \(unsigned)"])
    #expect(Self.fields(Self.power(Builder.signed(high, width))) == ["power: \(width == 8 ? high : -high) W"])
  }

  @Test("a scaler moves the point, and one that no register has leaves the value out")
  func scalers() {
    #expect(Self.fields(Self.power(Builder.number(1230, 2), scaler: -4)) == ["power: 0.1230 W"])
    #expect(Self.fields(Self.power(Builder.number(12, 2), scaler: 3)) == ["power: 12000 W"])
    #expect(Self.fields(Self.power(Builder.number(12, 2), scaler: 127)) == ["power: absent out_of_range"])
    #expect(Self.fields(Self.power(Builder.number(12, 2), scaler: -128)) == ["power: absent out_of_range"])
  }

  @Test("lengths of two to four bytes")
  func longLengths() {
    // The same total: a list of 7 in two bytes, a code in three, a number in four.
    var entry: [UInt8] = [0xF0, 0x07, 0x80, 0x80, 0x09, 1, 0, 1, 8, 0, 255, 0x01, 0x01, 0x62, 30, 0x52, 0xFF]
    entry += [0xE0, 0x80, 0x80, 0x07, 0x01, 0xE2, 0x40, 0x01]
    #expect(Self.fields(entry) == ["energy_import: 12.3456 kWh"])
  }

  struct Lie: Sendable, CustomTestStringConvertible {
    var name: String
    var value: [UInt8]
    var code: String
    var testDescription: String { name }
  }

  private static let lies = [
    Lie(name: "a reserved type", value: [0x12, 0x00], code: "unexpected_element"),
    Lie(name: "a length below its own byte", value: [0x80, 0x01], code: "bad_length"),
    Lie(name: "five bytes of length", value: [0x80, 0x80, 0x80, 0x80, 0x05], code: "bad_length"),
    Lie(name: "a number without a byte", value: [0x61], code: "bad_length"),
    Lie(name: "a number of nine bytes", value: Builder.number(1, 9), code: "bad_length"),
    Lie(name: "octets beyond the file", value: [0x8F, 0x8A, 0x00, 0x01], code: "truncated"),
    Lie(name: "a list beyond the file", value: [0xFF, 0x8F, 0x8F, 0x0F], code: "truncated"),
    Lie(name: "lists in lists", value: [UInt8](repeating: 0x71, count: 200) + [0x01], code: "too_deep"),
  ]

  @Test("an element that lies costs its message, and nothing else", arguments: lies)
  private func lie(_ lie: Lie) {
    let bad = Builder.values([Self.power(lie.value)])
    let lines = Builder.lines(Builder.file(bad, Builder.values([Builder.total])))
    #expect(lines.first == "energy_import: 12.3456 kWh")
    #expect(lines.contains("issue: \(lie.code)"), "\(lines)")
    #expect(Builder.lines(Builder.file(bad)) == ["error: \(lie.code)"])
  }

  // MARK: Messages

  @Test("a wrong CRC of a message is an issue, because that of the file is right")
  func messageChecksum() {
    var message = Builder.values([Builder.total])
    message[message.count - 2] ^= 1
    #expect(
      Builder.lines(Builder.file(message)) == ["energy_import: 12.3456 kWh", "issue: checksum_mismatch"])
  }

  @Test("a CRC whose first byte is 00 may come in one byte")
  func shortChecksum() throws {
    // Some transaction has such a CRC.
    for first in UInt8.min...UInt8.max {
      for second in UInt8.min...UInt8.max {
        var message = Builder.values([Builder.total])
        (message[2], message[3]) = (first, second)
        let end = message.count - 4
        let checksum = Builder.Checksum.standard.of(Array(message[..<end]))
        guard checksum[0] == 0 else { continue }
        let short = message[..<end] + [0x62, checksum[1], 0x00]
        #expect(Builder.lines(Builder.file(Array(short))) == ["energy_import: 12.3456 kWh"])
        return
      }
    }
    Issue.record("no such CRC")
  }

  @Test("two lists of one meter are one telegram, those of two meters are two")
  func lists() {
    let power = Self.power(Builder.number(5, 1))
    let one = Builder.decoded(Builder.file(Builder.values([Builder.total]), Builder.values([power])))
    #expect(one.telegrams.map { $0.fieldLines() } == [["energy_import: 12.3456 kWh", "power: 5 W"]])
    let other = Builder.values([power], server: Array("07123456".utf8))
    let two = Builder.decoded(Builder.file(Builder.values([Builder.total]), other))
    #expect(two.telegrams.map { $0.fieldLines() } == [["energy_import: 12.3456 kWh"], ["power: 5 W"]])
    #expect(two.telegrams.map { $0.readings[0].meterNumber } == ["1ISK0070110822", "07123456"])
  }

  @Test("what the meter reports instead of values is said with its text")
  func attention() {
    let number: [UInt8] = [0x81, 0x81, 0xC7, 0xC7, 0xFE, 0x04]
    let body = Builder.list(
      Builder.octets(Builder.serverID), Builder.octets(number), Builder.octets(Array("no right".utf8)), Builder.absent)
    let attention = Builder.message(0xFF01, body)
    let alone = Builder.decoded(Builder.file(attention))
    #expect(alone.errors.map(\.description) == ["the meter reports attention 8181C7C7FE04: no right"])
    #expect(
      Builder.lines(Builder.file(attention, Builder.values([Builder.total])))
        == ["energy_import: 12.3456 kWh", "issue: attention"])
  }

  @Test("a file without a list is not a telegram")
  func noList() {
    #expect(
      Builder.lines(Builder.file(Builder.message(0x0401, Builder.list(Builder.absent)))) == ["error: unsupported"])
    #expect(Builder.lines(Builder.file([])) == ["error: unsupported"])
  }

  @Test("an unknown message is an issue and costs nothing; requests and parameters are no issue")
  func otherMessages() {
    func lines(_ tag: Int64) -> [String] {
      let other = Builder.message(tag, Builder.list(Builder.octets(Builder.serverID), Builder.absent))
      return Builder.lines(Builder.file(other, Builder.values([Builder.total])))
    }
    for tag: Int64 in [0x0100, 0x0200, 0x0301, 0x0401, 0x0501, 0x0601, 0x0700] {
      #expect(lines(tag) == ["energy_import: 12.3456 kWh"])
    }
    #expect(lines(0x0802) == ["energy_import: 12.3456 kWh", "issue: unsupported"])
  }

  @Test("a number that the header leaves out is that of the list, with its maker and the fault of that maker")
  func numberInTheList() {
    let dzg: [UInt8] = [0x0A, 0x01, 0x44, 0x5A, 0x47, 0x00, 0x02, 0x80, 0xDE, 0x80]
    let total = Builder.entry(
      [1, 0, 1, 8, 0, 255], Builder.number(1, 1), unit: 30, scaler: 0, status: Builder.number(0x1C_0104, 3))
    let number = Builder.entry([1, 0, 96, 1, 0, 255], Builder.octets(dzg))
    let entries = [number, total, Self.power([0x53, 0x8B, 0x28], scaler: -2)]
    let decoded = Builder.decoded(Builder.file(Builder.values(entries, server: [])))
    #expect(decoded.telegrams.first?.readings[0].meterNumber == "1DZG0042000000")
    #expect(decoded.telegrams.first?.readings[0].meter.manufacturer == MeterIdentity.manufacturer(0x44, 0x5A, 0x47))
    #expect(decoded.telegrams.first?.fieldLines().contains("power: 356.24 W") == true)
  }

  @Test("signatures of a value and of the list are kept")
  func signatures() throws {
    var entry = Builder.total
    entry.replaceSubrange(entry.count - 1..<entry.count, with: Builder.octets([UInt8](repeating: 0xAB, count: 48)))
    let body = Builder.list(
      Builder.absent, Builder.octets(Builder.serverID), Builder.absent, Builder.absent,
      Builder.list(entry, Builder.total), Builder.octets([0xCD, 0xEF]), Builder.absent)
    let telegram = try #require(Builder.decoded(Builder.file(Builder.message(0x0701, body))).telegrams.first)
    let content = try #require(telegram.content as? SMLContent)
    #expect(content.records.map { content.signature(of: $0) } == [String(repeating: "AB", count: 48), nil])
    #expect(content.signature == "CDEF")
  }

  @Test("a wrong number of fill bytes is an issue")
  func fill() {
    let values = Builder.values([Builder.total])
    let usual = (4 - values.count % 4) % 4
    for fill in 0...3 where fill != usual {
      #expect(
        Builder.lines(Builder.file(values, fill: UInt8(fill))) == ["energy_import: 12.3456 kWh", "issue: bad_length"])
    }
  }

  // MARK: Times

  struct Time: Sendable, CustomTestStringConvertible {
    var name: String
    var bytes: [UInt8]
    var shown: SMLTime?
    var testDescription: String { name }
  }

  private static var times: [Time] {
    let index = Builder.number(1000, 4)
    func clock(_ offset: Int16) -> SMLTime? {
      MeterTime(secondsSince1970: 1000, offset: offset).map { .clock($0) }
    }
    return [
      Time(name: "left out", bytes: [0x01], shown: nil),
      Time(name: "bare", bytes: index, shown: .secondsIndex(1000)),
      Time(name: "choice 1", bytes: Builder.list(Builder.number(1, 1), index), shown: .secondsIndex(1000)),
      Time(
        name: "choice 1 in three bytes", bytes: Builder.list([0x62, 1], [0x64, 0, 3, 0xE8]), shown: .secondsIndex(1000)),
      Time(name: "choice 1 of 0", bytes: [0x72, 0x62, 0x01, 0x62, 0x00], shown: nil),
      Time(name: "choice 2", bytes: Builder.list(Builder.number(2, 1), index), shown: clock(0)),
      Time(
        name: "choice 3",
        bytes: Builder.list([0x62, 3], Builder.list(index, Builder.signed(-210, 2), Builder.signed(0, 1))),
        shown: clock(-210)),
      Time(
        name: "choice 2 with a list",
        bytes: Builder.list([0x62, 2], Builder.list(index, Builder.signed(60, 2), Builder.signed(60, 2))),
        shown: clock(120)),
      Time(
        name: "choice 1 with a list",
        bytes: Builder.list([0x62, 1], Builder.list(index, Builder.signed(60, 2), Builder.signed(0, 2))),
        shown: clock(60)),
    ]
  }

  @Test("a time is the seconds of a meter, or that of a clock", arguments: times)
  private func time(_ time: Time) throws {
    let decoded = Builder.decoded(Builder.file(Builder.values([Builder.total], time: time.bytes)))
    let telegram = try #require(decoded.telegrams.first, "\(decoded.errors)")
    #expect((telegram.content as? SMLContent)?.header.time == time.shown)
    #expect(telegram.readings[0].time == time.shown?.clock)
  }

  @Test(
    "a time that cannot be is an issue, and costs no value",
    arguments: [
      [0x72, 0x62, 0x04, 0x62, 0x05], [0x72, 0x62, 0x03, 0x73, 0x62, 0x05, 0x53, 0x27, 0x0F, 0x52, 0x00], [0x52, 0x01],
    ])
  func badTime(_ time: [UInt8]) {
    let inHeader = Builder.lines(Builder.file(Builder.values([Builder.total], time: time)))
    let entry = Builder.entry([1, 0, 1, 8, 0, 255], Builder.number(123_456, 4), unit: 30, scaler: -1, time: time)
    let inEntry = Builder.lines(Builder.file(Builder.values([entry])))
    for lines in [inHeader, inEntry] {
      #expect(lines.first == "energy_import: 12.3456 kWh" && lines.count == 2)
      #expect(lines.last == "issue: bad_time" || lines.last == "issue: unexpected_element")
    }
  }

  @Test("seconds since 1970 are the days of the calendar")
  func calendar() {
    func text(_ seconds: UInt64, _ offset: Int16 = 0) -> String? {
      MeterTime(secondsSince1970: seconds, offset: offset)?.description
    }
    #expect(text(0) == "1970-01-01T00:00:00+00:00")
    #expect(text(951_782_400) == "2000-02-29T00:00:00+00:00")
    #expect(text(951_868_799, 60) == "2000-03-01T00:59:59+01:00")
    #expect(text(4_294_967_295) == "2106-02-07T06:28:15+00:00")
    #expect(text(0, -60) == "1969-12-31T23:00:00-01:00")
    #expect(text(1 << 40) == nil)
  }

  // MARK: The sign of the power

  @Test("a DZG fault is undone only where the direction, the type and the width say so")
  func signFault() {
    let dzg: [UInt8] = [0x0A, 0x01, 0x44, 0x5A, 0x47, 0x00, 0x02, 0x80, 0xDE, 0x80]
    func power(_ value: [UInt8], status: Int64, server: [UInt8] = dzg) -> String? {
      let total = Builder.entry(
        [1, 0, 1, 8, 0, 255], Builder.number(1, 1), unit: 30, scaler: 0, status: Builder.number(status, 4))
      let file = Builder.file(Builder.values([total, Self.power(value, scaler: -2)], server: server))
      return Builder.lines(file).first { $0.hasPrefix("power:") }
    }
    let faulty: [UInt8] = [0x53, 0x8B, 0x28]
    #expect(power(faulty, status: 0x1C_0104) == "power: 356.24 W")
    #expect(power([0x52, 0xFF], status: 0x1C_0104) == "power: 2.55 W")
    #expect(power([0x54, 0xFF, 0xFF, 0xFF], status: 0x1C_0104) == "power: 167772.15 W")
    #expect(power([0x55, 0xFF, 0xFF, 0xFF, 0xFF], status: 0x1C_0104) == "power: -0.01 W")
    #expect(power(faulty, status: 0x1C_0904) == "power: -299.12 W")
    #expect(power(faulty, status: 0x1C_0182) == "power: -299.12 W")
    #expect(power(faulty, status: 0x1C_0104, server: Builder.serverID) == "power: -299.12 W")
    #expect(power([0x63, 0x8B, 0x28], status: 0x1C_0904) == "power: -356.24 W")
  }

  @Test("a power without a sign is import where the meter never counted export")
  func absolutePower() throws {
    let absolute = Builder.file(Builder.values([Self.power(Builder.number(70, 1), 15)]))
    let export = Builder.file(
      Builder.values([Builder.entry([1, 0, 2, 8, 0, 255], Builder.number(1, 1), unit: 30, scaler: 0)]))
    let decoded = Builder.decoded(absolute + export + absolute)
    #expect(
      decoded.telegrams.map { $0.fieldLines() }
        == [["power: 70 W"], ["energy_export: 0.001 kWh"], ["power: absent direction_unknown"]])
    // The status word may be a record of its own.
    for status in [Builder.number(0x1A2, 2), Builder.octets([0x01, 0xA2])] {
      for medium: UInt8 in [0, 1] {
        let word = Builder.entry([medium, 0, 96, 5, 0, 255], status)
        #expect(Self.fields(word, Self.power(Builder.number(70, 1), 15)).contains("power: -70 W"))
      }
    }
    // Or that of the power.
    let own = Builder.entry(
      [1, 0, 16, 7, 0, 255], Builder.number(70, 1), unit: 27, scaler: 0, status: Builder.number(0x1C_0904, 3))
    #expect(Self.fields(own) == ["power: -70 W", "status: ok", "error_flags: 1C0904"])
    // What is no register has none.
    let number = Builder.entry([1, 0, 96, 1, 0, 255], Builder.octets([1, 2]), status: Builder.number(0x1C_0904, 3))
    #expect(Self.fields(number, Self.power(Builder.number(70, 1), 15)) == ["power: 70 W"])
    #expect(
      Self.fields(Self.power(Builder.number(70, 1), 15), Self.power(Builder.number(60, 1)))
        == ["obis_1_0_15_7_0: 70 W", "power: 60 W"])
  }

  @Test("the faults of an mME are its status")
  func status() {
    let total = Builder.entry(
      [1, 0, 1, 8, 0, 255], Builder.number(1, 1), unit: 30, scaler: 0, status: Builder.number(0x2_0604, 3))
    #expect(
      Self.fields(total) == ["energy_import: 0.001 kWh", "status: magnet+cover+fatal_error", "error_flags: 020604"])
  }
}
