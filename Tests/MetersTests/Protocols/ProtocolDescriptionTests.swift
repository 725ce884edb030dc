import Testing

@testable import Base
@testable import Meters

@Test("meters of one protocol have one description of it in memory")
func sharedDescription() {
  #expect(ProtocolDescription.p1.shared === ProtocolDescription.p1.shared)
  #expect(ProtocolDescription.p1.shared.value == .p1 && ProtocolDescription.sml.shared.value == .sml)
}
