internal import Base
internal import Glibc
internal import Platform

/// Looks up names on a thread of its own, one at a time: `getaddrinfo` takes as long as the name server likes.
final class LookupThread: Sendable {
  /// The addresses of a name, in the system's order, or what went wrong.
  enum Answer: Equatable, Sendable {
    case found([SocketAddress])
    case failed(String)
  }

  typealias Lookup = @Sendable (_ host: String, _ port: UInt16) -> Answer

  private struct Question: Sendable {
    let host: String
    let port: UInt16
    let answers: Mailbox<Answer>
  }

  private let questions: Mailbox<Question>
  /// When the current look-up began.
  private let busySince: Shared<Instant?>

  /// Starts the thread; nil where the machine has no thread or descriptor left.
  init?(lookup: @escaping Lookup = { LookupThread.lookUp($0, $1) }) {
    guard let box = Mailbox<Question>() else { return nil }
    questions = box
    let busySince = Shared<Instant?>(nil)
    self.busySince = busySince
    let isRunning = Thread.start {
      while true {
        var waiting = pollfd(fd: box.descriptor, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&waiting, 1, -1)
        for question in box.takeAll() {
          busySince.change { $0 = Clock.now() }
          _ = question.answers.post(lookup(question.host, question.port))
        }
        busySince.change { $0 = nil }
      }
    }
    guard isRunning else { return nil }
  }

  /// How long the current look-up has taken.
  func age(at now: Instant) -> Milliseconds { busySince.current.map { now - $0 } ?? 0 }

  /// Looks a name up. Returns the box that the answer will come to, nil where too many questions wait already.
  func ask(_ host: String, _ port: UInt16) -> Mailbox<Answer>? {
    guard let answers = Mailbox<Answer>(capacity: 1) else { return nil }
    return questions.post(Question(host: host, port: port, answers: answers)) ? answers : nil
  }

  /// Asks the system, which may take long. With `isNumeric` it does not: only addresses in digits are understood.
  static func lookUp(_ host: String, _ port: UInt16, isNumeric: Bool = false) -> Answer {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    unsafe hints.ai_flags = isNumeric ? AI_NUMERICHOST | AI_NUMERICSERV : AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let code = unsafe getaddrinfo(host, String(port), &hints, &list)
    guard code == 0 else {
      return .failed(unsafe gai_strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)")
    }
    defer { unsafe freeaddrinfo(list) }
    var addresses: [SocketAddress] = []
    var entry = unsafe list
    while let found = unsafe entry, addresses.count < Limits.addressesOfName {
      if let address = unsafe found.pointee.ai_addr {
        let bytes = unsafe UnsafeRawBufferPointer(start: address, count: Int(found.pointee.ai_addrlen))
        addresses.append(SocketAddress(family: unsafe found.pointee.ai_family, bytes: unsafe Array(bytes)))
      }
      unsafe entry = found.pointee.ai_next
    }
    return addresses.isEmpty ? .failed("the name has no address") : .found(addresses)
  }
}
