internal import Decoders
internal import Glibc

/// `meterbridge simulate KIND=PLACE…`: fake meters until a signal ends them.
enum SimulateCommand {
  /// What the words after `simulate` ask for.
  struct Options: Equatable, Sendable {
    var meters: [Specification] = []
    /// Simulated seconds a second; 0 lets the registers stand.
    var speed = 1
    var seed: UInt64 = 1
  }

  /// One `KIND=PLACE`.
  struct Specification: Equatable, Sendable {
    var kind: SimulatedKind
    var place: SimulatorPlace
  }

  /// What is wrong with the words, and what was meant.
  struct UsageError: Error, Equatable {
    var message: String
  }

  /// Time may run this much faster.
  static let speedLimit = 100_000

  /// - Parameter words: those after `simulate`.
  /// - Returns: the exit status: 0, 64 for words that make no sense, 69 where a place cannot be had.
  static func run(_ words: [String]) -> Int32 {
    if words.contains("--help") || words.contains("-h") {
      write(usage, to: STDOUT_FILENO)
      return EX_OK
    }
    do throws(UsageError) {
      return run(try parse(words))
    } catch {
      write("simulate: \(error.message)\n", to: STDERR_FILENO)
      return EX_USAGE
    }
  }

  static func run(_ options: Options) -> Int32 {
    // Before a link is made: the end by a signal is read like any other event, so that the links go away first.
    let signals = Signals()
    do throws(SimulatorError) {
      guard let signals else { throw SimulatorError(message: "no descriptor for signals: \(systemErrorText())") }
      let lines = SimulatedHouse(options).lines
      var loop = SimulatorLoop(
        try openedLines(lines.map { ($0.simulation, $0.place) }), speed: options.speed, startedAt: Clock.wall())
      write(lines.flatMap(\.configuration).map { "\($0)\n" }.joined(), to: STDOUT_FILENO)
      loop.run(until: signals.descriptor)
      return EX_OK
    } catch {
      write("simulate: \(error.message)\n", to: STDERR_FILENO)
      return EX_UNAVAILABLE
    }
  }

  private static func write(_ text: String, to descriptor: Int32) {
    let bytes = Array(text.utf8)
    _ = unsafe Glibc.write(descriptor, bytes, bytes.count)
  }
}

extension SimulateCommand {
  static var usage: String {
    let width = SimulatedKind.allCases.map(\.rawValue.count).max() ?? 0
    let kinds = SimulatedKind.allCases.map { kind in
      "  \(kind.rawValue)\(String(repeating: " ", count: width - kind.rawValue.count))  \(kind.summary)\n"
    }
    return """
      usage: meterbridge simulate KIND=PLACE… [--speed N] [--seed N]

      PLACE is a path, where a link to a pty is put, or tcp:PORT on the loopback interface. M-Bus meters with the same
      PLACE share the bus, with addresses from 1 in the order named. What goes into the configuration is printed.

        --speed N  simulated seconds a second (1); 0 lets the registers stand
        --seed N   another number, other days (1)

      KIND is one of
      \(kinds.joined())
      """
  }

  /// Reads the words.
  static func parse(_ words: [String]) throws(UsageError) -> Options {
    var options = Options()
    var rest = words[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("-") else {
        options.meters.append(try specification(word))
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      guard name == "--speed" || name == "--seed" else {
        throw UsageError(message: "there is no option \(name); there are --speed N and --seed N")
      }
      guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
        throw UsageError(message: "\(name) needs a number after it")
      }
      if name == "--seed" {
        guard let seed = UInt64(value) else { throw UsageError(message: "--seed \(value) is no whole number from 0") }
        options.seed = seed
      } else {
        guard let speed = Int(value), (0...speedLimit).contains(speed) else {
          throw UsageError(message: "--speed \(value) is no whole number from 0 to \(speedLimit)")
        }
        options.speed = speed
      }
    }
    guard !options.meters.isEmpty else {
      throw UsageError(message: "name at least one meter as KIND=PLACE, such as p1-nl=/tmp/p1\n\n\(usage)")
    }
    try checkSharing(options.meters)
    return options
  }

  private static func specification(_ word: String) throws(UsageError) -> Specification {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let kind = SimulatedKind(rawValue: parts[0]) else {
      let kinds = SimulatedKind.allCases.map(\.rawValue)
      let nearest = kinds.min { distance($0, parts[0]) < distance($1, parts[0]) } ?? ""
      throw UsageError(
        message: "there is no kind \(parts[0]); did you mean \(nearest)? There are \(kinds.joined(separator: ", "))")
    }
    guard parts.count == 2, !parts[1].isEmpty else {
      throw UsageError(message: "\(word) needs a place: \(kind.rawValue)=PATH or \(kind.rawValue)=tcp:PORT")
    }
    guard parts[1].hasPrefix("tcp:") else { return Specification(kind: kind, place: .path(absolute(parts[1]))) }
    guard let port = UInt16(parts[1].dropFirst(4)), port > 0 else {
      throw UsageError(message: "\(parts[1]) is no place: tcp: takes a port from 1 to 65535")
    }
    return Specification(kind: kind, place: .tcp(port))
  }

  private static func checkSharing(_ meters: [Specification]) throws(UsageError) {
    for (index, meter) in meters.enumerated() {
      guard meters[...index].count(where: { $0.place == meter.place }) <= MBusSlave.addressLimit else {
        throw UsageError(message: "\(meter.place) has more meters than an M-Bus has addresses")
      }
      for other in meters[..<index] where other.place == meter.place {
        guard meter.kind.meterProtocol == .mbus, other.kind.meterProtocol == .mbus else {
          throw UsageError(
            message: "\(other.kind.rawValue) and \(meter.kind.rawValue) cannot share \(meter.place); "
              + "only M-Bus meters share a line")
        }
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

  /// How many letters have to be changed, added or left out.
  private static func distance(_ left: String, _ right: String) -> Int {
    let right = Array(right.utf8)
    var row = Array(0...right.count)
    for (index, letter) in left.utf8.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in right.indices {
        let change = diagonal + (right[column] == letter ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(change, row[column] + 1, diagonal + 1)
      }
    }
    return row[right.count]
  }
}

extension SimulatorPlace: CustomStringConvertible {
  /// As on the command line.
  var description: String {
    switch self {
    case .path(let path): path
    case .tcp(let port): "tcp:\(port)"
    }
  }
}

extension Command {
  /// Fake meters.
  static let simulate = Command(
    name: "simulate", operands: "KIND=PLACE…", operandCount: 1...Int.max, options: [.speed, .seed],
    summary: "play meters that are not there",
    details: SimulateCommand.usage
  ) { arguments, _ in
    var words = arguments.operands
    for option in [Option.speed, .seed] {
      if let value = arguments[option] { words += ["--\(option.name)", value] }
    }
    return SimulateCommand.run(words)
  }
}
