import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import Platform
@testable import Simulator

/// A reader at the other end of a simulated line.
private final class Reader {
  private let descriptor: Int32

  init(path: String) throws {
    descriptor = unsafe open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
    try #require(descriptor >= 0, "\(path): \(Errno.last)")
  }

  init(port: UInt16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    address.sin_port = port.bigEndian
    let connected = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw SimulatorError(message: "port \(port): \(Errno.last)") }
    makeNonBlocking(descriptor)
  }

  func send(_ bytes: [UInt8]) { _ = unsafe Glibc.write(descriptor, bytes, bytes.count) }

  /// Bytes until the condition holds, or until far too much time has gone by.
  func bytes(until isEnough: ([UInt8]) -> Bool) -> [UInt8] {
    var bytes: [UInt8] = []
    let deadline = Clock.now() + .minutes(1)
    while !isEnough(bytes), Clock.now() < deadline {
      var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      unsafe poll(&entry, 1, 1000)
      guard let more = readAvailable(descriptor) else { break }
      bytes += more
    }
    return bytes
  }

  /// The raw mode that a pty has before anybody sets it.
  var isRaw: Bool {
    var settings = termios()
    unsafe tcgetattr(descriptor, &settings)
    return settings.c_lflag & tcflag_t(ECHO | ICANON) == 0 && settings.c_oflag & tcflag_t(OPOST) == 0
  }

  func close() { Glibc.close(descriptor) }
}

/// A folder that goes with the test.
private final class Folder {
  let url = FileManager.default.temporaryDirectory.appending(path: "simulator-\(UUID().uuidString)")
  init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(at: url) }
  func path(_ name: String) -> String { url.appending(path: name).path }
}

private func isTelegram(_ bytes: [UInt8]) -> Bool {
  guard let start = bytes.firstIndex(of: 0x2F), let end = bytes.lastIndex(of: 0x21) else { return false }
  return end > start && bytes.count >= end + 7
}

@Suite struct SimulatorLoopTests {
  private static func bus() -> BusSimulation {
    BusSimulation([
      MBusSlave(address: 1, SimulatedMULTICAL303(seed: 1)), MBusSlave(address: 2, SimulatedPRO380(seed: 1)),
    ])
  }

  @Test("a meter on a pty is heard")
  func pseudoTerminal() throws {
    let folder = try Folder()
    let simulator = try RunningSimulator([
      (P1Simulation(SimulatedP1Meter(.netherlands5, seed: 1)), .path(folder.path("p1")))
    ])
    var expected = SimulatedP1Meter(.netherlands5, seed: 1)
    // Twice: a reader that goes leaves the port usable for the next one.
    for isFirst in [true, false] {
      let reader = try Reader(path: folder.path("p1"))
      #expect(reader.isRaw)
      let bytes = reader.bytes(until: isTelegram)
      // The port may not have heard yet that the first reader is gone.
      #expect(bytes.first == 0x2F || !isFirst, "a telegram has its beginning")
      #expect(bytes.count >= expected.telegram(at: simulatedNoon).count)
      reader.close()
    }
    simulator.stop()
    #expect(throws: (any Error).self) {
      try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("p1"))
    }
  }

  @Test("a bus on a pty answers and obeys the script")
  func busOnPseudoTerminal() throws {
    let folder = try Folder()
    let simulator = try RunningSimulator([(Self.bus(), .path(folder.path("bus")))], speed: 0)
    let reader = try Reader(path: folder.path("bus"))
    reader.send([0x10, 0x40, 0x01, 0x41, 0x16])
    #expect(reader.bytes { !$0.isEmpty } == [0xE5])
    let request: [UInt8] = [0x10, 0x7B, 0x01, 0x7C, 0x16]
    reader.send(request)
    let good = reader.bytes { $0.last == 0x16 && $0.count == 6 + Int($0[1]) }
    var meter = SimulatedMULTICAL303(seed: 1)
    let records = meter.records(at: simulatedNoon).flatMap(\.bytes)
    #expect(good.count > 25 && Array(good.dropFirst(19).prefix(40)) == Array(records.prefix(40)))
    // The next answer is noisy; the one after is not.
    simulator.change { simulation in
      guard var bus = simulation as? BusSimulation else { return }
      bus.faults = [.noise([0x55, 0x55])]
      simulation = bus
    }
    reader.send(request)
    #expect(reader.bytes { $0.count >= good.count + 2 } == [0x55, 0x55] + good)
    reader.send(request)
    #expect(reader.bytes { $0.count >= good.count } == good)
    reader.close()
    simulator.stop()
  }

  @Test("a gateway serves its newest client")
  func gateway() throws {
    let simulator = try RunningSimulator([(Self.bus(), .tcp(0))])
    guard case .tcp(let port) = simulator.places[0] else {
      Issue.record("no port")
      return
    }
    #expect(port > 0)
    let first = try Reader(port: port)
    first.send([0x10, 0x40, 0x02, 0x42, 0x16])
    #expect(first.bytes { !$0.isEmpty } == [0xE5])
    let second = try Reader(port: port)
    second.send([0x10, 0x40, 0x01, 0x41, 0x16])
    #expect(second.bytes { !$0.isEmpty } == [0xE5])
    // The first one has been hung up on.
    #expect(first.bytes { _ in false }.isEmpty)
    first.close()
    second.close()
    simulator.stop()
    // A program that another test is about to start holds the socket for a moment.
    #expect(eventually { (try? Reader(port: port))?.close() == nil })
  }

  @Test("a place is neither stolen nor left behind")
  func places() throws {
    let folder = try Folder()
    let place = folder.path("meter")
    // A file stays what it is.
    try Data("mine".utf8).write(to: URL(filePath: place))
    let refused = #expect(throws: SimulatorError.self) { try PseudoTerminal(link: place) }
    #expect(refused?.message == "\(place) exists and is not a link of a simulator: name another place")
    #expect(try String(contentsOfFile: place, encoding: .utf8) == "mine")
    // So does a link to one.
    try FileManager.default.createSymbolicLink(atPath: folder.path("link"), withDestinationPath: place)
    #expect(throws: SimulatorError.self) { try PseudoTerminal(link: folder.path("link")) }
    #expect(throws: SimulatorError.self) { try PseudoTerminal(link: folder.path("missing/meter")) }
    // A link that leads nowhere is replaced, and one to a pty.
    try FileManager.default.removeItem(atPath: place)
    try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: folder.path("gone"))
    var first = try PseudoTerminal(link: place)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: place) == first.device)
    var second = try PseudoTerminal(link: place)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: place) == second.device)
    // The first one leaves the other's link alone.
    first.close()
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: place) == second.device)
    second.close()
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["link"])
  }

  @Test("bytes are not kept for a later reader")
  func lateReader() throws {
    let folder = try Folder()
    var line = SimulatedLine(
      P1Simulation(SimulatedP1Meter(.netherlands5, seed: 1)), at: try PseudoTerminal(link: folder.path("p1")))
    // Nobody is there for ten seconds.
    for second in 0..<10 {
      let moment = SimulatedMoment(now: Instant(milliseconds: Int64(second) * 1000), world: simulatedNoon)
      line.step(line.collect(), at: moment)
      #expect(line.wakes == nil)
    }
    let reader = try Reader(path: folder.path("p1"))
    let moments = [10_000, 10_300, 10_600].map {
      SimulatedMoment(now: Instant(milliseconds: $0), world: simulatedNoon)
    }
    for moment in moments { line.step(line.collect(), at: moment) }
    var meter = SimulatedP1Meter(.netherlands5, seed: 1)
    let telegram = meter.telegram(at: simulatedNoon)
    #expect(reader.bytes { $0.count >= telegram.count } == telegram)
    reader.close()
    line.port.close()
  }

  @Test("bytes come at the speed of the line")
  func lineSpeed() {
    // 2400 8E1: eleven bits a byte.
    let settings = LineSettings(baud: 2400, dataBits: 8, parity: .even, stopBits: 1)
    var pacer = LinePacer(settings)
    let bytes = (0..<200).map { UInt8($0) }
    let start = Instant(milliseconds: 1000)
    pacer.add(Transmission(bytes: bytes, start: start))
    #expect(pacer.take(at: Instant(milliseconds: 999)).isEmpty)
    var out: [UInt8] = []
    var now = start
    while let wakes = pacer.wakes, out.count < 200 {
      #expect(wakes > now || out.isEmpty)
      now = max(now, wakes)
      let more = pacer.take(at: now)
      #expect(!more.isEmpty, "it wakes for something")
      out += more
      #expect(out.count * 11 * 1000 <= Int((now - start).count) * 2400)
    }
    #expect(out == bytes)
    #expect((now - start).count == 917)
    // A late reader gets what has come by then, and a second transmission waits for the first.
    pacer.add(Transmission(bytes: bytes, start: start))
    pacer.add(Transmission(bytes: [1, 2], start: start))
    #expect(pacer.take(at: start + 500).count == 109)
    #expect(pacer.take(at: start + 917) == Array(bytes.dropFirst(109)))
    #expect(pacer.take(at: start + 921).isEmpty)
    #expect(pacer.take(at: start + 927) == [1, 2])
    #expect(pacer.isEmpty)
    pacer.add(Transmission(bytes: bytes, start: start))
    pacer.clear()
    #expect(pacer.take(at: start + 9999).isEmpty)
  }
}
