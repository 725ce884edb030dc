import Glibc
import Testing
import TestSupport

@testable import Platform

/// A broker that reads the CONNECT of each client, sends the same bytes to each, and closes the connection.
final class ScriptedBroker: @unchecked Sendable {
  private let listening: Int32
  private let count = Shared(0)
  let port: UInt16

  /// The answers to the first connections, in turn; the last one to all others.
  init(_ answers: [UInt8]...) throws {
    (listening, port) = try listeningSocket()
    let (listening, count) = (listening, count)
    try #require(
      Thread.start {
        while true {
          let client = accept(listening, nil, nil)
          guard client >= 0 else { return }
          var packet = [UInt8](repeating: 0, count: 1024)
          _ = unsafe recv(client, &packet, packet.count, 0)
          let answer = answers[min(count.current, answers.count - 1)]
          count.change { $0 += 1 }
          _ = unsafe send(client, answer, answer.count, Int32(MSG_NOSIGNAL))
          close(client)
        }
      })
  }

  /// Connections so far.
  var connections: Int { count.current }

  deinit { shutdown(listening, Int32(SHUT_RDWR)) }
}
