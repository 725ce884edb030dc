import Testing

@testable import Base
@testable import MeterBridge
@testable import Meters

/// Meters, one to a line from line 2 on: source and forward.
private func found(_ meters: (source: String, forward: String?)..., protocol name: String = "p1") -> [String] {
  let lines = meters.enumerated().map { index, meter in
    "  - {id: m\(index), protocol: \(name), source: '\(meter.source)'\(meter.forward.map { ", forward: \($0)" } ?? "")}\n"
  }
  return mistakes("meters:\n" + lines.joined(), environment: [:])
}

@Suite struct TopicSettingsTests {
  @Test("meters may share a topic that tells them apart") func shared() throws {
    #expect(found(("mqtt:raw/+", nil), ("mqtt:raw/+", nil)) == [])
    #expect(found(("mqtt:$share/g/raw/+", "all/m0"), ("mqtt:$share/g/raw/+", "all/m0")) == [])
    let mixed = try configuration(
      "meters:\n  - {id: a, protocol: p1, source: 'mqtt:raw/+'}\n  - {id: b, protocol: mbus, source: 'mqtt:raw/+'}\n")
    #expect(mixed.metersBySource.count == 2 && mixed.topics == ["raw/+"])
    #expect(
      found(("mqtt:raw", nil), ("mqtt:raw", nil)) == [
        "m.yaml:3:36: the meter in line 2 reads this source already; only M-Bus meters on a device or TCP share one, "
          + "or wireless ones on a receiver"
      ])
    #expect(
      found(("mqtt:bus", nil), ("mqtt:bus", nil), protocol: "mbus").allSatisfy {
        $0.hasSuffix("`address` is missing: 2 meters share this source")
      })
  }

  @Test("a telegram must not come twice, come back, or be the program's own") func loops() {
    #expect(
      found(("mqtt:raw/+", nil), ("mqtt:raw/m1", nil)) == [
        "m.yaml:3:36: a telegram on these topics would come twice: the source in line 2 has them too"
      ])
    #expect(
      found(("mqtt:raw/+", nil), ("/dev/ttyUSB0", "raw/m1")) == [
        "m.yaml:3:61: the telegrams would come back: the source in line 2 reads `raw/m1`"
      ])
    #expect(
      found(("mqtt:$share/g/raw/m0", "raw/m0")) == [
        "m.yaml:2:69: the telegrams would come back: the source in line 2 reads `raw/m0`"
      ])
    #expect(
      found(("mqtt:meterbridge/+/reading", nil), ("/dev/ttyUSB0", "meterbridge/m0/power")) == [
        "m.yaml:2:36: the program publishes on these topics itself: below `meterbridge`, the id of a meter",
        "m.yaml:3:61: the program publishes on `meterbridge/m0/power` itself: below `meterbridge`, the id of a meter",
      ])
    #expect(found(("/dev/ttyUSB0", "meterbridge/raw/m0/x"), ("mqtt:cellar/+/raw", nil)) == [])
  }
}
