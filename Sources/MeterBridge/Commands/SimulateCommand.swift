internal import Base
internal import Glibc
internal import Meters
internal import Platform
internal import Simulator

/// `meterbridge simulate KIND[,NAME=VALUE]…=PLACE…`: reads the command line and runs the simulator.
enum SimulateCommand {
  /// Time may run this much faster.
  static let speedLimit = 100_000
  /// The most meters of one word.
  private static let farmLimit = 8000

  static var details: String {
    """
    Fake meters that send or answer at the speed of a real line, until Ctrl-C. PLACE is
    a path, where a link to a pty is put, or tcp:PORT on the loopback interface. M-Bus
    meters with the same PLACE share the bus, with addresses from 1 in the order named.
    What goes into the configuration is printed, a line a meter.

        meterbridge simulate p1-nl=/tmp/p1 mbus-pro380=/tmp/bus mbus-multical303=/tmp/bus

    KIND*COUNT are so many meters, each with a port of its own from PORT up, or a path
    with a number; their telegrams are spread over the interval:

        meterbridge simulate 'p1-nl*1000=tcp:20000'

    KIND is one of
    \(Help.table(SimulatedKind.allCases.map { ($0.rawValue, $0.summary) }))

    An M-Bus meter takes settings after its kind, for what goes wrong on a bus:

        meterbridge simulate mbus-water,address=0=/tmp/bus mbus-gas,address=0,delay=400=/tmp/bus

    \(Help.table(SlaveSetting.table.map { ("\($0.name)=\($0.form)", $0.meaning) }))

    A bus of many meters takes other ones. What is random follows from --seed:

        meterbridge simulate mbus-bus,echo=yes,noise=1000=/tmp/bus --slaves 60

    \(Help.table(BusSetting.table.map { ("\($0.name)=\($0.form)", $0.meaning) }))

    A receiver of wireless M-Bus takes these. It hears nothing before it is set up, as
    the real one, except for wmbus-lines:

        meterbridge simulate wmbus-im871a,meters=300,copies=20=/tmp/stick

    \(Help.table(RadioSetting.table.map { ("\($0.name)=\($0.form)", $0.meaning) }))

    A B-route meter takes settings after its kind. --speed also speeds up its radio:

        meterbridge simulate route-b,model=bp35a1,profile=solar,fault=hang-up@60=/tmp/wisun

    \(Help.table(DongleSetting.table.map { ("\($0.name)=\($0.form)", $0.meaning) }))
      EPC=DATA|none  a property in hexadecimal, or that the meter has none

    While it runs it takes orders, one a line, on standard input: a FAULT, with a number
    for the next so many times, with `off` for one that lasts; EPC DATA; counters. What
    has been counted is printed at the end too. With several meters the id goes before.
    A FAULT is one of
    \(Help.table(BRouteFault.allCases.map { ($0.rawValue, $0.summary) }))
    """
  }

  /// Runs fake meters.
  ///
  /// - Parameters:
  ///   - options: from the command line.
  ///   - console: where the lines for the configuration go.
  /// - Returns: the exit status: 0 after a signal, 69 where a place cannot be had.
  static func run(_ options: SimulatorOptions, _ console: Console) -> Int32 {
    // Before a link is made: a signal is read like any other event, so that the links are removed first.
    let signals = Signals()
    DescriptorLimit.raise()
    do throws(SimulatorError) {
      guard let signals else { throw SimulatorError(message: "no descriptor for signals: \(Errno.last)") }
      let lines = SimulatedHouse(options).lines
      var loop = SimulatorLoop(
        try openedLines(
          lines.map { ($0.simulation, $0.place) }, packed: Set(lines.lazy.filter(\.isPacked).map(\.place))),
        speed: options.speed, startedAt: Clock.wall())
      console.write(lines.flatMap(\.configuration).map { "\($0)\n" }.joined())
      let takesOrders = lines.contains { $0.simulation.counted != nil }
      try loop.run(
        until: signals.descriptor, orders: takesOrders ? SimulatorOrders(lines.map(\.name), say: console.complain) : nil
      )
      for (line, made) in zip(loop.lines, lines) {
        if let counted = line.simulation.counted { console.complain("\(made.name): \(counted)") }
      }
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
  static func options(_ arguments: Arguments) throws(UsageError) -> SimulatorOptions {
    var options = SimulatorOptions(meters: [])
    for operand in arguments.operands { options.meters += try specifications(operand) }
    if let speed = arguments.count(.speed) {
      guard speed <= speedLimit else { throw UsageError("--speed \(speed) is more than \(speedLimit)") }
      options.speed = Int(speed)
    }
    if let seed = arguments.count(.seed) { options.seed = seed }
    if let slaves = arguments[.slaves] {
      guard options.meters.contains(where: { $0.kind == .bus }) else {
        throw UsageError("--slaves is for mbus-bus")
      }
      for index in options.meters.indices where options.meters[index].kind == .bus {
        try take(BusSetting.table, "slaves", slaves, "mbus-bus", &options.meters[index].bus)
      }
    }
    try checkSharing(options.meters)
    return options
  }

  /// A meter, or the meters of a farm: `*COUNT` behind the kind.
  private static func specifications(_ word: String) throws(UsageError) -> [SimulatorOptions.Meter] {
    let kind = word.prefix { $0 != "=" && $0 != "," }
    guard let star = kind.firstIndex(of: "*") else { return [try specification(word)] }
    let digits = String(kind[kind.index(after: star)...])
    guard let count = Int(digits: digits), (1...farmLimit).contains(count) else {
      throw UsageError("\(digits) is not a number of meters: it is 1 to \(farmLimit)")
    }
    let first = try specification(String(kind[..<star]) + word.dropFirst(kind.count))
    return try (0..<count).map { number throws(UsageError) in
      var meter = first
      meter.farm = SimulatorOptions.Farm(number: number, count: count)
      switch first.place {
      case .path(let path): meter.place = .path(number == 0 ? path : "\(path)-\(number + 1)")
      case .tcp(let port):
        guard let next = UInt16(exactly: Int(port) + number) else {
          throw UsageError("\(word) needs \(count) ports from \(port) up, and 65535 is the last")
        }
        meter.place = .tcp(next)
      }
      return meter
    }
  }

  /// The kind ends at the first comma or equals sign; behind commas come settings, behind the last equals sign the place.
  private static func specification(_ word: String) throws(UsageError) -> SimulatorOptions.Meter {
    let name = String(word.prefix { $0 != "=" && $0 != "," })
    guard let kind = SimulatedKind(rawValue: name) else {
      let kinds = SimulatedKind.allCases.map(\.rawValue)
      let near = Suggestion.nearest(to: name, of: kinds).map { "; did you mean \($0)?" } ?? ""
      throw UsageError("unknown kind \(name)\(near)\nThere are \(kinds.joined(separator: ", ")).")
    }
    var rest = word.dropFirst(name.count)
    var specification = SimulatorOptions.Meter(kind: kind, place: .path(""))
    while rest.first == "," {
      let setting = rest.dropFirst().prefix { $0 != "=" && $0 != "," }
      rest = rest.dropFirst(setting.count + 1)
      guard rest.first == "=" else { throw UsageError("\(setting) needs a value: \(setting)=VALUE") }
      let value = rest.dropFirst().prefix { $0 != "=" && $0 != "," }
      rest = rest.dropFirst(value.count + 1)
      try take(String(setting), String(value), &specification)
    }
    let place = String(rest.dropFirst())
    guard !place.isEmpty else {
      throw UsageError("\(kind.rawValue) needs a place: \(kind.rawValue)=PATH or \(kind.rawValue)=tcp:PORT")
    }
    guard place.hasPrefix("tcp:") else {
      specification.place = .path(absolute(place))
      return specification
    }
    guard let port = UInt16(place.dropFirst(4)), port > 0 else {
      throw UsageError("\(place) is not a place: tcp: takes a port from 1 to 65535")
    }
    specification.place = .tcp(port)
    return specification
  }

  private static func take(
    _ name: String, _ value: String, _ specification: inout SimulatorOptions.Meter
  ) throws(UsageError) {
    let kind = specification.kind.rawValue
    if specification.kind == .bus { return try take(BusSetting.table, name, value, kind, &specification.bus) }
    if specification.kind.receiver != nil {
      return try take(RadioSetting.table, name, value, kind, &specification.radio)
    }
    if specification.kind.meterProtocol == .mbus {
      return try take(SlaveSetting.table, name, value, kind, &specification.slave)
    }
    guard specification.kind == .bRoute else {
      throw UsageError("\(kind) has no settings, only route-b, M-Bus and wireless M-Bus meters have")
    }
    guard !DongleSetting.take(name, value, &specification.bRoute) else { return }
    if let setting = DongleSetting.table.first(where: { $0.name == name }) {
      throw UsageError("\(value) is not a valid \(name): it is \(setting.form)")
    }
    if BRouteOrder.code(name) != nil {
      throw UsageError("\(value) is not data of property \(name): it is 1 to 255 bytes in hexadecimal, or none")
    }
    let names = DongleSetting.table.map(\.name)
    let near = Suggestion.nearest(to: name, of: names).map { "; did you mean \($0)?" } ?? ""
    throw UsageError(
      "route-b has no setting \(name)\(near)\nThere are \(names.joined(separator: ", ")) and properties such as E7.")
  }

  private static func take<Setting: SimulatorSetting>(
    _ table: [Setting], _ name: String, _ value: String, _ kind: String, _ settings: inout Setting.Settings
  ) throws(UsageError) {
    let names = table.map(\.name)
    guard let setting = table.first(where: { $0.name == name }) else {
      let near = Suggestion.nearest(to: name, of: names).map { "; did you mean \($0)?" } ?? ""
      throw UsageError("\(kind) has no setting \(name)\(near)\nThere are \(names.joined(separator: ", ")).")
    }
    guard setting.take(&settings, value) else {
      throw UsageError("\(value) is not a valid \(name): it is \(setting.form)")
    }
  }

  private static func checkSharing(_ meters: [SimulatorOptions.Meter]) throws(UsageError) {
    var first: [SimulatorPlace: SimulatorOptions.Meter] = [:]
    var slaves: [SimulatorPlace: Int] = [:]
    for meter in meters {
      let place = meter.place
      slaves[place, default: 0] += meter.kind == .bus ? meter.bus.slaves : 1
      guard let other = first.updateValue(first[place] ?? meter, forKey: place) else { continue }
      guard slaves[place] ?? 0 <= MBusSlave.addressLimit else {
        throw UsageError("\(place) has more meters than an M-Bus has addresses")
      }
      guard meter.kind.receiver == nil, meter.kind.meterProtocol.sharesLine,
        other.kind.meterProtocol == meter.kind.meterProtocol
      else {
        throw UsageError(
          "\(other.kind.rawValue) and \(meter.kind.rawValue) cannot share \(place): only M-Bus meters share a line")
      }
    }
  }

  /// An absolute path, so that the configuration is valid from any folder.
  private static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/") else { return path }
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    guard unsafe getcwd(&buffer, buffer.count) != nil else { return path }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) + "/" + path
  }
}

extension Option {
  fileprivate static let slaves = Option(
    name: "slaves", value: .count, help: "how many meters mbus-bus has; default 60")
}

extension Command {
  /// Fake meters until a signal ends them.
  static let simulate = Command(
    name: "simulate", operands: "KIND[,NAME=VALUE]…=PLACE…", operandCount: 1...Int.max,
    options: [.speed, .seed, .slaves],
    summary: "simulate meters",
    details: SimulateCommand.details
  ) { arguments, console throws(UsageError) in
    SimulateCommand.run(try SimulateCommand.options(arguments), console)
  }
}
