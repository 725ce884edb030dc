import Testing

@testable import Publishing

@Test("a topic takes 56 bytes and a device 240, because a thousand meters have tens of thousands of topics")
func roomOfTopics() {
  #expect(MemoryLayout<ValueTopic>.stride <= 56)
  #expect(MemoryLayout<DeviceTopics>.stride <= 240)
}
