package import Base
internal import CLinux
internal import Glibc

/// The descriptors that a loop waits for from round to round. The kernel keeps them (epoll), so a round costs what has
/// happened in it and not what could have.
///
/// Each is known by a number of the loop's own, its token.
@safe package final class EventPoll {
  package struct Event: Sendable {
    package var token: Int
    package var readiness: Readiness
  }

  private let descriptor: Int32
  private var standing: [Int: PollInterest] = [:]
  /// The token of each descriptor.
  private var owners: [Int32: Int] = [:]
  /// What the kernel does not wait for: a file is always ready, and a closed descriptor always invalid.
  private var always: [Int: Readiness] = [:]
  private var found = unsafe [epoll_event](repeating: epoll_event(), count: EventPoll.eventsOfRound)

  /// The events of one round. Those that are left come first in the next.
  private static let eventsOfRound = 256

  /// Nil if the system has no descriptor left.
  package init?() {
    descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard descriptor >= 0 else { return nil }
  }

  deinit { close(descriptor) }

  /// For another loop to wait for: something has happened here.
  package var interest: PollInterest { PollInterest(descriptor: descriptor, readiness: .readable) }

  /// Sets what a token waits for; nil for nothing.
  ///
  /// It is to be called again after anything that may have closed or opened the token's descriptor: the kernel forgets a
  /// closed one, and its number comes again. A descriptor belongs to the token that named it last.
  package func watch(_ interest: PollInterest?, as token: Int) {
    if let former = standing[token], former.descriptor != interest?.descriptor {
      standing[token] = nil
      always[token] = nil
      if owners[former.descriptor] == token {
        owners[former.descriptor] = nil
        _ = control(EPOLL_CTL_DEL, former, token)
      }
    }
    guard let interest else { return }
    standing[token] = interest
    if let other = owners.updateValue(token, forKey: interest.descriptor), other != token {
      standing[other] = nil
      always[other] = nil
    }
    if control(EPOLL_CTL_MOD, interest, token) || control(EPOLL_CTL_ADD, interest, token) {
      if !always.isEmpty { always[token] = nil }
    } else {
      always[token] = errno == EPERM ? interest.readiness : .invalid
    }
  }

  /// Waits for nothing any more.
  package func removeAll() { for token in Array(standing.keys) { watch(nil, as: token) } }

  /// Returns when a descriptor is ready, or after some time; nil for no limit. A signal may end the wait early.
  package func wait(atMost time: Milliseconds?) -> [Event] {
    let limit = always.isEmpty ? time.map { Int32(clamping: max(0, $0.count)) } ?? -1 : 0
    let count = unsafe epoll_wait(descriptor, &found, Int32(found.count), limit)
    var events: [Event] = []
    for (token, readiness) in always { events.append(Event(token: token, readiness: readiness)) }
    for place in 0..<Int(max(0, count)) {
      let (token, bits) = unsafe (found[place].data.u64, found[place].events)
      events.append(
        Event(token: Int(truncatingIfNeeded: token), readiness: Readiness(rawValue: Int16(truncatingIfNeeded: bits))))
    }
    return events
  }

  /// The bits of epoll are those of `poll`. False with `errno` where the kernel refuses.
  private func control(_ operation: Int32, _ interest: PollInterest, _ token: Int) -> Bool {
    var event = unsafe epoll_event()
    unsafe event.events = UInt32(interest.readiness.rawValue)
    unsafe event.data.u64 = UInt64(bitPattern: Int64(token))
    return unsafe epoll_ctl(descriptor, operation, interest.descriptor, &event) == 0
  }
}
