import Testing

@testable import Publishing

@Test("a topic takes 48 bytes and a device 240, because a thousand meters have tens of thousands of topics")
func roomOfTopics() {
  #expect(MemoryLayout<ValueTopic>.stride <= 48)
  #expect(MemoryLayout<DeviceTopics>.stride <= 240)
}
