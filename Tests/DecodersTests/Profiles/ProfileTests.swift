import Testing

@testable import Decoders

@Suite struct ProfileTests {
  @Test("every profile has a sample", arguments: Profile.allCases)
  func hasSample(_ profile: Profile) {
    let samples = Sample.all(of: .mbus) + Sample.all(of: .wmbus)
    #expect(samples.contains { $0.profile == profile }, "add Tests/Samples/mbus/\(profile.name).sample")
  }

  @Test("a configured profile is used whatever the header says") func configured() throws {
    let frame = MBusBuilder.answer([0x01, 0xFF, 0x22, 0x08], medium: 0x04)
    #expect(try MBusBuilder.decoded(frame).get().lines.contains("mbus_01_ff22: 8"))
    let profile = try #require(Profile(name: "multical603"))
    #expect(try MBusBuilder.decoded(frame, profile: profile).get().lines.contains("info_code: 8"))
    #expect(try MBusBuilder.decoded(frame, profile: profile).get().lines.contains("model: MULTICAL 603"))
  }

  @Test("every profile has a name of its own") func names() {
    #expect(Set(Profile.allCases.map(\.name)).count == Profile.allCases.count)
    #expect(Profile.allCases.allSatisfy { Profile(name: $0.name) == $0 })
    #expect(Profile(name: "multical") == nil)
  }
}
