import Decoders
import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform
@testable import Publishing

private func opened(_ folder: TemporaryFolder) throws -> StateFile {
  var file = StateFile(in: folder.files)
  #expect(try file.read() == nil)
  return file
}

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

@Test("sections read back as they were")
func roundTripOfStateFile() throws {
  let folder = try TemporaryFolder()
  var file = try opened(folder)
  #expect(file.section("retained") == nil)
  let retained = bytes(#"{"grid":["power","a \" } ] , b",{"x":[1.10,null]}]}"#)
  file.set("retained", to: retained)
  file.set("profiles", to: bytes("[]"))
  file.set("number", to: bytes("12"))
  try file.write()
  #expect(try folder.names() == ["state.json"])
  #expect(try folder.mode("state.json") == 0o600)
  var again = try opened(folder)
  #expect(again.section("retained") == retained)
  #expect(again.section("profiles") == bytes("[]"))
  #expect(again.section("number") == bytes("12"))
  _ = try yamlEvents(folder.bytes("state.json"))
  // A section that nobody knows survives the others' changes.
  again.set("profiles", to: bytes(#"{"heat":"multical303"}"#))
  try again.write()
  #expect(try opened(folder).section("number") == bytes("12"))
}

@Test("a section that is written leaves the memory and not the file")
func writtenSection() throws {
  let folder = try TemporaryFolder()
  try folder.write(#"{"profiles":[]}"#, to: "state.json")
  var file = try opened(folder)
  file.set("totals", to: bytes(#"{"a":1}"#))
  try file.write()
  #expect(file.section("totals") == nil && file.section("profiles") == bytes("[]"))
  file.set("totals", to: bytes(#"{"a":1}"#))
  #expect(!file.isChanged)
  try file.write()
  file.set("outages", to: bytes("1"))
  try file.write()
  #expect(try opened(folder).section("totals") == bytes(#"{"a":1}"#))
  // Without the file there is nothing to take it from; its owner gives it again.
  try folder.files.removeIfThere("state.json")
  file.set("outages", to: bytes("2"))
  try file.write()
  let again = try opened(folder)
  #expect(again.section("totals") == nil && again.section("outages") == bytes("2"))
  #expect(again.section("profiles") == bytes("[]"))
  file.set("totals", to: bytes(#"{"a":1}"#))
  #expect(file.isChanged)
  try file.write()
  #expect(try opened(folder).section("totals") == bytes(#"{"a":1}"#))
}

private let damaged = ["", "{", "}", "[]", "{\"a\":}", "{\"a\":1", "{\"a\" 1}", "{\"a\":1}x", "{\"a\":\"", "\0\0\0"]

@Test("a damaged file is kept aside, and the state begins anew", arguments: damaged)
private func damagedFileOfStateFile(text: String) throws {
  let folder = try TemporaryFolder()
  try folder.write(text, to: "state.json")
  var file = StateFile(in: folder.files)
  let told = try file.read()
  let said = try #require(told)
  #expect(said.contains("state.json.damaged"))
  #expect(try folder.names() == ["state.json.damaged"])
  #expect(try folder.text("state.json.damaged") == text)
  file.set("retained", to: bytes("{}"))
  try file.write()
  #expect(try opened(folder).section("retained") == bytes("{}"))
}

@Test("an unreadable section is dropped, and the others stay")
func unreadableSection() throws {
  let folder = try TemporaryFolder()
  try folder.write(#"{"retained":{"a"},"profiles":{"heat":"multical303"}}"#, to: "state.json")
  var file = try opened(folder)
  #expect(file.dropDamaged("retained", because: "no value for a").contains("no value for a"))
  #expect(file.section("retained") == nil)
  #expect(file.isChanged)
  try file.write()
  #expect(try opened(folder).section("profiles") == bytes(#"{"heat":"multical303"}"#))
  #expect(try folder.names() == ["state.json", "state.json.damaged"])
}

@Test("a file that is too long is kept aside")
func longFile() throws {
  let folder = try TemporaryFolder()
  try folder.write(#"{"a":1}"#, to: "state.json")
  #expect(unsafe truncate(folder.path + "/state.json", Limits.stateFileBytes + 1) == 0)
  var file = StateFile(in: folder.files)
  #expect(try file.read()?.contains("File too large") == true)
}

@Test("as many meters as can be configured come back")
func manyMeters() throws {
  // A heat meter of many fields; the other meters' entries are as long.
  let names = FieldName.allCases.filter { $0 != .code }.prefix(40)
  var retained = RetainedState(baseTopic: "m", discoveryPrefix: "h", nodeID: "m", devices: [])
  var totals = GuardedTotals()
  let wall = WallTime(milliseconds: 1_795_172_401_250)
  for number in 0..<100 {
    let id = "heat_meter_of_flat_\(10_000 + number)"
    let fields = names.map {
      FieldDescription(level: $0.entry.name.description, key: FieldKey($0), unit: $0.entry.unit, isNumber: true)
    }
    let device = Device(id: id, manufacturer: "KAM", model: "MULTICAL 603", medium: .heat, protocolName: "mbus")
    retained.devices.append(RetainedState.Entry(device: device, fields: fields))
    for field in fields.prefix(10) {
      var total = GuardedTotal(unit: .kilowattHour)
      let moment = GuardedTotal.Moment(wall: wall, instant: nil)
      total.believed = .init(value: FixedDecimal(123_456_789, exponent: -3), at: moment)
      let known = DeviceTotals(number: MeterNumber("83012345", rank: 0))
      totals.meters[id, default: [:]][id, default: known].totals[field.level] = total
    }
  }
  let bytesOfMeter = (retained.encoded().count + totals.encoded().count) / 100
  #expect(bytesOfMeter * Limits.mostMeters < Limits.stateFileBytes)
}

@Test("deep nesting is damage, and takes no time")
func deepNesting() throws {
  let folder = try TemporaryFolder()
  try folder.write(#"{"a":"# + String(repeating: "[", count: 1_000_000), to: "state.json")
  var file = StateFile(in: folder.files)
  #expect(try file.read() != nil)
}

/// Every call that a disk can refuse, refused: the file is the old one or the new one, whole.
@Test("the state is the old or the new one, whichever call fails", arguments: FailingFileSystem.Fault.allCases)
func whicheverCallFailsTheStateIsTheOldOrTheNewOne(fault: FailingFileSystem.Fault) throws {
  var number = 0
  while true {
    number += 1
    let folder = try TemporaryFolder()
    var old = try opened(folder)
    old.set("retained", to: bytes(#"{"is":"old"}"#))
    try old.write()

    let files = FailingFileSystem(folder.files, fault, at: number)
    var file = StateFile(in: files)
    #expect(try file.read() == nil)
    file.set("retained", to: bytes(#"{"is":"new"}"#))
    let isWritten = (try? file.write()) != nil
    #expect(file.isChanged == !isWritten)
    let found = try opened(folder).section("retained")
    if isWritten {
      #expect(found == bytes(#"{"is":"new"}"#), "call \(number)")
    } else {
      #expect(found == bytes(#"{"is":"new"}"#) || found == bytes(#"{"is":"old"}"#), "call \(number)")
    }
    // What is left behind is in nobody's way.
    var next = try opened(folder)
    next.set("retained", to: bytes(#"{"is":"newer"}"#))
    try next.write()
    #expect(try folder.names() == ["state.json"])
    if files.calls < number { break }
  }
  #expect(number > 5)
}

@Test("a missing directory is created")
func missingDirectory() throws {
  let folder = try TemporaryFolder()
  var file = try StateFile(in: Folder(making: folder.path + "/a/b"))
  #expect(try file.read() == nil)
  file.set("retained", to: bytes("{}"))
  try file.write()
  #expect(try folder.mode("a/b") == 0o700)
}

private struct Place: Sendable, CustomTestStringConvertible {
  var configured: String?
  var environment: [String: String]
  var path: String?
  var testDescription: String { path ?? "none" }
}

private let places = [
  Place(configured: "/srv/meters/", environment: ["STATE_DIRECTORY": "/var/lib/x"], path: "/srv/meters"),
  Place(environment: ["STATE_DIRECTORY": "/var/lib/meterbridge", "HOME": "/root"], path: "/var/lib/meterbridge"),
  Place(environment: ["STATE_DIRECTORY": "/var/lib/a:/var/lib/b"], path: "/var/lib/a"),
  Place(environment: ["XDG_STATE_HOME": "/home/u/.state", "HOME": "/home/u"], path: "/home/u/.state/meterbridge"),
  Place(environment: ["XDG_STATE_HOME": "relative", "HOME": "/home/u"], path: "/home/u/.local/state/meterbridge"),
  Place(environment: ["HOME": "/home/u"], path: "/home/u/.local/state/meterbridge"),
  Place(environment: [:], path: nil),
]

@Test("the state directory is in the usual place", arguments: places)
private func stateDirectory(place: Place) {
  #expect(StateDirectory.path(configured: place.configured, environment: Environment(place.environment)) == place.path)
}
