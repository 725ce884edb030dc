import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Simulator

@Suite struct ScanCommandTests {
  @Test(
    "each mistake is named",
    arguments: [
      WrongWords(words: [], message: "something is missing: meterbridge scan"),
      WrongWords(words: ["ttyUSB0"], message: "ttyUSB0 is not a source: a device such as"),
      WrongWords(words: ["http://meter.lan/"], message: "http://meter.lan/ is not a line: an M-Bus has a device"),
      WrongWords(words: ["/dev/null", "--baud", "2401"], message: "2401 is not a speed of an M-Bus: 2400, 300, 9600"),
      WrongWords(words: ["/dev/null", "--baud", "300,"], message: " is not a speed of an M-Bus"),
      WrongWords(
        words: ["tcp://127.0.0.1:9", "--baud", "300"], message: "--baud is for a port whose speed the program sets"),
      WrongWords(
        words: ["/dev/null", "--secundary"], message: "unknown option --secundary; did you mean --secondary?"),
    ])
  func mistakes(mistake: WrongWords) throws { try mistake.verify(by: "scan") }

  @Test("a port that cannot be opened is an error")
  func noPort() throws {
    let (status, _, said) = try runProgram(["scan", "/nowhere/ttyUSB0"])
    #expect(status == EX_UNAVAILABLE)
    #expect(said.contains("/nowhere/ttyUSB0 is not there"))
  }

  @Test("a port that another program has is not touched")
  func takenPort() throws {
    let folder = try TemporaryFolder()
    let simulator = try RunningSimulator([(BusSimulation([]), .path(folder.path("bus")))])
    let other = unsafe open(folder.path("bus"), O_RDWR | O_NOCTTY | O_CLOEXEC)
    defer { close(other) }
    try #require(flock(other, LOCK_EX | LOCK_NB) == 0)
    let (status, _, said) = try runProgram(["scan", folder.path("bus")])
    #expect(status == EX_UNAVAILABLE)
    #expect(
      said.contains("reads \(folder.path("bus")): only one can") || said.contains("only one program can"), "\(said)")
    simulator.stop()
  }
}
