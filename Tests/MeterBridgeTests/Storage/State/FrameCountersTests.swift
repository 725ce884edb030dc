import Base
import Meters
import Testing

@testable import MeterBridge

private let sender: UInt64 = 0x4B46_4D65_5012_3456

@Test("frame counters come back from the state file")
func frameCounters() throws {
  var counters = FrameCounters()
  counters.meters["netz"] = [
    FrameCounter(sender: sender, value: 0xFFFF_FFFE, clock: 1_768_467_600, former: 1000),
    FrameCounter(sender: 0, value: 0),
  ]
  #expect(try FrameCounters(parsing: counters.encoded()) == counters)
  #expect(try FrameCounters(parsing: Array("{}".utf8)) == FrameCounters())
  #expect(try FrameCounters(parsing: Array(#"{"a":{"xyz":"1"},"b":3}"#.utf8)).meters == ["a": []])
}

@Test("the counters of version 0.1 are read, and stay where it looks for them")
func olderFrameCounters() throws {
  let older = Array(#"{"netz":{"4B464D6550123456":148}}"#.utf8)
  var counters = try FrameCounters(parsing: older)
  #expect(counters.meters == ["netz": [FrameCounter(sender: sender, value: 148)]])
  #expect(counters.encoded() == older)
  counters.meters["netz"]?[0].clock = 1_768_467_600
  // That version leaves out every member that is not 16 digits with a number.
  let newer = #"{"netz":{"4B464D6550123456":148,"clocks":{"4B464D6550123456":1768467600}}}"#
  #expect(String(decoding: counters.encoded(), as: UTF8.self) == newer)
}

@Test("a damaged clock leaves the counter as it is", arguments: ["-", "1e9", "99999999999999999999", "null"])
func damagedClock(clock: String) throws {
  let json = #"{"netz":{"4B464D6550123456":148,"clocks":{"4B464D6550123456":"\#(clock)"}}}"#
  let counters = try FrameCounters(parsing: Array(json.utf8))
  #expect(counters.meters == ["netz": [FrameCounter(sender: sender, value: 148)]])
}
