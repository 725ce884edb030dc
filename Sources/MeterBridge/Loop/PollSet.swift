internal import Glibc

/// What a descriptor is ready for, or is to be waited for.
struct Readiness: OptionSet, Hashable, Sendable {
  let rawValue: Int16

  static let readable = Readiness(rawValue: Int16(POLLIN))
  static let writable = Readiness(rawValue: Int16(POLLOUT))
  /// An error or a hang-up, which is told whether it is waited for or not.
  static let failed = Readiness(rawValue: Int16(POLLERR | POLLHUP))
  /// The descriptor is not open.
  static let invalid = Readiness(rawValue: Int16(POLLNVAL))
}

/// A descriptor, and what to wait for.
struct PollInterest: Equatable, Sendable {
  var descriptor: Int32
  var readiness: Readiness
}

/// The descriptors that one round of a loop waits for.
struct PollSet {
  /// Asks for the readiness of one descriptor after `wait`.
  struct Token: Sendable {
    fileprivate let place: Int
  }

  private var polled: [pollfd] = []

  @discardableResult mutating func add(_ interest: PollInterest) -> Token {
    polled.append(pollfd(fd: interest.descriptor, events: interest.readiness.rawValue, revents: 0))
    return Token(place: polled.count - 1)
  }

  /// Returns when a descriptor is ready, or after some time; nil for no limit. A signal may end the wait early.
  mutating func wait(atMost time: Milliseconds?) {
    _ = unsafe poll(&polled, nfds_t(polled.count), time.map { Int32(clamping: max(0, $0.count)) } ?? -1)
  }

  /// What `wait` found; nothing for a source without a descriptor.
  func readiness(of token: Token?) -> Readiness {
    token.map { Readiness(rawValue: polled[$0.place].revents) } ?? []
  }
}
