package import Base
internal import Glibc
internal import Meters
package import Platform

/// One simulated line and the port it comes out of.
package struct SimulatedLine: Sendable {
  package var simulation: any LineSimulation
  var port: any LinePort
  private let isPacked: Bool
  private var pacer: LinePacer
  private var wasListened = false

  init(_ simulation: any LineSimulation, at port: any LinePort, isPacked: Bool = false) {
    self.simulation = simulation
    self.port = port
    self.isPacked = isPacked
    pacer = LinePacer(simulation.line, isShared: simulation.isShared, isPacked: isPacked)
  }

  /// When it needs service again.
  var wakes: Instant? {
    guard wasListened else { return nil }
    return [simulation.wakes, pacer.wakes].compactMap(\.self).min()
  }

  /// Reads the bytes that have come in.
  mutating func collect() -> [UInt8] {
    port.refresh()
    return port.read()
  }

  /// Answers what came in, sends what is due.
  mutating func step(_ bytes: [UInt8], at moment: SimulatedMoment) {
    guard port.isListened else {
      // Without a reader the bytes are dropped: a later reader must not get old ones.
      if wasListened || !bytes.isEmpty {
        // The last bytes of a reader that has gone still count.
        if !bytes.isEmpty { _ = simulation.receive(bytes, at: moment) }
        simulation.listenerLeft()
        pacer.clear()
        wasListened = false
      }
      return
    }
    wasListened = true
    if !bytes.isEmpty {
      if let baud = port.baud { tune(to: baud) }
      simulation.receive(bytes, at: moment).forEach { pacer.add($0) }
    }
    let before = simulation.line
    let due = simulation.due(at: moment)
    if simulation.line != before { pacer = LinePacer(simulation.line, isShared: simulation.isShared) }
    due.forEach { pacer.add($0) }
    write(pacer.take(at: moment.now))
  }

  /// What is on its way comes: it is counted already.
  mutating func finish() {
    if wasListened { write(pacer.takeAll()) }
  }

  private mutating func write(_ bytes: [UInt8]) {
    if !bytes.isEmpty { port.write(isHeardRight ? bytes : bytes.map { $0 & 0x55 | 0x80 }) }
  }

  /// Whether the reader's port has the speed of the meter, as far as the port tells.
  private var isHeardRight: Bool { !simulation.keepsSpeed || port.baud ?? simulation.line.baud == simulation.line.baud }

  private mutating func tune(to baud: Int) {
    let before = simulation.line
    simulation.tuned(to: baud)
    guard simulation.line != before else { return }
    pacer = LinePacer(simulation.line, isShared: simulation.isShared, isPacked: isPacked)
  }
}

/// The only place of the simulator that reads clocks and waits. A round serves the lines that have something to do.
package struct SimulatorLoop: Sendable {
  /// Commands to a running simulator.
  package enum Command: Sendable {
    /// Changes the meters of a line: their faults, their values, their number.
    case change(line: Int, @Sendable (inout any LineSimulation) -> Void)
    case stop
  }

  /// How often a pty without a reader is checked.
  private static let look: Milliseconds = 20
  /// Tokens of what is not a line.
  private static let (stopped, commanded, ordered) = (-1, -2, -3)

  package private(set) var lines: [SimulatedLine]
  private let speed: Int64
  private let started = Clock.now()
  private let startedAt: WallTime
  private var deadlines = Deadlines()
  /// Lines whose port must be checked now and then.
  private var looking: Set<Int> = []

  /// - Parameters:
  ///   - lines: what to simulate.
  ///   - speed: simulated seconds a second; 0 lets the registers stand.
  ///   - startedAt: the simulated time at first.
  package init(_ lines: [SimulatedLine], speed: Int, startedAt: WallTime) {
    self.lines = lines
    self.speed = Int64(speed)
    self.startedAt = startedAt
  }

  /// Runs until `stop` is readable or a command says so, then takes the ports away. Orders are those of people.
  ///
  /// - Throws: where the system has no descriptor left to wait with.
  package mutating func run(
    until stop: Int32 = -1, commands: Mailbox<Command>? = nil, orders: SimulatorOrders? = nil
  ) throws(SimulatorError) {
    defer { for index in lines.indices { lines[index].port.close() } }
    guard let polled = EventPoll() else {
      throw SimulatorError(message: "no descriptor left to wait with: \(Errno.last)")
    }
    var orders = orders
    for (token, descriptor) in [(Self.stopped, stop), (Self.commanded, commands?.descriptor ?? -1)]
    where descriptor >= 0 {
      polled.watch(PollInterest(descriptor: descriptor, readiness: .readable), as: token)
    }
    // A reader may have come before.
    var ready = Array(lines.indices)
    while true {
      polled.watch(orders?.interest, as: Self.ordered)
      let now = Clock.now()
      let world = WallTime(milliseconds: startedAt.milliseconds + (now - started).count * speed)
      let moment = SimulatedMoment(now: now, world: world)
      // A command that was given before bytes were sent counts for them, so they are collected first.
      var collected: [(line: Int, bytes: [UInt8])] = []
      for line in Set(ready).union(deadlines.takeDue(at: now)).union(looking) {
        collected.append((line, lines[line].collect()))
        watch(line, polled)
      }
      guard obey(commands?.takeAll() ?? [], &collected) else { return }
      for (line, bytes) in collected {
        lines[line].step(bytes, at: moment)
        watch(line, polled)
      }
      orders?.follow { line, words in
        defer { deadlines.set(line, moment.now) }
        return lines[line].simulation.obey(words, at: moment)
      }
      let events = polled.wait(atMost: timeout())
      if events.contains(where: { $0.token == Self.stopped }) {
        for index in lines.indices { lines[index].finish() }
        return
      }
      ready = events.lazy.filter { $0.token >= 0 }.map { $0.token / 2 }
    }
  }

  /// A port has at most two descriptors: that of the line, and one that readers come to.
  private mutating func watch(_ line: Int, _ polled: EventPoll) {
    let descriptors = lines[line].port.descriptors
    for place in 0..<2 {
      let descriptor = place < descriptors.count ? descriptors[place] : nil
      polled.watch(descriptor.map { PollInterest(descriptor: $0, readiness: .readable) }, as: 2 * line + place)
    }
    deadlines.set(line, lines[line].wakes)
    if lines[line].port.needsLooking { looking.insert(line) } else { looking.remove(line) }
  }

  /// False to stop. A line that is changed is served too.
  private mutating func obey(_ commands: [Command], _ collected: inout [(line: Int, bytes: [UInt8])]) -> Bool {
    for command in commands {
      switch command {
      case .stop: return false
      case .change(let line, let body):
        guard lines.indices.contains(line) else { continue }
        body(&lines[line].simulation)
        if !collected.contains(where: { $0.line == line }) { collected.append((line, [])) }
      }
    }
    return true
  }

  private func timeout() -> Milliseconds? {
    let wakes = deadlines.first.map { $0 - Clock.now() }
    return looking.isEmpty ? wakes : min(wakes ?? Self.look, Self.look)
  }
}

/// Fake meters run by a thread of this process until they are stopped: for tests, which find them at `places`.
final class RunningSimulator: Sendable {
  /// Where the lines are; TCP ports with their real number.
  let places: [SimulatorPlace]
  private let commands: Mailbox<SimulatorLoop.Command>
  private let ended: Mailbox<Bool>

  /// Opens the places and starts. `speed` is simulated seconds a second, 0 lets the registers stand; `startedAt` is the
  /// simulated time at first, nil for now.
  init(
    _ lines: [(simulation: any LineSimulation, place: SimulatorPlace)], speed: Int = 1, startedAt: WallTime? = nil
  ) throws(SimulatorError) {
    guard let commands = Mailbox<SimulatorLoop.Command>(), let ended = Mailbox<Bool>() else {
      throw SimulatorError(message: "no descriptor left for a simulator: \(Errno.last)")
    }
    let opened = try openedLines(lines)
    places = zip(opened, lines).map { line, asked in
      (line.port as? LoopbackPort).map { SimulatorPlace.tcp($0.port) } ?? asked.place
    }
    self.commands = commands
    self.ended = ended
    let loop = SimulatorLoop(opened, speed: speed, startedAt: startedAt ?? Clock.wall())
    let isRunning = Thread.start {
      var loop = loop
      try? loop.run(commands: commands)
      _ = ended.post(true)
    }
    guard isRunning else { throw SimulatorError(message: "no thread left for a simulator: \(Errno.last)") }
  }

  /// Changes the meters of a line while they run; counts for every request sent after it.
  func change(line: Int = 0, _ body: @escaping @Sendable (inout any LineSimulation) -> Void) {
    _ = commands.post(.change(line: line, body))
  }

  /// Ends it and waits until its ports and links are removed.
  func stop() {
    guard commands.post(.stop) else { return }
    var entry = pollfd(fd: ended.descriptor, events: Int16(POLLIN), revents: 0)
    unsafe poll(&entry, 1, -1)
  }

  deinit { stop() }
}

/// Opens the ports of lines; if one fails, the others are removed again.
package func openedLines(
  _ lines: [(simulation: any LineSimulation, place: SimulatorPlace)], packed: Set<SimulatorPlace> = []
) throws(SimulatorError) -> [SimulatedLine] {
  var opened: [SimulatedLine] = []
  for line in lines {
    do throws(SimulatorError) {
      opened.append(SimulatedLine(line.simulation, at: try line.place.open(), isPacked: packed.contains(line.place)))
    } catch {
      for index in opened.indices { opened[index].port.close() }
      throw error
    }
  }
  return opened
}
