import Decoders
import Foundation
import Publishing
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Platform

private func row(_ hour: Int64, _ value: String, device: String = "grid", rest: String? = nil) -> HourRow {
  let number = FixedDecimal(plain: value) ?? FixedDecimal(0)
  return HourRow(
    device: device, level: "energy_import", hour: hour, value: number, unit: .kilowattHour,
    at: WallTime(hour: hour + 1), before: number, rest: rest.flatMap { FixedDecimal(plain: $0) },
    isHeld: rest != nil)
}

@Suite("The file of the hours") struct HoursDatabaseTests {
  private let place: TemporaryFolder
  private let folder: Folder

  init() throws {
    place = try TemporaryFolder()
    folder = try Folder(making: place.path + "/state")
  }

  @Test("what is written is read, with its own digits and marks") func roundTrip() throws {
    var database = HoursDatabase(in: folder)
    #expect(try database.rows(since: 0).isEmpty)
    #expect(try database.newest(until: 200) == nil)
    let rows = [row(100, "112.10"), row(100, "1", device: "heat"), row(101, "0.2", rest: "900.60")]
    try database.write(rows, now: 102)
    #expect(try database.rows(since: 0) == rows)
    #expect(try database.rows(since: 101) == [rows[2]])
    #expect(try database.rows(since: 0, device: "heat") == [rows[1]])
    #expect(try database.newest(until: 101) == WallTime(hour: 102))
    #expect(try database.newest(until: 100) == WallTime(hour: 101))
    // Another process reads while this one has the file open.
    var other = HoursDatabase(in: folder)
    #expect(try other.rows(since: 0).count == 3)
  }

  @Test("an hour that is written again has its newest register") func again() throws {
    var database = HoursDatabase(in: folder)
    try database.write([row(100, "1")], now: 100)
    try database.write([row(100, "2")], now: 100)
    #expect(try database.rows(since: 0) == [row(100, "2")])
  }

  @Test("an exchange before a restart stays in its hour") func exchangeAndRestart() throws {
    var database = HoursDatabase(in: folder)
    try database.write([row(100, "0.2", rest: "900.6")], now: 100)
    try database.write([row(100, "0.3")], now: 100)
    let kept = try database.rows(since: 0)
    #expect(kept.map(\.rest) == [FixedDecimal(plain: "900.6")])
    #expect(kept.map(\.value) == [FixedDecimal(plain: "0.3")])
  }

  @Test("a clock that was once far ahead does not cost the hours that follow") func farAhead() throws {
    var database = HoursDatabase(in: folder)
    try database.write([row(900_000, "1")], now: 900_000)
    try database.write([row(100, "2")], now: 100)
    try database.write([row(101, "3")], now: 101)
    #expect(try database.rows(since: 0).map(\.hour) == [100, 101])
    // A replay fills hours of the past, and drops none.
    try database.fill([row(90, "1")])
    #expect(try database.rows(since: 0).map(\.hour) == [90, 100, 101])
  }

  @Test("a late telegram, or a clock that is not set yet, costs no hour of the others") func late() throws {
    var database = HoursDatabase(in: folder)
    try database.write([row(2000, "1"), row(2001, "2")], now: 2002)
    // It comes from the queue of a broker, with the time of its sender.
    try database.write([row(1100, "1", device: "heat")], now: 2002)
    try database.write([row(1900, "1", device: "heat")], now: 1901)
    #expect(try database.rows(since: 0).map(\.hour) == [1100, 1900, 2000, 2001])
    #expect(try database.newest(until: 1901) == WallTime(hour: 1901))
  }

  @Test("what is older than 40 days goes") func bounded() throws {
    var database = HoursDatabase(in: folder)
    try database.write([row(100, "1")], now: 100)
    try database.write([row(101, "2")], now: 101)
    try database.write([row(101 + Limits.ledgerHours, "3")], now: 101 + Limits.ledgerHours)
    #expect(try database.rows(since: 0).map(\.hour) == [101, 101 + Limits.ledgerHours])
  }

  @Test(
    "a damaged file is kept aside, and the hours begin anew",
    arguments: ["random", "half", "head alone", "head of random", "middle of random"])
  func damaged(how: String) throws {
    let path = URL(filePath: place.path + "/state/hours.sqlite")
    do {
      var database = HoursDatabase(in: folder)
      try database.write((0..<500).map { row(100 + $0, "112.10") }, now: 600)
    }
    var bytes = try Data(contentsOf: path)
    try #require(bytes.count > 4 * 4096)
    let random = Data((0..<bytes.count).map { _ in UInt8.random(in: 0 ... .max) })
    switch how {
    case "random": bytes = random
    case "half": bytes = bytes.prefix(bytes.count / 2)
    case "head alone": bytes = bytes.prefix(100)
    case "head of random": bytes = random.prefix(4096) + bytes.dropFirst(4096)
    default: bytes = bytes.prefix(4096) + random.dropFirst(4096)
    }
    try bytes.write(to: path)
    let said = Shared<[String]>([])
    var writer = HoursWriter(HoursDatabase(in: folder)) { _, text in said.change { $0.append(text) } }
    writer.take([row(700, "1")], at: WallTime(hour: 701))
    #expect(said.current.count == 1)
    #expect(said.current.first?.contains("hours.sqlite.damaged") == true)
    var database = HoursDatabase(in: folder)
    #expect(try database.rows(since: 0) == [row(700, "1")])
  }

  @Test("an empty file is a new one") func empty() throws {
    try Data().write(to: URL(filePath: place.path + "/state/hours.sqlite"))
    var database = HoursDatabase(in: folder)
    #expect(try database.newest(until: 200) == nil)
    var writer = HoursWriter(HoursDatabase(in: folder)) { _, text in Issue.record("\(text)") }
    writer.take([row(100, "1")], at: WallTime(hour: 101))
    #expect(try database.rows(since: 0) == [row(100, "1")])
  }

  @Test("hours that could not be written follow with the next ones") func waiting() throws {
    let said = Shared<[String]>([])
    var writer = HoursWriter(HoursDatabase(in: folder)) { _, text in said.change { $0.append(text) } }
    let path = place.path + "/state/hours.sqlite"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    writer.take([row(100, "1")], at: WallTime(hour: 101))
    writer.take([row(101, "2")], at: WallTime(hour: 102))
    #expect(said.current.count == 1)
    try FileManager.default.removeItem(atPath: path)
    writer.take([row(102, "3")], at: WallTime(hour: 103))
    var database = HoursDatabase(in: folder)
    #expect(try database.rows(since: 0).map(\.hour) == [100, 101, 102])
    #expect(said.current.last?.hasSuffix("again") == true)
  }
}
