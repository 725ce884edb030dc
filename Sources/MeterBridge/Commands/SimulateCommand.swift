internal import Glibc

extension Command {
  /// Fake meters until a signal ends them.
  static let simulate = Command(
    name: "simulate", operands: "KIND=PLACE…", operandCount: 1...Int.max, options: [.speed, .seed],
    summary: "play meters that are not there",
    details: SimulateCommand.details
  ) { arguments, console throws(UsageError) in
    SimulateCommand.run(try SimulateCommand.options(arguments), console)
  }
}

/// `meterbridge simulate KIND=PLACE…`: what is asked for, and the way from the ports' coming to their going.
enum SimulateCommand {
  /// One `KIND=PLACE`.
  struct Specification: Equatable, Sendable {
    var kind: SimulatedKind
    var place: SimulatorPlace
  }

  /// What the command line asks for.
  struct Options: Equatable, Sendable {
    var meters: [Specification]
    /// Simulated seconds a second; 0 lets the registers stand.
    var speed = 1
    var seed: UInt64 = 1
  }

  /// Time may run this much faster.
  static let speedLimit = 100_000

  static var details: String {
    """
    Fake meters that send or answer at the speed of a real line, until Ctrl-C. PLACE is
    a path, where a link to a pty is put, or tcp:PORT on the loopback interface. M-Bus
    meters with the same PLACE share the bus, with addresses from 1 in the order named.
    What goes into the configuration is printed, a line a meter.

        meterbridge simulate p1-nl=/tmp/p1 mbus-pro380=/tmp/bus mbus-multical303=/tmp/bus

    KIND is one of
    \(Help.table(SimulatedKind.allCases.map { ($0.rawValue, $0.summary) }))
    """
  }

  /// Runs fake meters.
  ///
  /// - Parameters:
  ///   - options: what the command line asks for.
  ///   - console: where the lines for the configuration go.
  /// - Returns: the exit status: 0 after a signal, 69 where a place cannot be had.
  static func run(_ options: Options, _ console: Console) -> Int32 {
    // Before a link is made: the end by a signal is read like any other event, so that the links go away first.
    let signals = Signals()
    do throws(SimulatorError) {
      guard let signals else { throw SimulatorError(message: "no descriptor for signals: \(systemErrorText())") }
      let lines = SimulatedHouse(options).lines
      var loop = SimulatorLoop(
        try openedLines(lines.map { ($0.simulation, $0.place) }), speed: options.speed, startedAt: Clock.wall())
      console.write(lines.flatMap(\.configuration).map { "\($0)\n" }.joined())
      loop.run(until: signals.descriptor)
      return EX_OK
    } catch {
      console.complain("meterbridge simulate: \(error.message)")
      return EX_UNAVAILABLE
    }
  }

  /// Reads the command line.
  ///
  /// - Parameter arguments: operands and options.
  /// - Returns: what it asks for.
  /// - Throws: what is wrong with it, and what was probably meant.
  static func options(_ arguments: Arguments) throws(UsageError) -> Options {
    var options = Options(meters: [])
    for operand in arguments.operands { options.meters.append(try specification(operand)) }
    if let speed = arguments.count(.speed) {
      guard speed <= speedLimit else { throw UsageError("--speed \(speed) is more than \(speedLimit)") }
      options.speed = Int(speed)
    }
    if let seed = arguments.count(.seed) { options.seed = seed }
    try checkSharing(options.meters)
    return options
  }

  private static func specification(_ word: String) throws(UsageError) -> Specification {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let kind = SimulatedKind(rawValue: parts[0]) else {
      let kinds = SimulatedKind.allCases.map(\.rawValue)
      let near = Suggestion.nearest(to: parts[0], of: kinds).map { "; did you mean \($0)?" } ?? ""
      throw UsageError("unknown kind \(parts[0])\(near)\nThere are \(kinds.joined(separator: ", ")).")
    }
    guard parts.count == 2, !parts[1].isEmpty else {
      throw UsageError("\(kind.rawValue) needs a place: \(kind.rawValue)=PATH or \(kind.rawValue)=tcp:PORT")
    }
    guard parts[1].hasPrefix("tcp:") else { return Specification(kind: kind, place: .path(absolute(parts[1]))) }
    guard let port = UInt16(parts[1].dropFirst(4)), port > 0 else {
      throw UsageError("\(parts[1]) is no place: tcp: takes a port from 1 to 65535")
    }
    return Specification(kind: kind, place: .tcp(port))
  }

  private static func checkSharing(_ meters: [Specification]) throws(UsageError) {
    for (index, meter) in meters.enumerated() {
      let others = meters[..<index].filter { $0.place == meter.place }
      guard others.count < MBusSlave.addressLimit else {
        throw UsageError("\(meter.place) has more meters than an M-Bus has addresses")
      }
      guard let other = others.first else { continue }
      guard meter.kind.meterProtocol == .mbus, other.kind.meterProtocol == .mbus else {
        throw UsageError(
          "\(other.kind.rawValue) and \(meter.kind.rawValue) cannot share \(meter.place): only M-Bus meters share a line"
        )
      }
    }
  }

  /// The configuration must find it from anywhere.
  private static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/") else { return path }
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    guard unsafe getcwd(&buffer, buffer.count) != nil else { return path }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) + "/" + path
  }
}
