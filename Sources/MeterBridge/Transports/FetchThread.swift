internal import Base
internal import Glibc
internal import Platform

/// Fetches HTTP sources on a thread of its own. Thread and libcurl start with the first fetch.
final class FetchThread {
  enum Answer: Equatable, Sendable {
    case body([UInt8])
    case failed(FetchFailure)
  }

  struct Order: Sendable {
    let url: Secret
    /// For `Authorization: Bearer` (RFC 6750).
    let token: Secret?
    let answers: Mailbox<Answer>
  }

  private let limit: Milliseconds
  private var orders: Mailbox<Order>?

  /// - Parameter limit: Time for one fetch.
  init(limit: Milliseconds = Limits.fetching) { self.limit = limit }

  /// Fetches a URL, and returns the box for its answer. Nil if the machine lacks a thread or descriptor, or if too many
  /// fetches wait already.
  func fetch(_ url: Secret, token: Secret? = nil) -> Mailbox<Answer>? {
    guard let orders = orders ?? start(), let answers = Mailbox<Answer>(capacity: 1) else { return nil }
    return orders.post(Order(url: url, token: token, answers: answers)) ? answers : nil
  }

  private func start() -> Mailbox<Order>? {
    guard let box = Mailbox<Order>() else { return nil }
    let limit = limit
    guard Thread.start({ Self.run(box, limit: limit) }) else { return nil }
    orders = box
    return box
  }

  private static func run(_ orders: Mailbox<Order>, limit: Milliseconds) {
    var transfers: Transfers?
    while true {
      guard let working = transfers else {
        var waiting = pollfd(fd: orders.descriptor, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&waiting, 1, -1)
        transfers = Transfers(limit: limit)
        // It may be installed while we run.
        if transfers == nil { for order in orders.takeAll() { _ = order.answers.post(.failed(.noLibrary)) } }
        continue
      }
      working.wait(or: orders.descriptor)
      for order in orders.takeAll() { working.begin(order) }
      working.proceed()
    }
  }
}
