import Decoders
import Testing

@testable import MeterBridge

@Test("frame counters come back from the state file")
func frameCounters() throws {
  var counters = FrameCounters()
  counters.meters["netz"] = [DLMSFrameCounter(title: SystemTitle(0x4B46_4D65_5012_3456), value: 0xFFFF_FFFE)]
  #expect(try FrameCounters(parsing: counters.encoded()) == counters)
  #expect(try FrameCounters(parsing: Array("{}".utf8)) == FrameCounters())
  #expect(try FrameCounters(parsing: Array(#"{"a":{"xyz":"1"},"b":3}"#.utf8)).meters == ["a": []])
}
