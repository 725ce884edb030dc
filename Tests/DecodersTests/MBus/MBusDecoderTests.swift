import Testing

@testable import Decoders

private func error(_ frame: [UInt8]) -> DecodeError? {
  guard case .failure(let error) = MBusBuilder.decoded(frame) else { return nil }
  return error
}

private func records(_ telegram: Telegram) -> [MBusRecord] {
  let records = (telegram.content as? MBusContent)?.records ?? []
  return records
}

@Suite struct MBusDecoderTests {
  @Test("an application error of the meter is an error") func applicationError() {
    func report(_ data: [UInt8]) -> [UInt8] {
      MBusFrame.long(control: 0x08, address: 1, information: 0x70, data: data).bytes
    }
    #expect(error(report([0x08])) == DecodeError(.applicationError, at: 7, found: 8))
    #expect(error(report([])) == DecodeError(.applicationError, at: 7, found: 0))
  }

  @Test("a frame that is not an answer is refused") func requests() {
    #expect(error([0x10, 0x5B, 0x01, 0x5C, 0x16]) == DecodeError(.notAnAnswer, at: 1, found: 0x5B))
    let select = MBusFrame.long(
      control: 0x53, address: 0xFD, information: 0x52, data: [UInt8](repeating: 0xFF, count: 8))
    #expect(error(select.bytes) == DecodeError(.notAnAnswer, at: 4, found: 0x53))
    #expect(error([0xE5]) == DecodeError(.unsupported, at: 0, found: 0xE5))
    let other = MBusFrame.long(control: 0x08, address: 1, information: 0x79, data: [0x2F])
    #expect(error(other.bytes) == DecodeError(.unsupported, at: 6, found: 0x79))
  }

  @Test("a header of the wrong size is an error") func headerSize() {
    let short = MBusFrame.long(control: 0x08, address: 1, information: 0x72, data: [1, 2, 3]).bytes
    #expect(error(short) == DecodeError(.truncated, at: 10, expected: 12, found: 3))
    let status = MBusFrame.long(control: 0x08, address: 1, information: 0x7A, data: [1, 2, 3]).bytes
    #expect(error(status) == DecodeError(.truncated, at: 10, expected: 4, found: 3))
    let fixed = MBusFrame.long(control: 0x08, address: 1, information: 0x73, data: [UInt8](repeating: 0, count: 15))
      .bytes
    #expect(error(fixed) == DecodeError(.lengthMismatch, at: 7, expected: 16, found: 15))
  }

  @Test("cipher text is not read as records") func cipherText() throws {
    let plain: [UInt8] = [0x04, 0x13, 0x01, 0x00, 0x00, 0x00]
    #expect(
      try MBusBuilder.decoded(MBusBuilder.answer([0x2F, 0x2F] + plain, configuration: 0x0510)).get().issues.isEmpty)
    #expect(try MBusBuilder.decoded(MBusBuilder.answer(plain, configuration: 0x0510)).get().issues.isEmpty)
    let cipher: [UInt8] = [
      0x9C, 0x41, 0xEE, 0x07, 0x33, 0xA0, 0x5B, 0xD2, 0x68, 0x11, 0xC7, 0x3E, 0x90, 0x0A, 0xF5, 0x64,
    ]
    #expect(error(MBusBuilder.answer(cipher, configuration: 0x0510))?.code == .encrypted)
  }

  @Test("a telegram keeps its records beside the reading") func keepsRecords() throws {
    let telegram = try MBusBuilder.decoded(MBusBuilder.answer([0x42, 0xEC, 0x7E, 0x7C, 0x19, 0x1F, 0xAA, 0xBB])).get()
    let all = records(telegram)
    try #require(all.count == 2)
    #expect(all[0].quantity == .date)
    #expect(all[0].value == MeterTime(year: 2011, month: 9, day: 28, precision: .day).map { .time($0) })
    #expect(all[0].storage == 1)
    #expect(all[1].kind == .moreRecordsFollow)
    #expect(telegram.bytes[all[1].data.indices] == [0xAA, 0xBB])
    #expect(telegram.moreRecordsFollow)
  }

  @Test("ten extensions of a data information block are read") func tenExtensions() throws {
    let dib: [UInt8] = [0xC4] + [UInt8](repeating: 0xFF, count: 9) + [0x7F]
    let record = try #require(records(MBusBuilder.decoded(MBusBuilder.answer(dib + [0x13, 1, 0, 0, 0])).get()).first)
    #expect(record.storage == (1 << 41) - 1)
    #expect(record.tariff == (1 << 20) - 1)
    #expect(record.subunit == 1023)
  }

  @Test("a moment behind a temperature is a moment") func moments() throws {
    let record = try #require(
      records(MBusBuilder.decoded(MBusBuilder.answer([0x94, 0x10, 0xDA, 0x6F, 0x32, 0x14, 0x7A, 0x18])).get()).first)
    #expect(record.quantity == .dateTime)
    #expect(
      record.value
        == MeterTime(year: 2011, month: 8, day: 26, hour: 20, minute: 50, precision: .minute).map { .time($0) })
    let duration = try #require(records(MBusBuilder.decoded(MBusBuilder.answer([0x01, 0xBE, 0x50, 0x07])).get()).first)
    #expect(duration.unit == .second)
    #expect(duration.value == .number(FixedDecimal(7)))
  }

  /// An empty text would take away what is retained.
  @Test(
    "flags without data are absent",
    arguments: [[0x0D, 0xFD, 0x17, 0x00], [0x0D, 0xFD, 0x17, 0x01, 0x20]] as [[UInt8]])
  func emptyFlags(record: [UInt8]) throws {
    let reading = try #require(MBusBuilder.decoded(MBusBuilder.answer(record)).get().readings.first)
    #expect(reading.fields.last?.key == FieldKey(.errorFlags))
    #expect(reading.fields.last?.value == .absent(.noData))
  }

  @Test("a reserved block ends the telegram and is an issue") func reservedBlock() throws {
    let telegram = try MBusBuilder.decoded(MBusBuilder.answer([0x01, 0x13, 0x05, 0x3F, 0x01, 0x13, 0x06])).get()
    #expect(records(telegram).count == 1)
    #expect(telegram.issues == [DecodeError(.badRecord, at: 22, found: 0x3F)])
  }

  @Test("decimal digits of every length are read, and a letter among them is no digit", arguments: [1, 2, 3, 4, 6])
  func decimalDigits(_ count: Int) throws {
    func value(_ digits: [UInt8]) throws -> MBusRecord.Value? {
      let bytes = stride(from: 2 * count - 2, through: 0, by: -2).map { digits[$0] << 4 | digits[$0 + 1] }
      let dif: UInt8 = count == 6 ? 0x0E : UInt8(8 + count)
      return records(try MBusBuilder.decoded(MBusBuilder.answer([dif, 0x13] + bytes)).get()).first?.value
    }
    for first in 0...9 as ClosedRange<UInt8> {
      let digits = (0..<2 * count).map { (first + UInt8(7 * $0)) % 10 }
      let number = digits.reduce(Int64(0)) { $0 * 10 + Int64($1) }
      #expect(try value(digits) == .number(FixedDecimal(number, exponent: -3)))
      var negative = digits
      negative[0] = 15
      #expect(try value(negative) == .number(FixedDecimal(Int64(first) * power(2 * count - 1) - number, exponent: -3)))
      for place in digits.indices {
        var wrong = digits
        wrong[place] = 10 + first % 5
        #expect(try value(wrong) == .absent(.invalidDigits))
      }
    }
  }

  @Test("the content of a telegram needs no memory of its own") func size() {
    #expect(MemoryLayout<MBusContent>.size <= 3 * MemoryLayout<Int>.size)
  }
}

private func power(_ count: Int) -> Int64 { (0..<count).reduce(1) { power, _ in power * 10 } }
