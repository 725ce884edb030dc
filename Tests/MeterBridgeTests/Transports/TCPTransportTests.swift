import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform

/// A gateway on a free port of the loopback.
private final class Gateway {
  private(set) var listening: Int32 = -1
  let port: UInt16
  private var accepted: [Int32] = []

  init(port: UInt16? = nil, backlog: Int32 = 8) throws {
    (listening, self.port) = try listeningSocket(port: port, backlog: backlog)
    _ = fcntl(listening, F_SETFL, O_NONBLOCK)
  }

  deinit { shut() }

  /// The next connection, nil if there is none yet.
  func accept() -> Int32? {
    let raw = Glibc.accept(listening, nil, nil)
    guard raw >= 0 else { return nil }
    _ = fcntl(raw, F_SETFL, O_NONBLOCK)
    accepted.append(raw)
    return raw
  }

  func hangUp() {
    for raw in accepted { close(raw) }
    accepted = []
  }

  func shut() {
    hangUp()
    if listening >= 0 {
      // For a program too that another test is about to start, which holds the socket for a moment.
      shutdown(listening, Int32(SHUT_RDWR))
      close(listening)
    }
    listening = -1
  }
}

private let names = LookupThread()

private func driver(
  _ host: String, _ port: UInt16, _ dialogue: any Dialogue = mbusListener(), lookup: LookupThread? = names
) -> SourceDriver {
  SourceDriver(
    SourceConnection(
      .tcp(host: host, port: port), line: ProtocolDescription.mbus.line, dialogue: dialogue, lookup: lookup))
}

@Suite struct TCPTransportTests {
  @Test("connects, sends, receives and connects again", arguments: ["127.0.0.1", "localhost"]) func connection(
    host: String
  ) throws {
    let gateway = try Gateway()
    let master = MBusMaster(
      slaves: [.init(address: .primary(5), interval: .minutes(1))], timing: MBusTiming(baud: 2400, overNetwork: true))
    let driver = driver(host, gateway.port, master)
    for round in 1...2 {
      var peer: Int32?
      #expect(
        driver.run {
          peer = peer ?? gateway.accept()
          return peer != nil
        })
      let connected = try #require(peer)
      var heard: [UInt8] = []
      #expect(
        driver.run {
          heard += read(connected)
          return heard.count >= 5
        })
      #expect(heard == [0x10, 0x40, 0x05, 0x45, 0x16])
      #expect(unsafe write(connected, [0xE5] as [UInt8], 1) == 1)
      #expect(driver.run { driver.opened == round })
      gateway.hangUp()
      #expect(driver.run { driver.lost.count == round })
    }
    #expect(driver.lost == [String](repeating: "\(host):\(gateway.port) closed the connection", count: 2))
  }

  @Test("a refused connection is told once and tried for ever") func refusal() throws {
    let gateway = try Gateway()
    let port = gateway.port
    gateway.shut()
    let driver = driver("127.0.0.1", port)
    for _ in 0..<50 { driver.step() }
    #expect(driver.lost.count == 1)
    #expect(driver.lost.first?.hasPrefix("127.0.0.1:\(port) refuses the connection") == true)
    let again = try Gateway(port: port)
    var peer: Int32?
    #expect(
      driver.run {
        peer = peer ?? again.accept()
        return peer != nil
      })
    #expect(unsafe write(try #require(peer), shortTelegram(7), 10) == 10)
    #expect(driver.run { driver.frames == [shortTelegram(7)] })
    #expect(driver.opened == 1)
  }

  @Test("a gateway that hangs up at once does not fill the log") func hangUpAtOnce() throws {
    let gateway = try Gateway()
    let driver = driver("127.0.0.1", gateway.port)
    var connections = 0
    #expect(
      driver.run {
        if gateway.accept() != nil { connections += 1 }
        gateway.hangUp()
        return connections >= 10
      })
    #expect(driver.opened == 0)
    #expect(driver.lost.count == 1)
  }

  @Test("a connection that holds counts as working without a byte") func silentConnection() throws {
    let gateway = try Gateway()
    let driver = driver("127.0.0.1", gateway.port)
    #expect(driver.run { gateway.accept() != nil })
    driver.step()
    driver.step()
    #expect(driver.opened == 0)
    driver.skip(.seconds(3))
    driver.step()
    #expect(driver.opened == 1)
  }

  @Test("a connection attempt without an answer is given up") func connectTimeout() throws {
    let gateway = try Gateway(backlog: 0)
    // The kernel queues one more than asked for; from then on nobody answers.
    let fillers = try (0..<4).map { _ in
      try TCPSocket.connect(to: try #require(address("127.0.0.1", gateway.port)))
    }
    let driver = driver("127.0.0.1", gateway.port)
    driver.step()
    driver.step()
    #expect(driver.connection.pollDescriptor >= 0)
    let began = driver.now
    #expect(driver.events.isEmpty)
    let deadline = try #require(driver.connection.deadline)
    #expect(deadline - began <= Limits.connecting)
    driver.skip(deadline - began)
    driver.step()
    #expect(driver.lost == ["127.0.0.1:\(gateway.port) does not answer"])
    #expect(fillers.count == 4)
  }

  private func address(_ host: String, _ port: UInt16) -> SocketAddress? {
    if case .found(let addresses) = LookupThread.lookUp(host, port, isNumeric: true) { addresses.first } else { nil }
  }

  @Test("every address of a name is tried") func allAddresses() throws {
    let gateway = try Gateway()
    let dead = try Gateway()
    let addresses = [dead.port, gateway.port].compactMap { address("127.0.0.1", $0) }
    dead.shut()
    let lookup = try #require(LookupThread { _, _ in .found(addresses) })
    let driver = driver("gateway.lan", gateway.port, lookup: lookup)
    #expect(driver.run { gateway.accept() != nil })
    #expect(driver.lost.isEmpty)
  }

  @Test("a name that is not found is looked up again") func lookupRepeated() throws {
    let gateway = try Gateway()
    let answers = try #require(Mailbox<Bool>())
    let found = try #require(address("127.0.0.1", gateway.port))
    let lookup = try #require(
      LookupThread { host, _ in
        answers.takeAll().isEmpty ? .failed("Temporary failure in name resolution") : .found([found])
      })
    let driver = driver("mbus.lan", gateway.port, lookup: lookup)
    #expect(driver.run { !driver.lost.isEmpty })
    #expect(driver.lost == ["cannot look up mbus.lan: Temporary failure in name resolution"])
    for _ in 0..<20 { driver.step() }
    #expect(driver.lost.count == 1)
    #expect(answers.post(true))
    #expect(driver.run { gateway.accept() != nil })
  }

  @Test("the loop does not wait for a look-up") func lookupDoesNotBlock() throws {
    let gate = try #require(Mailbox<Bool>())
    let lookup = try #require(
      LookupThread { _, _ in
        while gate.takeAll().isEmpty {
          var waiting = pollfd(fd: gate.descriptor, events: Int16(POLLIN), revents: 0)
          _ = unsafe poll(&waiting, 1, 1000)
        }
        return .failed("late")
      })
    let driver = driver("slow.lan", 1, lookup: lookup)
    let began = Clock.now()
    driver.step(waiting: 0)
    driver.step(waiting: 0)
    #expect(Clock.now() - began < .seconds(30))
    #expect(driver.events.isEmpty && driver.connection.pollDescriptor >= 0)
    #expect(gate.post(true))
    #expect(driver.run { driver.lost == ["cannot look up slow.lan: late"] })
  }

  @Test("tries come a second apart, then more slowly") func backoff() {
    var pace = SourceBackoff(slowest: .seconds(30))
    var now = Instant(milliseconds: 5_000)
    var pauses: [Int64] = []
    for _ in 0..<40 {
      let pause = pace.failed(now: now)
      pauses.append(pause.count)
      now = now + pause
    }
    #expect(pauses.prefix(30).allSatisfy { $0 == 1000 })
    #expect(Array(pauses[30..<36]) == [2000, 4000, 8000, 16_000, 30_000, 30_000])
    pace.succeeded()
    #expect(pace.failed(now: now) == .seconds(1))
    var port = SourceBackoff(slowest: Limits.reopening)
    for hour in 0..<100 { #expect(port.failed(now: Instant(milliseconds: Int64(hour) * 3_600_000)) == .seconds(1)) }
  }
}
