import Glibc
import Testing
import TestSupport

@testable import Platform

/// A web server on a free port of the loopback, on a thread of its own. It closes each connection after its answer.
final class WebServer: Sendable {
  /// What it answers, head and body; nil to keep whoever asks waiting.
  let answer = Shared<[UInt8]?>(nil)
  /// The heads of the requests.
  let requests = Shared<[String]>([])
  let port: UInt16
  private let isShut = Shared(false)
  private let hasEnded = Shared(false)

  init(port: UInt16? = nil) throws {
    let (listening, port) = try listeningSocket(port: port)
    self.port = port
    let (answer, requests, isShut, hasEnded) = (answer, requests, isShut, hasEnded)
    let isRunning = Thread.start {
      var waiting: [Int32] = []
      while !isShut.current {
        var ready = pollfd(fd: listening, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&ready, 1, 10) == 1 else { continue }
        let peer = accept(listening, nil, nil)
        // Whoever connects and says nothing does not hold up the others for ever.
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        unsafe setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        requests.change { $0.append(Self.head(of: peer)) }
        if let answer = answer.current {
          var sent = 0
          while sent < answer.count {
            let count = unsafe send(peer, Array(answer[sent...]), answer.count - sent, Int32(MSG_NOSIGNAL))
            guard count > 0 else { break }
            sent += count
          }
          close(peer)
        } else {
          waiting.append(peer)
        }
      }
      // For a program too that another test is about to start, which holds the socket for a moment.
      shutdown(listening, Int32(SHUT_RDWR))
      for peer in waiting + [listening] { close(peer) }
      hasEnded.change { $0 = true }
    }
    guard isRunning else { throw Failure(what: "thread") }
  }

  deinit { isShut.change { $0 = true } }

  /// Returns once nobody listens any more.
  func shut() {
    isShut.change { $0 = true }
    #expect(eventually { hasEnded.current }, "the web server goes on listening")
  }

  func serve(_ body: [UInt8], status: String = "200 OK", headers: [String] = []) {
    let head = (["HTTP/1.1 \(status)", "Connection: close"] + headers).map { $0 + "\r\n" }.joined() + "\r\n"
    answer.change { $0 = Array(head.utf8) + body }
  }

  func url(_ path: String = "/telegram", user: String = "") -> String { "http://\(user)127.0.0.1:\(port)\(path)" }

  private static func head(of peer: Int32) -> String {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    // A client that speaks TLS waits for an answer of that kind.
    while bytes.first != 0x16, !String(decoding: bytes, as: UTF8.self).contains("\r\n\r\n") {
      let count = unsafe Glibc.read(peer, &buffer, buffer.count)
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
