package import Base
internal import Glibc
internal import Meters
package import Platform

/// One simulated line and the port it comes out of.
package struct SimulatedLine: Sendable {
  package var simulation: any LineSimulation
  var port: any LinePort
  private var pacer: LinePacer
  private var wasListened = false

  init(_ simulation: any LineSimulation, at port: any LinePort) {
    self.simulation = simulation
    self.port = port
    pacer = LinePacer(simulation.line, isShared: simulation.isShared)
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
    let out = pacer.take(at: moment.now)
    if !out.isEmpty { port.write(isHeardRight ? out : out.map { $0 & 0x55 | 0x80 }) }
  }

  /// Whether the reader's port has the speed of the meter, as far as the port tells.
  private var isHeardRight: Bool { !simulation.keepsSpeed || port.baud ?? simulation.line.baud == simulation.line.baud }

  private mutating func tune(to baud: Int) {
    let before = simulation.line
    simulation.tuned(to: baud)
    if simulation.line != before { pacer = LinePacer(simulation.line, isShared: simulation.isShared) }
  }
}

/// The only place of the simulator that reads clocks and waits.
package struct SimulatorLoop: Sendable {
  /// Commands to a running simulator.
  package enum Command: Sendable {
    /// Changes the meters of a line: their faults, their values, their number.
    case change(line: Int, @Sendable (inout any LineSimulation) -> Void)
    case stop
  }

  /// How often a pty without a reader is checked.
  private static let look: Milliseconds = 20

  package private(set) var lines: [SimulatedLine]
  private let speed: Int64
  private let started = Clock.now()
  private let startedAt: WallTime

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
  package mutating func run(until stop: Int32 = -1, commands: Mailbox<Command>? = nil, orders: SimulatorOrders? = nil) {
    var orders = orders
    repeat {
      let now = Clock.now()
      let world = WallTime(milliseconds: startedAt.milliseconds + (now - started).count * speed)
      let moment = SimulatedMoment(now: now, world: world)
      // A command that was given before bytes were sent counts for them, so they are collected first.
      let collected = lines.indices.map { lines[$0].collect() }
      guard obey(commands?.takeAll() ?? []) else { break }
      for (index, bytes) in collected.enumerated() { lines[index].step(bytes, at: moment) }
      orders?.follow { lines[$0].simulation.obey($1, at: moment) }
    } while !wait([stop, commands?.descriptor ?? -1, orders?.descriptor ?? -1])
    for index in lines.indices { lines[index].port.close() }
  }

  /// False to stop.
  private mutating func obey(_ commands: [Command]) -> Bool {
    for command in commands {
      switch command {
      case .stop: return false
      case .change(let line, let body): if lines.indices.contains(line) { body(&lines[line].simulation) }
      }
    }
    return true
  }

  /// Waits for bytes, for what is due, for commands; true where the first descriptor is readable.
  private func wait(_ control: [Int32]) -> Bool {
    let now = Clock.now()
    var wakes = lines.compactMap(\.wakes)
    if lines.contains(where: \.port.needsLooking) { wakes.append(now + Self.look) }
    let timeout = wakes.min().map { max(0, min(60_000, ($0 - now).count)) } ?? -1
    let descriptors = control + lines.flatMap(\.port.descriptors)
    var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    unsafe poll(&entries, nfds_t(entries.count), Int32(timeout))
    return entries[0].revents != 0
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
      loop.run(commands: commands)
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
  _ lines: [(simulation: any LineSimulation, place: SimulatorPlace)]
) throws(SimulatorError) -> [SimulatedLine] {
  var opened: [SimulatedLine] = []
  for line in lines {
    do throws(SimulatorError) {
      opened.append(SimulatedLine(line.simulation, at: try line.place.open()))
    } catch {
      for index in opened.indices { opened[index].port.close() }
      throw error
    }
  }
  return opened
}
