import Decoders
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Platform
@testable import Publishing

/// A broker that speaks MQTT 3.1.1 and nothing else, as far as a test needs it: one client at a time, every message is
/// acknowledged and noted.
final class OldBroker: @unchecked Sendable {
  /// How it says that it does not know MQTT 5.
  enum Refusal: Sendable, CaseIterable {
    /// CONNACK of 3.1.1 with "unacceptable protocol version".
    case connack
    /// It takes the version for a slip and answers as ever.
    case answersAsEver
    /// No word.
    case closes
    /// No word, and the connection stays.
    case silent
  }

  private let listening: Int32
  private let refusal: Refusal
  private let notes: Mailbox<String>
  private let forgotten: Shared<String?>
  private(set) var topics: [String] = []
  let port: UInt16

  /// The first message for the topic `forgets` is never acknowledged.
  init(_ refusal: Refusal, forgets: String? = nil) throws {
    (listening, port) = try listeningSocket()
    self.refusal = refusal
    notes = try #require(Mailbox<String>(capacity: 4096))
    forgotten = Shared(forgets)
    let (listening, notes, forgotten) = (listening, notes, forgotten)
    try #require(
      Thread.start {
        while true {
          let client = accept(listening, nil, nil)
          guard client >= 0 else { return }
          OldBroker.serve(client, refusal, notes, forgotten)
          close(client)
        }
      })
  }

  deinit { shutdown(listening, Int32(SHUT_RDWR)) }

  /// What came so far: `CONNECT` with its version, `PUBLISH` with its topic.
  func seen() -> [String] {
    topics += notes.takeAll()
    return topics
  }

  private static func serve(
    _ client: Int32, _ refusal: Refusal, _ notes: Mailbox<String>, _ forgotten: Shared<String?>
  ) {
    while let packet = read(client) {
      switch packet.type {
      case 1:
        // Protocol name, then its version.
        let version = packet.body[6]
        _ = notes.post("CONNECT \(version)")
        if version == 4 || refusal == .answersAsEver {
          write(client, [0x20, 2, 0, 0])
        } else if refusal == .connack {
          write(client, [0x20, 2, 0, 1])
        }
        if version != 4, refusal == .connack || refusal == .closes { return }
      case 3:
        let length = Int(packet.body[0]) << 8 | Int(packet.body[1])
        let topic = String(decoding: packet.body[2..<2 + length], as: UTF8.self)
        _ = notes.post("PUBLISH \(topic)")
        if forgotten.current == topic {
          forgotten.change { $0 = nil }
          continue
        }
        if packet.flags & 6 != 0 { write(client, [0x40, 2] + packet.body[2 + length..<4 + length]) }
      case 8: write(client, [0x90, 3] + packet.body[0..<2] + [0])
      case 12: write(client, [0xD0, 0])
      default: return
      }
    }
  }

  private static func read(_ client: Int32) -> (type: UInt8, flags: UInt8, body: [UInt8])? {
    guard let first = bytes(client, 1)?.first else { return nil }
    var length = 0
    for shift in [0, 7, 14, 21] {
      guard let byte = bytes(client, 1)?.first else { return nil }
      length |= Int(byte & 0x7F) << shift
      if byte & 0x80 == 0 { break }
    }
    return bytes(client, length).map { (first >> 4, first & 15, $0) }
  }

  private static func bytes(_ client: Int32, _ count: Int) -> [UInt8]? {
    var all = [UInt8](repeating: 0, count: count)
    guard count > 0 else { return [] }
    let got = unsafe recv(client, &all, count, Int32(MSG_WAITALL))
    return got == count ? all : nil
  }

  private static func write(_ client: Int32, _ bytes: [UInt8]) {
    _ = unsafe send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }
}
