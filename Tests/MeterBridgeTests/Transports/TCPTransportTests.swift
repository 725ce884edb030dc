import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform

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
      slaves: [.init(address: .primary(7), interval: .minutes(1))], timing: MBusTiming(baud: 2400, overNetwork: true))
    let driver = driver(host, gateway.port, master)
    for round in 1...2 {
      let connected = try driver.peer(of: gateway)
      for (request, answer) in [([0x10, 0x40], [0xE5]), ([0x10, 0x7B], shortTelegram(7))] as [([UInt8], [UInt8])] {
        var heard: [UInt8] = []
        #expect(
          driver.run {
            heard += read(connected)
            return heard.count >= 5
          })
        #expect(heard.starts(with: request), "\(heard)")
        #expect(unsafe write(connected, answer, answer.count) == answer.count)
      }
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
    let peer = try driver.peer(of: again)
    #expect(unsafe write(peer, shortTelegram(7), 10) == 10)
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
    #expect(driver.lost.first?.contains("closes it at once") == true)
  }

  @Test("a gateway that greets and closes is tried more and more rarely, and its words are told once")
  func busyGateway() throws {
    let gateway = try Gateway()
    let driver = driver("127.0.0.1", gateway.port)
    let began = driver.now
    var connections = 0
    #expect(
      driver.run {
        if let peer = gateway.accept() {
          connections += 1
          let words = Array("Port already in use\r\n".utf8)
          _ = unsafe send(peer, words, words.count, Int32(MSG_NOSIGNAL))
          gateway.hangUp()
        }
        return connections >= 60
      })
    #expect(driver.now - began > .minutes(3))
    #expect(driver.opened == 0)
    #expect(driver.lost.count == 1)
    #expect(driver.lost.first?.hasPrefix("127.0.0.1:\(gateway.port) says \"Port already in use\" and closes: ") == true)
    // A telegram ends the outage.
    let peer = try driver.peer(of: gateway)
    #expect(unsafe write(peer, shortTelegram(7), 10) == 10)
    #expect(driver.run { driver.frames == [shortTelegram(7)] })
    #expect(driver.opened == 1)
    gateway.hangUp()
    let lostAt = driver.now
    #expect(driver.run { gateway.accept() != nil })
    #expect(driver.now - lostAt < .seconds(5))
  }

  @Test("a gateway that closes again and again after a while is told once") func flappingGateway() throws {
    let gateway = try Gateway()
    let driver = driver("127.0.0.1", gateway.port)
    for _ in 0..<5 {
      #expect(driver.run { gateway.accept() != nil })
      driver.step()
      driver.step()
      driver.skip(.seconds(3))
      driver.step()
      gateway.hangUp()
      let before = driver.connection.deadline
      #expect(driver.run { driver.connection.pollDescriptor < 0 || driver.connection.deadline != before })
    }
    #expect(driver.opened == 1)
    #expect(driver.lost.count == 1)
  }

  @Test("noise without end is read with pauses, and a telegram behind it is found") func noise() throws {
    let gateway = try Gateway()
    let driver = driver("127.0.0.1", gateway.port)
    let connected = try driver.peer(of: gateway)
    // More would be so much that the silence of the meter is noticed first.
    var rest = ([UInt8](repeating: 0x55, count: Limits.noiseBytes + 65_536) + shortTelegram(7))[...]
    var pause: Milliseconds?
    #expect(
      driver.run {
        let piece = Array(rest.prefix(65_536))
        rest = rest.dropFirst(max(0, unsafe send(connected, piece, piece.count, Int32(MSG_NOSIGNAL))))
        if driver.connection.interest == nil { pause = driver.connection.deadline.map { $0 - driver.now } }
        return driver.frames == [shortTelegram(7)]
      })
    #expect(pause.map { $0 <= Limits.noisePause } == true)
    driver.connection.decoded()
    #expect(driver.connection.interest != nil)
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
}
