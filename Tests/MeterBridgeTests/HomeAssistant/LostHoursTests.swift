import Decoders
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform
@testable import Publishing

/// 2026-10-24 14:00 UTC, as an hour.
private let two: Int64 = 498_014

/// The meter loop's part, with clocks of its own.
private struct Rig {
  let folder: TemporaryFolder
  let storage: Mailbox<StorageMessage>
  var hours: LostHours
  /// The monotonic clock.
  var now = Instant(milliseconds: 5_000_000)

  init() throws {
    folder = try TemporaryFolder()
    storage = try #require(Mailbox<StorageMessage>(capacity: 100))
    hours = LostHours(
      Outages(), lastAlive: nil, storage: storage, folder: try Folder(making: folder.path + "/state"), thread: nil,
      HomeAssistantSettings(), keepAlive: .seconds(30), now: WallTime(hour: two))
  }

  /// Takes a register, as the loop does: `minutes` behind the hour on the wall, `later` on the monotonic clock.
  mutating func take(_ register: String?, minutes: Int64, later: Int64) -> [String] {
    now = now + .minutes(later)
    let wall = WallTime(milliseconds: two * WallTime.hourLength + minutes * 60_000)
    if let register {
      let field = FieldDescription(
        level: "energy_import", key: FieldKey(.energyImport), unit: .kilowattHour, isNumber: true)
      hours.take(
        Publication(
          device: Device(id: "grid", serial: nil, medium: .electricity, protocolName: "p1"),
          fields: [PublishedField(field: field, payload: register)], received: wall, held: []))
    }
    hours.work([], now: now, at: wall)
    return storage.takeAll().flatMap { message -> [String] in
      if case .hours(let rows) = message { return rows.map { "\($0.hour - two) \($0.value)" } }
      return []
    }
  }
}

@Suite("Registers and outages in the meter loop") struct LostHoursTests {
  private var rig: Rig
  init() throws { rig = try Rig() }

  @Test("outages outlive a restart in the state file") func kept() throws {
    var spans = DamagedSpans()
    spans.lose(.homeAssistant, at: WallTime(hour: two))
    spans.lose(.broker, at: WallTime(hour: two + 3))
    spans.find(.broker, at: WallTime(hour: two + 4))
    spans.lose(.broker, at: WallTime(hour: two + 6))
    var outages = Outages()
    outages.spans = spans
    let read = try Outages(parsing: outages.encoded()).spans
    #expect(read.spans == spans.spans && read.spans.count == 1)
    #expect(read.since == spans.since && read.gone == spans.gone)
    #expect(read.since != nil && read.gone != nil)
  }

  @Test("an hour that is over is written once") mutating func written() {
    #expect(rig.take("112.1", minutes: 10, later: 0).isEmpty)
    #expect(rig.take(nil, minutes: 59, later: 49).isEmpty)
    #expect(rig.take(nil, minutes: 60, later: 1) == ["0 112.1"])
    #expect(rig.take(nil, minutes: 61, later: 1).isEmpty)
  }

  @Test("registers that were noted by a clock that is set then are in no hour", arguments: [170, -200])
  mutating func clockIsSet(minutes: Int64) {
    #expect(rig.take("112.1", minutes: 10, later: 0).isEmpty)
    #expect(rig.take("112.2", minutes: minutes, later: 1).isEmpty)
    #expect(rig.take("112.3", minutes: minutes + 1, later: 1).isEmpty)
    let hour = minutes > 0 ? 2 : -4
    #expect(rig.take(nil, minutes: minutes + 59, later: 58) == ["\(hour) 112.3"])
  }
}
