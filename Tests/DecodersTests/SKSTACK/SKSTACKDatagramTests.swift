import Testing

@testable import Decoders

@Suite struct SKSTACKDatagramTests {
  @Test("the signal strength has two decimals") func signalStrength() {
    #expect(SKSTACKDatagram.signalStrength(0xDD).description == "-43.50")
    #expect(SKSTACKDatagram.signalStrength(0).description == "-104.27")
    #expect(SKSTACKDatagram.signalStrength(255).description == "-34.15")
  }
}
