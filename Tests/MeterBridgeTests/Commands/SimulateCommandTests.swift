import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Platform
@testable import Simulator

@Suite struct SimulateCommandTests {
  /// What the words behind `simulate` ask for.
  private static func options(_ words: [String]) throws -> SimulatorOptions {
    try SimulateCommand.options(try Arguments(words, options: Command.simulate.options))
  }

  @Test("the words of the command line are read")
  func words() throws {
    let options = try Self.options(["p1-nl=/tmp/a", "--speed", "60", "mbus-pro380=tcp:4001", "--seed=9"])
    #expect(
      options.meters == [
        SimulatorOptions.Meter(kind: .p1Netherlands, place: .path("/tmp/a")),
        SimulatorOptions.Meter(kind: .pro380, place: .tcp(4001)),
      ])
    #expect(options.speed == 60)
    #expect(options.seed == 9)
    #expect(try Self.options(["p1-nl=/tmp/a", "--speed", "0"]).speed == 0)
    let relative = try Self.options(["mbus-gas=gas=1"])
    #expect(relative.meters[0].place == .path(FileManager.default.currentDirectoryPath + "/gas=1"))
  }

  @Test("a farm has a port or a path for each of its meters, and spreads their telegrams")
  func farm() throws {
    let farm = try Self.options(["p1-nl*4=tcp:20000", "mbus-water*2=/tmp/water", "dlms-hdlc*2=tcp:21000"])
    #expect(
      farm.meters.map(\.place) == [
        .tcp(20000), .tcp(20001), .tcp(20002), .tcp(20003), .path("/tmp/water"), .path("/tmp/water-2"), .tcp(21000),
        .tcp(21001),
      ])
    #expect(Set(SimulatedHouse(farm).lines.map(\.name)).count == 8)
    var lines = SimulatedHouse(farm).lines
    #expect(lines.map(\.isPacked) == [true, true, true, true, false, false, true, true])
    let start = SimulatedMoment(now: Instant(milliseconds: 10_000), world: WallTime(milliseconds: 0))
    let sent = lines.indices.map { lines[$0].simulation.due(at: start).count }
    #expect(sent == [1, 0, 0, 0, 0, 0, 1, 0])
    #expect(
      lines.map { $0.simulation.wakes.map { ($0 - start.now).count } } == [1000, 250, 500, 750, nil, nil, 5000, 2500])
    let buses = SimulatedHouse(try Self.options(["mbus-bus*3=tcp:20000", "--slaves", "60"])).lines
    let ids = buses.flatMap(\.configuration).map { $0.split(separator: ",")[0] }
    #expect(buses.count == 3 && ids.count > 170 && Set(ids).count == ids.count)
  }

  @Test(
    "each mistake is named",
    arguments: [
      WrongWords(words: [], message: "something is missing: meterbridge simulate"),
      WrongWords(words: ["p1-n=/tmp/a"], message: "unknown kind p1-n; did you mean p1-nl?\nThere are p1-nl, p1-be, "),
      WrongWords(words: ["mbus-multical=/a"], message: "unknown kind mbus-multical; did you mean mbus-multical303?"),
      WrongWords(words: ["solar=/a"], message: "unknown kind solar\nThere are p1-nl, p1-be, "),
      WrongWords(words: ["route-b,=/a"], message: "route-b has no setting "),
      WrongWords(words: ["route-b,model=/a"], message: "/a is not a valid model: it is bp35c2|bp35a1|rl7023-dss|j11"),
      WrongWords(words: ["route-b,model"], message: "model needs a value: model=VALUE"),
      WrongWords(words: ["route-b,model=bp35a1"], message: "route-b needs a place: route-b=PATH"),
      WrongWords(
        words: ["route-b,modle=bp35a1=/a"], message: "route-b has no setting modle; did you mean model?\nThere are"),
      WrongWords(
        words: ["route-b,e7=1=/a"], message: "1 is not data of property e7: it is 1 to 255 bytes in hexadecimal"),
      WrongWords(
        words: ["p1-nl,model=bp35a1=/a"],
        message: "p1-nl has no settings, only route-b, M-Bus and wireless M-Bus meters have"),
      WrongWords(words: ["wmbus-cul,metres=2=/a"], message: "wmbus-cul has no setting metres; did you mean meters?"),
      WrongWords(words: ["wmbus-cul,meters=0=/a"], message: "0 is not a valid meters: it is 1…2000"),
      WrongWords(words: ["wmbus-cul=/a", "wmbus-lines=/a"], message: "wmbus-cul and wmbus-lines cannot share /a"),
      WrongWords(
        words: ["mbus-gas,adress=1=/a"], message: "mbus-gas has no setting adress; did you mean address?\nThere are"),
      WrongWords(words: ["mbus-gas,address=251=/a"], message: "251 is not a valid address: it is 0…250"),
      WrongWords(words: ["route-b=/a", "route-b=/a"], message: "route-b and route-b cannot share /a"),
      WrongWords(words: ["p1-nl*0=/a"], message: "0 is not a number of meters: it is 1 to 8000"),
      WrongWords(words: ["p1-nl*=/a"], message: " is not a number of meters"),
      WrongWords(words: ["p1-n*3=/a"], message: "unknown kind p1-n; did you mean p1-nl?"),
      WrongWords(words: ["p1-nl*3=tcp:65534"], message: "p1-nl*3=tcp:65534 needs 3 ports from 65534 up, and 65535 is"),
      WrongWords(words: ["p1-nl*3=tcp:7", "p1-be=tcp:9"], message: "p1-nl and p1-be cannot share tcp:9"),
      WrongWords(words: ["p1-nl"], message: "p1-nl needs a place: p1-nl=PATH or p1-nl=tcp:PORT"),
      WrongWords(words: ["p1-nl="], message: "p1-nl needs a place"),
      WrongWords(words: ["p1-nl=tcp:70000"], message: "tcp:70000 is not a place: tcp: takes a port from 1 to 65535"),
      WrongWords(words: ["p1-nl=/a", "--speed"], message: "--speed needs a value"),
      WrongWords(words: ["p1-nl=/a", "--speed", "-1"], message: "--speed needs a whole number"),
      WrongWords(words: ["p1-nl=/a", "--speed", "100001"], message: "--speed 100001 is more than 100000"),
      WrongWords(words: ["p1-nl=/a", "--sped=1"], message: "unknown option --sped; did you mean --speed?"),
      WrongWords(words: ["p1-nl=/a", "mbus-gas=/a"], message: "p1-nl and mbus-gas cannot share /a"),
      WrongWords(words: ["p1-nl=tcp:1", "p1-be=tcp:1"], message: "p1-nl and p1-be cannot share tcp:1"),
      WrongWords(
        words: Array(repeating: "mbus-gas=/a", count: 251), message: "/a has more meters than an M-Bus has addresses"),
    ])
  func mistakes(mistake: WrongWords) throws { try mistake.verify(by: "simulate") }

  @Test("settings follow the kind of the meter")
  func settings() throws {
    let options = try Self.options(["route-b,model=bp35a1,fault=hang-up@60=tcp:4001", "route-b=/tmp/a=b,c"])
    var settings = DongleSettings()
    settings.model = .bp35a1
    settings.orders = [.init(order: .fault(.hangUp, count: 1), after: .seconds(60))]
    #expect(
      options.meters == [
        SimulatorOptions.Meter(kind: .bRoute, place: .tcp(4001), bRoute: settings),
        SimulatorOptions.Meter(kind: .bRoute, place: .path("/tmp/a=b,c")),
      ])
    #expect(
      SimulatedHouse(options).lines.map(\.configuration) == [
        [
          "  - {id: route_b, protocol: echonet, source: tcp://127.0.0.1:4001, "
            + "route_b_id: '0A1B2C3D4E5F60718293A4B5C6D7E8F9', password: 'Q7W8E9R0T000'}  # serial SIM123456700"
        ],
        [
          "  - {id: route_b_2, protocol: echonet, source: \"/tmp/a=b,c\", "
            + "route_b_id: '0A1B2C3D4E5F60718293A4B5C6D7E8FA', password: 'Q7W8E9R0T001'}  # serial SIM123456701"
        ],
      ])
  }

  /// Orders on standard input, as somebody types them; what has been counted comes at the end too.
  @Test("the simulator follows orders while it runs")
  func orders() throws {
    let (input, errors) = (Pipe(), Pipe())
    // Nobody else's: no pipe ends before the last one who has it lets go.
    for pipe in [input, errors] {
      for end in [pipe.fileHandleForReading, pipe.fileHandleForWriting] {
        _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC)
      }
    }
    let console = Console(
      output: errors.fileHandleForWriting.fileDescriptor, errors: errors.fileHandleForWriting.fileDescriptor)
    var orders = SimulatorOrders(
      ["route_b", "route_b_2"], from: input.fileHandleForReading.fileDescriptor, say: console.complain)
    var followed: [String] = []
    try input.fileHandleForWriting.write(
      contentsOf: Data("hang-up\n\nroute_b_2 out-of-reach off\r\nnonsense\ncoun".utf8))
    orders.follow { place, words in
      followed.append("\(place) \(words.joined(separator: " "))")
      return words == ["nonsense"] ? nil : "done"
    }
    #expect(followed == ["0 hang-up", "1 hang-up", "1 out-of-reach off", "0 nonsense", "1 nonsense"])
    try input.fileHandleForWriting.write(contentsOf: Data("ters\n".utf8))
    orders.follow { place, words in "\(words)" }
    try input.fileHandleForWriting.close()
    #expect(
      eventually {
        orders.follow { _, _ in nil }
        return orders.descriptor == -1
      })
    try errors.fileHandleForWriting.close()
    let said = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    #expect(
      said == """
        route_b: done
        route_b_2: done
        route_b_2: done
        no such order: nonsense; meterbridge help simulate lists them
        route_b: ["counters"]
        route_b_2: ["counters"]

        """)
  }

  @Test("meters at one place share the bus")
  func sharedBus() throws {
    let house = SimulatedHouse(
      try Self.options([
        "mbus-pro380=/tmp/bus", "p1-v2=/tmp/old meter", "mbus-multical303=/tmp/bus", "mbus-pro380=/tmp/bus",
        "p1-se=tcp:4001", "p1-v2=tcp:4002",
      ]))
    #expect(
      house.lines.map(\.configuration) == [
        [
          "  - {id: mbus_pro380, protocol: mbus, source: /tmp/bus, address: 1}  # serial 16012345",
          "  - {id: mbus_multical303, protocol: mbus, source: /tmp/bus, address: 2}  # serial 83012345",
          "  - {id: mbus_pro380_2, protocol: mbus, source: /tmp/bus, address: 3}  # serial 16012346",
        ],
        [
          "  - {id: p1_v2, protocol: p1, source: \"/tmp/old meter\", line: 9600 7E1}  # serial K8EG004046012345"
        ],
        ["  - {id: p1_se, protocol: p1, source: tcp://127.0.0.1:4001}  # no serial"],
        ["  - {id: p1_v2_2, protocol: p1, source: tcp://127.0.0.1:4002}  # serial K8EG004046012346"],
      ])
    let bus = try #require(house.lines[0].simulation as? BusSimulation)
    #expect(bus.slaves.map(\.meter.identity.serial) == ["16012345", "83012345", "16012346"])
    #expect(bus.slaves.map(\.address) == [1, 2, 3])
  }

  @Test("a place that cannot be created is an error")
  func unavailablePlace() async {
    await #expect(processExitsWith: .exitCode(EX_UNAVAILABLE)) {
      exit(Program.run(["simulate", "p1-nl=/nowhere/at/all"]))
    }
  }

  /// In a process of its own, whose only thread that takes signals is the simulator's.
  @Test("a signal ends the simulator cleanly", arguments: [SIGTERM, SIGINT])
  func signals(number: Int32) async {
    await #expect(processExitsWith: .success) { [number] in
      let folder = FileManager.default.temporaryDirectory.appending(path: "simulate-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let place = folder.appending(path: "p1").path
      let simulator = pthread_self()
      // As a shell starts it: no signal is held back, and none may strike after the end.
      var none = sigset_t()
      unsafe sigemptyset(&none)
      unsafe pthread_sigmask(SIG_SETMASK, &none, nil)
      let stands = Shared(false)
      let isWatching = Platform.Thread.start {
        // The link stands before anything can be ended.
        let isThere = eventually { (try? FileManager.default.destinationOfSymbolicLink(atPath: place)) != nil }
        stands.change { $0 = isThere }
        pthread_kill(simulator, number)
      }
      #expect(isWatching)
      let status = Program.run(["simulate", "p1-nl=\(place)", "mbus-pro380=\(folder.path)/bus"])
      #expect(status == EX_OK)
      #expect(stands.current)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
      try FileManager.default.removeItem(at: folder)
    }
  }
}
