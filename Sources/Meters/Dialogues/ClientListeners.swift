internal import Base
internal import Decoders

/// Listens to gateways that connect to the program, or send it datagrams: each client has a line of its own.
struct ClientListeners: Dialogue {
  /// Makes the listener for a client.
  private let listener: @Sendable () -> Listener
  private let interval: Milliseconds?
  private var clients: [Int: Listener] = [:]
  private var outputs: [DialogueOutput] = []
  private var isOpen = false
  /// The time between two telegrams, of all clients.
  private var learnt = LearntInterval()
  /// When the last telegram came, or the port was opened.
  private var silentSince = Instant(milliseconds: 0)

  /// - Parameters:
  ///   - interval: the time between two telegrams; nil to find out.
  ///   - listener: makes the listener for a client.
  init(interval: Milliseconds?, listener: @escaping @Sendable () -> Listener) {
    self.interval = interval
    self.listener = listener
  }

  mutating func opened(now: Instant) {
    isOpen = true
    silentSince = now
  }

  mutating func received(_ input: LineInput, now: Instant) {
    clients[input.client, default: listener()].received(input, now: now)
    take(from: input.client, now: now)
  }

  mutating func left(client: Int, now: Instant) {
    clients[client]?.closed(now: now)
    take(from: client, now: now)
    clients[client] = nil
  }

  mutating func closed(now: Instant) {
    isOpen = false
    for client in clients.keys.sorted() { left(client: client, now: now) }
  }

  mutating func poll(meter: Int, now: Instant) -> Bool { false }

  mutating func tick(now: Instant) {
    for (client, listener) in clients where listener.deadline.map({ now >= $0 }) == true {
      clients[client]?.tick(now: now)
      take(from: client, now: now)
    }
    guard isOpen, now >= silentSince + patience else { return }
    outputs.append(.reopen(reason: "no telegram for \((now - silentSince).count / 1000) s"))
    silentSince = now
  }

  var deadline: Instant? {
    let silence = isOpen ? silentSince + patience : nil
    return (clients.values.map(\.deadline) + [silence]).compactMap(\.self).min()
  }

  mutating func takeOutputs() -> [DialogueOutput] {
    defer { outputs = [] }
    return outputs
  }

  private var patience: Milliseconds { learnt.patience(configured: interval, usual: Listener.usualInterval) }

  private mutating func take(from client: Int, now: Instant) {
    let new = clients[client]?.takeOutputs() ?? []
    if new.contains(where: { if case .readout = $0 { true } else { false } }) {
      silentSince = now
      learnt.heard(at: now)
    }
    outputs += new
  }
}
