import Glibc
import Testing
import TestSupport

@testable import Platform

/// A gateway with a loopback port of its own, which plays the same script to each client, one at a time.
final class Gateway: Sendable {
  /// The connection of a client.
  struct Client: Sendable {
    fileprivate let descriptor: Int32

    /// Sends all bytes; false when the client is gone.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
      var rest = bytes[...]
      while !rest.isEmpty {
        let sent = unsafe Glibc.send(descriptor, Array(rest), rest.count, Int32(MSG_NOSIGNAL))
        guard sent > 0 else { return false }
        rest = rest.dropFirst(sent)
      }
      return true
    }

    func pause(milliseconds: UInt32) { usleep(milliseconds * 1000) }
  }

  let port: UInt16
  private let listening: Int32
  private let counter = Shared(0)

  /// The connection closes when the script is over.
  init(_ script: @escaping @Sendable (Client) -> Void) throws {
    (listening, port) = try listeningSocket()
    let (listening, counter) = (listening, counter)
    try #require(
      Thread.start {
        while true {
          let client = accept(listening, nil, nil)
          guard client >= 0 else { return }
          counter.change { $0 += 1 }
          script(Client(descriptor: client))
          close(client)
        }
      })
  }

  /// How often a client came.
  var clients: Int { counter.current }

  deinit { shutdown(listening, Int32(SHUT_RDWR)) }
}
