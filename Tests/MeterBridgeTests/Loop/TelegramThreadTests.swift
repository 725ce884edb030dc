import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform
@testable import Publishing

/// A broker of MQTT 3.1.1 with one client at a time, which sends what the test wants.
private final class TelegramBroker {
  let port: UInt16
  private let listening: Int32
  private var client: Int32 = -1

  init() throws {
    (listening, port) = try listeningSocket()
    Self.limit(listening)
  }

  deinit {
    close(client)
    close(listening)
  }

  /// Takes the client's next connection; with an answer also its subscription.
  func take(isAnswered: Bool = true) throws {
    close(client)
    client = accept(listening, nil, nil)
    try #require(client >= 0)
    Self.limit(client)
    _ = try receive(0x10)
    guard isAnswered else { return end() }
    // CONNACK of a session that is kept.
    send([0x20, 2, 1, 0])
    let subscription = try receive(0x82)
    send([0x90, 3, subscription[2], subscription[3], 1])
  }

  /// Telegrams with these packet identifiers, which are in their payloads too, in one piece.
  func publish(_ ids: ClosedRange<UInt8>) { send(ids.flatMap { [0x32, 6, 0, 1, 0x61, 0, $0, $0] }) }

  /// The client gets no more.
  func end() { shutdown(client, Int32(SHUT_WR)) }

  private func receive(_ type: UInt8) throws -> [UInt8] {
    var packet = [UInt8](repeating: 0, count: 1024)
    let count = unsafe recv(client, &packet, packet.count, 0)
    try #require(count > 4 && packet[0] == type)
    return packet
  }

  private func send(_ bytes: [UInt8]) { _ = unsafe Glibc.send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

  /// A minute, so that a mistake ends the test.
  private static func limit(_ socket: Int32) {
    var time = timeval(tv_sec: 60, tv_usec: 0)
    unsafe setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
  }
}

@Suite struct TelegramThreadTests {
  @Test("telegrams that were taken with the end of the connection are handed over once, though the broker repeats them")
  func endBehindTelegrams() throws {
    let broker = try TelegramBroker()
    var settings = MQTTSettings()
    settings.host = "127.0.0.1"
    settings.port = broker.port
    settings.clientID = "test"
    settings.protocolVersion = .threeOneOne
    let status = Shared(BrokerStatus(lastStep: Clock.now(), isConnected: true))
    let thread = try #require(TelegramThread(settings, avoidsFive: false, status: status))
    defer { thread.stop() }
    /// The next batch.
    func nextBatch() throws -> TelegramBatch {
      var batches: [TelegramBatch] = []
      try #require(
        eventually(every: 1) {
          batches = thread.batches.takeAll()
          return !batches.isEmpty
        })
      return try #require(batches.count == 1 ? batches[0] : nil)
    }
    func numbers(_ batch: TelegramBatch) -> [UInt8] { batch.telegrams.flatMap(\.payload) }

    thread.hear(["a"])
    try broker.take()
    // Batches that take their time, so that the next ones have several telegrams.
    for number in 1...8 as ClosedRange<UInt8> {
      broker.publish(number...number)
      let batch = try nextBatch()
      #expect(numbers(batch) == [number])
      if number == 8 {
        // While it is not settled nothing is read. Then all of this comes at once.
        broker.publish(9...10)
        broker.end()
      }
      // Time to read what must wait.
      usleep(20_000)
      thread.settled(batch.number)
    }
    let last = try nextBatch()
    #expect(numbers(last) == [9, 10])
    thread.settled(last.number)
    // A try that fails has nothing to do with them.
    try broker.take(isAnswered: false)
    try broker.take()
    broker.publish(9...11)
    let next = try nextBatch()
    #expect(numbers(next) == [11])
    thread.settled(next.number)
    // The identifiers are free again.
    broker.publish(9...9)
    #expect(try numbers(nextBatch()) == [9])
  }
}
