import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Platform

@Test("the Supervisor is asked with the token, until there is a broker")
func brokerOfTheSupervisor() throws {
  let server = try WebServer()
  server.serve(Array(#"{"result":"ok","data":{"host":"core-mosquitto","port":1883}}"#.utf8))
  let supervisor = Supervisor(environment: [
    "SUPERVISOR_TOKEN": "0123456789abcdef", "SUPERVISOR_API": "http://127.0.0.1:\(server.port)",
  ])
  #expect(supervisor.awaitBroker().host == "core-mosquitto")
  let head = try #require(server.requests.current.first)
  #expect(head.hasPrefix("GET /services/mqtt HTTP/1.1\r\n"))
  #expect(head.contains("\r\nAuthorization: Bearer 0123456789abcdef\r\n"))
}

@Test(
  "what the Supervisor refuses is said with what to do",
  arguments: [
    (FetchFailure.status(400), "Mosquitto broker (Settings, Apps)"), (.status(401), "install the app again"),
    (.status(403), "option mqtt"), (.status(502), "answers 502"), (.unknownHost, "name the broker in mqtt"),
    (.refused, "may still be starting"), (.timedOut, "may still be starting"),
  ] as [(FetchFailure, String)])
func refusalsOfTheSupervisor(failure: FetchFailure, words: String) {
  #expect(SupervisorTrouble.words(failure).contains(words))
}
