import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import Platform
@testable import Simulator

/// A bus on a pty, and the program that scans it.
private final class ScannedBus {
  let folder: TemporaryFolder
  private let simulator: RunningSimulator

  init(_ bus: BusSimulation) throws {
    folder = try TemporaryFolder()
    simulator = try RunningSimulator([(bus, .path(folder.path("bus")))], speed: 0)
  }

  /// Starts `meterbridge scan` with options; what it prints is in the file `output`, what it says in `log`.
  func scan(_ options: String...) throws -> ChildProcess {
    try ChildProcess(
      "/bin/sh",
      ["-c", "exec \"$@\" >\"$0\"", folder.path("output"), RealProgram.path, "scan", folder.path("bus")] + options,
      log: folder.path("log"), environment: ["STATE_DIRECTORY": folder.path("state")])
  }

  var output: String { (try? folder.text("output")) ?? "" }
  var log: String { (try? folder.text("log")) ?? "" }

  /// Requests that the bus has heard so far.
  var requests: BusRequests {
    let counted = Shared<BusRequests?>(nil)
    simulator.change { simulation in
      let requests = (simulation as? BusSimulation)?.requests
      counted.change { $0 = requests }
    }
    _ = eventually { counted.current != nil }
    return counted.current ?? BusRequests()
  }

  deinit { simulator.stop() }
}

@Test("a scan of a bus on a pty prints a configuration of all its meters")
func scanOfSmallBus() throws {
  var settings = SlaveSettings()
  settings.baud = 9600
  // All at the factory's address, and at a speed that comes second.
  let bus = try ScannedBus(
    BusSimulation([
      MBusSlave(address: 0, SimulatedMULTICAL303(seed: 1), settings),
      MBusSlave(address: 0, SimulatedPRO380(seed: 1), settings),
    ]))
  #expect(try bus.scan("--secondary", "--baud", "2400,9600").wait() == 0, "\(bus.log)")
  #expect(bus.output.contains("    address: \"830123452D2C4004\"\n"), "\(bus.output)\(bus.log)")
  #expect(bus.output.contains("    address: \"16012345CD250102\"\n"))
  #expect(bus.output.contains("    line: 9600 8E1\n"))
  #expect(bus.log.contains("2 meters found with "))
  try bus.folder.write(bus.output, to: "meters.yaml")
  #expect(try ChildProcess(RealProgram.path, ["check", "--config", bus.folder.path("meters.yaml")]).wait() == 0)
}

@Test("Ctrl-C ends a scan with what it has found, and --resume goes on from there")
func interruptedScan() throws {
  let bus = try ScannedBus(
    BusSimulation([
      MBusSlave(address: 1, SimulatedMULTICAL303(seed: 1)), MBusSlave(address: 250, SimulatedPRO380(seed: 1)),
    ]))
  let first = try bus.scan("--baud", "9600")
  #expect(eventually { bus.requests.readouts >= 1 && bus.requests.all >= 5 })
  #expect(first.end(SIGINT) == 0, "\(bus.log)")
  #expect(bus.output.contains("    address: 1\n") && !bus.output.contains("    address: 250\n"), "\(bus.output)")
  #expect(bus.log.contains("with --resume it goes on from here"), "\(bus.log)")
  let before = bus.requests
  let second = try bus.scan("--baud", "9600", "--resume")
  #expect(eventually { bus.requests.all >= before.all + 3 })
  #expect(second.end(SIGINT) == 0, "\(bus.log)")
  // The meter is known without being asked again.
  #expect(bus.output.contains("    address: 1\n"), "\(bus.output)")
  #expect(bus.requests.readouts == before.readouts && before.readouts == 1)
}

@Test("a scan that is killed goes on from what it has found")
func killedScan() throws {
  let bus = try ScannedBus(
    BusSimulation([
      MBusSlave(address: 1, SimulatedMULTICAL303(seed: 1)), MBusSlave(address: 250, SimulatedPRO380(seed: 1)),
    ]))
  let first = try bus.scan("--baud", "9600")
  // The answer of the meter, whose request is not the last one.
  #expect(eventually { ((try? bus.folder.text("state/scan.log")) ?? "").contains("107B017C16 68") }, "\(bus.log)")
  _ = first.end(SIGKILL)
  let before = bus.requests
  let second = try bus.scan("--baud", "9600", "--resume")
  #expect(eventually { bus.requests.all >= before.all + 3 })
  #expect(second.end(SIGINT) == 0, "\(bus.log)")
  #expect(bus.output.contains("    address: 1\n"), "\(bus.output)")
  #expect(bus.requests.readouts == before.readouts)
}
