import Testing

@testable import MeterBridge
@testable import Meters

@Test("the usual settings of each protocol are asked first, and a gateway has only its own")
func orderOfQuestions() {
  let all = LineQuestions(on: .serial(path: "/dev/x")).questions
  #expect(
    all.prefix(5).map { "\($0.meterProtocol) \($0.line)" } == [
      "mbus 2400 8E1", "d0 300 7E1", "echonet 115200 8N1", "wmbus 57600 8N1", "mbus 9600 8E1",
    ])
  let rates = all.filter { $0.meterProtocol == .mbus }.map(\.line.baud)
  #expect(rates.sorted() == MBusCommissioning.baudRates)
  let gateway = SourceAddress.tcp(host: "gateway", port: 10_001)
  #expect(LineQuestions(on: gateway).questions.map(\.meterProtocol) == [.mbus, .d0, .echonet, .wmbus])
  #expect(LineQuestions(on: gateway, of: [.p1, .mbus]).questions.map(\.meterProtocol) == [.mbus])
}
