package import Base
internal import Glibc

/// The events of a descriptor, as `poll` knows them.
package struct Readiness: OptionSet, Hashable, Sendable {
  package let rawValue: Int16

  package init(rawValue: Int16) { self.rawValue = rawValue }

  package static let readable = Readiness(rawValue: Int16(POLLIN))
  package static let writable = Readiness(rawValue: Int16(POLLOUT))
  /// An error or a hang-up, which `poll` always reports.
  package static let failed = Readiness(rawValue: Int16(POLLERR | POLLHUP))
  /// Bytes, or the end of them. The literal of an array would be put together anew each time.
  package static let arriving = Readiness(rawValue: Int16(POLLIN | POLLERR | POLLHUP))
  /// The descriptor is not open.
  package static let invalid = Readiness(rawValue: Int16(POLLNVAL))
}

/// A descriptor, and the events to wait for.
package struct PollInterest: Equatable, Sendable {
  package var descriptor: Int32
  package var readiness: Readiness

  package init(descriptor: Int32, readiness: Readiness) {
    self.descriptor = descriptor
    self.readiness = readiness
  }
}

/// The descriptors that one round of a loop waits for.
package struct PollSet {
  /// Asks for the readiness of one descriptor after `wait`.
  package struct Token: Sendable {
    fileprivate let place: Int
  }

  private var polled: [pollfd] = []

  package init() {}

  @discardableResult package mutating func add(_ interest: PollInterest) -> Token {
    polled.append(pollfd(fd: interest.descriptor, events: interest.readiness.rawValue, revents: 0))
    return Token(place: polled.count - 1)
  }

  /// Returns when a descriptor is ready, or after some time; nil for no limit. A signal may end the wait early.
  package mutating func wait(atMost time: Milliseconds?) {
    _ = unsafe poll(&polled, nfds_t(polled.count), time.map { Int32(clamping: max(0, $0.count)) } ?? -1)
  }

  /// The events that `wait` found; empty for a source without a descriptor.
  package func readiness(of token: Token?) -> Readiness {
    token.map { Readiness(rawValue: polled[$0.place].revents) } ?? []
  }
}
