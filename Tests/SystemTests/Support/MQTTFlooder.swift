import Glibc
import TestSupport

/// A client of MQTT 3.1.1 that sends as fast as the broker takes it: no client of mosquitto's is as rude.
final class MQTTFlooder {
  private let connection: Int32

  init(_ broker: Broker) throws {
    connection = loopbackSocket()
    let connection = connection
    guard eventually({ unsafe withLoopback(broker.port) { unsafe connect(connection, $0, $1) } == 0 }) else {
      throw Failure(what: "connect")
    }
    send([0x10, 18, 0, 4] + Array("MQTT".utf8) + [4, 2, 0, 0, 0, 6] + Array("flood\(Int.random(in: 0...9))".utf8))
    var answer = [UInt8](repeating: 0, count: 4)
    guard unsafe recv(connection, &answer, 4, Int32(MSG_WAITALL)) == 4, answer[3] == 0 else {
      throw Failure(what: "CONNACK")
    }
  }

  deinit { close(connection) }

  /// Publishes with QoS 0; true when the broker has taken it off the connection or holds it in its buffers.
  @discardableResult
  func publish(_ topic: String, _ payload: [UInt8], isRetained: Bool = false) -> Bool {
    send(Self.packet(topic, payload.count, isRetained) + payload)
  }

  /// Publishes so many bytes, without their having to be in memory.
  @discardableResult
  func publish(_ topic: String, zeros count: Int, isRetained: Bool = false) -> Bool {
    guard send(Self.packet(topic, count, isRetained)) else { return false }
    let piece = [UInt8](repeating: 0, count: 1 << 20)
    for start in stride(from: 0, to: count, by: piece.count) {
      guard send(Array(piece.prefix(count - start))) else { return false }
    }
    return true
  }

  /// Up to the payload.
  private static func packet(_ topic: String, _ count: Int, _ isRetained: Bool) -> [UInt8] {
    let name = Array(topic.utf8)
    var length: [UInt8] = []
    var rest = 2 + name.count + count
    repeat {
      length.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
      rest >>= 7
    } while rest > 0
    return [isRetained ? 0x31 : 0x30] + length + [UInt8(name.count >> 8), UInt8(name.count & 255)] + name
  }

  @discardableResult
  private func send(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = unsafe rest.withUnsafeBytes {
        unsafe Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard sent > 0 else { return false }
      rest = rest.dropFirst(sent)
    }
    return true
  }
}
