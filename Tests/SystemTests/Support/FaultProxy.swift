import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Platform

/// A TCP proxy on a loopback port of its own that does to connections what bad networks and bad brokers do. What it does
/// can be changed while connections are open.
final class FaultProxy: Sendable {
  /// What happens to the bytes of a connection.
  struct Behaviour: Sendable {
    /// Nobody listens: connections are refused, open ones stay.
    var refuses = false
    /// Nothing goes through in either direction, and nobody is told.
    var isBlackHole = false
    /// Counts up to have all connections reset.
    var cuts = 0
    /// Every byte comes so much later.
    var delay: Milliseconds = 0
    /// In either direction; nil for no limit.
    var bytesPerSecond: Int?
    /// What happens to the next connections, one after the other; none of it to those after them.
    var plans: [Plan] = []
  }

  /// What happens to one connection after so many bytes of one direction have gone through.
  struct Plan: Sendable {
    enum Kind: Sendable { case reset, finish, corrupt }
    enum Way: Sendable, CaseIterable { case toTarget, toClient }
    var kind: Kind
    var way = Way.toTarget
    var offset: Int
    /// The bits that are turned over in the byte at the offset, where that is the plan.
    var bits: UInt8 = 0xFF
  }

  let port: UInt16
  private let behaviour: Shared<Behaviour>
  private let counters = Shared(Counters())
  private let control: Mailbox<Void>

  struct Counters: Sendable {
    var accepted = 0
    /// Plans that were carried out.
    var carriedOut = 0
    /// Bytes that came from clients and were not handed on yet.
    var waiting = 0
  }

  init(to target: UInt16, _ behaviour: Behaviour = Behaviour()) throws {
    port = try freePort()
    self.behaviour = Shared(behaviour)
    control = try #require(Mailbox<Void>())
    let (port, shared, counters, control) = (port, self.behaviour, counters, control)
    try #require(
      Thread.start {
        var loop = ProxyLoop(port: port, target: target, behaviour: shared, counters: counters)
        loop.run(until: control.descriptor)
      })
  }

  deinit { _ = control.post(()) }

  var seen: Counters { counters.current }

  /// Resets every connection that stands, once.
  func cutAll() { behaviour.change { $0.cuts += 1 } }

  /// Changes what happens from now on.
  func set(_ body: (inout Behaviour) -> Void) { behaviour.change(body) }
}

/// The thread of the proxy.
private struct ProxyLoop {
  let port: UInt16
  let target: UInt16
  let behaviour: Shared<FaultProxy.Behaviour>
  let counters: Shared<FaultProxy.Counters>
  private var listening: Int32 = -1
  private var pairs: [Pair] = []
  private var cuts = 0

  init(
    port: UInt16, target: UInt16, behaviour: Shared<FaultProxy.Behaviour>, counters: Shared<FaultProxy.Counters>
  ) {
    self.port = port
    self.target = target
    self.behaviour = behaviour
    self.counters = counters
  }

  mutating func run(until stop: Int32) {
    while true {
      let now = behaviour.current
      if now.cuts > cuts { pairs.indices.forEach { pairs[$0].close(resets: true) } }
      cuts = now.cuts
      pairs.removeAll { $0.isClosed }
      if now.refuses != (listening < 0) { turn(listens: !now.refuses) }
      var polled = [pollfd(fd: stop, events: Int16(POLLIN), revents: 0)]
      polled.append(pollfd(fd: listening, events: Int16(POLLIN), revents: 0))
      for pair in pairs where !now.isBlackHole {
        polled.append(pollfd(fd: pair.up.wantsBytes ? pair.client : -1, events: Int16(POLLIN), revents: 0))
        polled.append(pollfd(fd: pair.down.wantsBytes ? pair.server : -1, events: Int16(POLLIN), revents: 0))
      }
      // Rates, delays and changes of mind are looked after every few milliseconds.
      _ = unsafe poll(&polled, nfds_t(polled.count), 5)
      if polled[0].revents != 0 { break }
      if polled[1].revents & Int16(POLLIN) != 0 { accept() }
      if now.isBlackHole { continue }
      let time = Clock.now()
      for index in pairs.indices { step(index, now, at: time) }
      pairs.removeAll { $0.isClosed }
      let waiting = pairs.reduce(0) { $0 + $1.up.count }
      counters.change { $0.waiting = waiting }
    }
    pairs.indices.forEach { pairs[$0].close(resets: true) }
    if listening >= 0 { close(listening) }
  }

  private mutating func turn(listens: Bool) {
    if listening >= 0 { close(listening) }
    listening = -1
    guard listens else { return }
    let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var yes: Int32 = 1
    unsafe setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    // Little room in the kernel, so that a slow proxy is felt at once.
    var room: Int32 = 4096
    unsafe setsockopt(made, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size))
    guard unsafe withLoopback(port, { unsafe bind(made, $0, $1) }) == 0, listen(made, 16) == 0 else {
      close(made)
      return
    }
    listening = made
  }

  private mutating func accept() {
    let client = Glibc.accept(listening, nil, nil)
    guard client >= 0 else { return }
    _ = fcntl(client, F_SETFD, FD_CLOEXEC)
    _ = fcntl(client, F_SETFL, O_NONBLOCK)
    let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard unsafe withLoopback(target, { unsafe connect(server, $0, $1) }) == 0 else {
      close(server)
      var linger = linger(l_onoff: 1, l_linger: 0)
      unsafe setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
      close(client)
      return
    }
    _ = fcntl(server, F_SETFL, O_NONBLOCK)
    let plan = behaviour.change { $0.plans.isEmpty ? nil : $0.plans.removeFirst() }
    pairs.append(Pair(client: client, server: server, plan: plan))
    counters.change { $0.accepted += 1 }
  }

  private mutating func step(_ index: Int, _ behaviour: FaultProxy.Behaviour, at now: Instant) {
    pairs[index].up.move(from: pairs[index].client, to: pairs[index].server, behaviour, at: now)
    pairs[index].down.move(from: pairs[index].server, to: pairs[index].client, behaviour, at: now)
    if let kind = pairs[index].up.takePlan() ?? pairs[index].down.takePlan() {
      counters.change { $0.carriedOut += 1 }
      if kind != .corrupt { pairs[index].close(resets: kind == .reset) }
    }
    if pairs[index].up.hasEnded || pairs[index].down.hasEnded { pairs[index].close(resets: false) }
  }
}

/// A connection through the proxy.
private struct Pair {
  let client: Int32
  let server: Int32
  var up: Direction
  var down: Direction
  var isClosed = false

  init(client: Int32, server: Int32, plan: FaultProxy.Plan?) {
    self.client = client
    self.server = server
    up = Direction(plan: plan?.way == .toTarget ? plan : nil)
    down = Direction(plan: plan?.way == .toClient ? plan : nil)
  }

  mutating func close(resets: Bool) {
    guard !isClosed else { return }
    isClosed = true
    for side in [client, server] {
      if resets {
        var linger = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(side, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
      } else {
        // What has come in and is not read would turn the end into a reset.
        shutdown(side, Int32(SHUT_WR))
        var rest = [UInt8](repeating: 0, count: 65_536)
        while unsafe recv(side, &rest, rest.count, Int32(MSG_DONTWAIT)) > 0 {}
      }
      Glibc.close(side)
    }
  }
}

/// One direction of a connection.
private struct Direction {
  private var chunks: [(due: Instant, bytes: [UInt8])] = []
  private(set) var count = 0
  private var passed = 0
  private var allowance = 0.0
  private var last: Instant?
  private var plan: FaultProxy.Plan?
  private var carriedOut: FaultProxy.Plan.Kind?
  private var hasFinished = false

  init(plan: FaultProxy.Plan?) { self.plan = plan }

  var wantsBytes: Bool { count < 16_384 && !hasFinished }
  /// The sender has ended, and everything of it is through.
  var hasEnded: Bool { hasFinished && chunks.isEmpty }

  /// What was done to the connection just now.
  mutating func takePlan() -> FaultProxy.Plan.Kind? {
    defer { carriedOut = nil }
    return carriedOut
  }

  mutating func move(from: Int32, to: Int32, _ behaviour: FaultProxy.Behaviour, at now: Instant) {
    if wantsBytes {
      var bytes = [UInt8](repeating: 0, count: 4096)
      let got = unsafe recv(from, &bytes, bytes.count, Int32(MSG_DONTWAIT))
      if got > 0 {
        chunks.append((now + behaviour.delay, Array(bytes[..<got])))
        count += got
      } else if got == 0 || errno != EAGAIN {
        hasFinished = true
      }
    }
    if let rate = behaviour.bytesPerSecond {
      allowance = min(Double(rate), allowance + Double(rate) * Double((now - (last ?? now)).count) / 1000)
    } else {
      allowance = .infinity
    }
    last = now
    while carriedOut == nil, let first = chunks.first, first.due <= now, allowance >= 1 {
      var piece = Array(first.bytes.prefix(allowance.isFinite ? Int(allowance) : first.bytes.count))
      if let plan, passed + piece.count > plan.offset {
        carriedOut = plan.kind
        self.plan = nil
        if plan.kind == .corrupt {
          chunks[0].bytes[plan.offset - passed] ^= plan.bits
          break
        }
        piece = Array(piece.prefix(plan.offset - passed))
      }
      let sent = piece.isEmpty ? 0 : unsafe send(to, piece, piece.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
      guard sent > 0 else { break }
      passed += sent
      count -= sent
      if allowance.isFinite { allowance -= Double(sent) }
      if sent == first.bytes.count { chunks.removeFirst() } else { chunks[0].bytes.removeFirst(sent) }
    }
  }
}
