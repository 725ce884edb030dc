internal import Base
internal import Decoders
internal import Glibc
internal import Meters
internal import Platform

/// `meterbridge scan`: finds the meters of an M-Bus. `AirScan` does so on a receiver of wireless M-Bus.
struct ScanCommand {
  let source: SourceAddress
  /// As on the command line.
  let sourceText: String
  var settings = MBusScan.Settings()
  var isCSV = false
  var goesOn = false
  /// The state directory; nil without one.
  var directory: String?
  let console: Console

  /// The speeds of an M-Bus in bits a second, the most usual ones first (EN 13757-2).
  static let speeds = [2400, 300, 9600, 1200, 4800, 600, 19_200, 38_400]

  /// - Returns: 0 if a meter is found. 69 if none is, or the line cannot be used.
  func run() -> Int32 {
    guard let signals = Signals() else {
      console.complain("no file descriptors left")
      return EX_UNAVAILABLE
    }
    let memory = directory.map { ScanMemory(directory: $0, title: title) }
    let replay = memory.map(recall) ?? []
    // An interrupted scan of something else keeps its exchanges until this one is interrupted too.
    let keeper = memory.flatMap { $0.isFree ? $0 : nil }
    var loop = ScanLoop(settings, at: source, replay: replay, lookup: LookupThread(), console: console) { records in
      // What cannot be kept now is told at the end.
      try? keeper?.write(records)
    }
    let end = loop.run(until: signals)
    report(loop.scan)
    finish(end, loop, memory)
    return loop.scan.findings.meters.isEmpty ? EX_UNAVAILABLE : EX_OK
  }

  // MARK: What is found

  private func report(_ scan: MBusScan) {
    let findings = scan.findings
    let report = ScanReport(findings, source: sourceText, isSerial: source.hasLine)
    if isCSV {
      console.write(report.csv)
    } else if !findings.meters.isEmpty {
      console.write(report.table + "\n" + report.configuration)
    }
    for address in findings.mute.sorted() {
      console.complain("address \(address) acknowledges, but gives no data")
    }
    for address in findings.unresolved {
      console.complain(
        "several meters answer to \(address), and nothing tells them apart: connect them one at a time, and give each an "
          + "address")
    }
    if let intruder = findings.intruder {
      let number = intruder.sender.identity.prefix(4).reversed()
      console.complain(
        "the meter \(Hexadecimal.text(number)) answers whatever address is selected, so others cannot be searched: "
          + "disconnect it, and scan again")
    }
    if let trouble = scan.trouble { console.complain(words(trouble)) }
  }

  private func words(_ trouble: MBusScan.Trouble) -> String {
    let speeds = settings.speeds.map(String.init).joined(separator: ", ")
    let line = source.hasLine ? " at \(speeds) baud" : ""
    return switch trouble {
    case .silence:
      "nothing answers\(line): has the level converter its power supply, are both wires of the bus connected, and is the "
        + "speed that of the meters? At a receiver of wireless M-Bus, add --receiver auto"
    case .onlyDamage: "only damaged answers\(line): check parity (8E1), speed and wiring"
    case .allDamaged:
      "every address answers with garbage: check parity (8E1), speed and wiring; a converter with too many meters, or a "
        + "short on the bus, looks the same"
    }
  }

  private func finish(_ end: ScanLoop.End, _ loop: ScanLoop, _ memory: ScanMemory?) {
    do throws(Errno) {
      switch end {
      case .finished:
        try memory?.remove()
        let counts = loop.scan.requests
        console.complain(
          "\(counted(loop.scan.findings.meters.count, "meter")) found with \(counted(counts.all, "request"))")
      case .interrupted, .lost:
        if case .lost(let reason) = end { console.complain(explained(reason)) }
        guard !loop.records.isEmpty, let memory else { return }
        try memory.write(loop.records)
        console.complain("the scan is not finished; with --resume it goes on from here")
      }
    } catch {
      console.complain("\(memory?.path ?? ""): \(error)")
    }
  }

  /// Who has a port that cannot be opened.
  private func explained(_ reason: String) -> String {
    guard case .serial(let path) = source, reason == SerialTrouble.taken(path) else { return reason }
    var port = SerialAdapter.named(path)
    port.inspect(PortUsage())
    guard let users = port.usedBy else { return reason }
    return "\(users) uses \(path): only one program can, so stop it to scan"
  }

  // MARK: An interrupted scan

  /// The first line of the memory.
  private var title: String {
    let speeds = settings.speeds.map(String.init).joined(separator: ",")
    let flags = (settings.isSecondaryOnly ? " secondary" : "") + (settings.searchesAllSpeeds ? " all-speeds" : "")
    return "meterbridge scan \(sourceText) \(speeds)\(flags)"
  }

  private func recall(_ memory: ScanMemory) -> [ScanRecord] {
    guard goesOn else { return [] }
    do throws(Errno) {
      if let records = try memory.read() { return records }
      console.complain("no scan of \(sourceText) with these options was interrupted: it begins anew")
    } catch {
      console.complain("\(memory.path): \(error)")
    }
    return []
  }
}

extension Option {
  fileprivate static let secondary = Option(
    name: "secondary", value: .none, help: "only secondary addresses: quicker where most are at the factory's 0")
  fileprivate static let baud = Option(
    name: "baud", value: .text("N,N…"), help: "only these speeds, and each of them to the end")
  fileprivate static let csv = Option(name: "csv", value: .none, help: "print a table for a spreadsheet instead")
  fileprivate static let resume = Option(
    name: "resume", value: .none, help: "go on where the last scan was interrupted")
  fileprivate static let receiver = Option(
    name: "receiver", value: .choice(WirelessReception.Receiver.allCases.map(\.rawValue), shown: "KIND"),
    help: "listen at a receiver of wireless M-Bus, auto or of this kind")
  fileprivate static let minutes = Option(
    name: "minutes", value: .count, help: "how long to listen at a receiver; default \(AirScan.usualMinutes)")
}

extension Command {
  /// Finds the meters of an M-Bus, or in the air.
  static let scan = Command(
    name: "scan", operands: "DEVICE|tcp://HOST:PORT", operandCount: 1...1,
    options: [.secondary, .baud, .csv, .resume, .receiver, .minutes, .config],
    summary: "find the meters on an M-Bus or in the air, and print their configuration",
    details: """
      Asks for a meter at each primary address, and searches the secondary addresses where
      several answer at one address, as new meters do at 0. It tries the speeds
      \(ScanCommand.speeds.map(String.init).joined(separator: ", ")), and searches at the first where something answers.

      Prints a table of what it found, and a block `meters:` for the configuration. Meters
      that share a primary address are named by their secondary one. The table is a comment,
      so that all of it can go into a file:

          meterbridge scan /dev/ttyUSB0 > meters.yaml

      With --receiver or --minutes, and where the configuration reads the source with
      `protocol: wmbus`, it listens at a receiver of wireless M-Bus instead, and lists the
      meters in the air: those that need a key have a line for it.

          meterbridge scan --receiver auto /dev/ttyUSB0

      Ctrl-C ends it early, prints what was found so far, and keeps the rest for --resume.
      The daemon must not read the same port meanwhile. Ends with 0 if a meter was found,
      69 if none answers or the port cannot be opened.
      """
  ) { arguments, console throws(UsageError) in
    let text = arguments.operands[0]
    let source: SourceAddress
    do throws(InvalidValue) { source = try ValueFormat<SourceAddress>.source.parse(text) } catch {
      throw UsageError("\(text) \(error.message)")
    }
    if let scan = try AirScan(arguments, source, text, console) {
      if let trouble = ScanCommand.daemon(with: source, arguments.configuration) {
        console.complain(trouble)
        return EX_UNAVAILABLE
      }
      var scan = scan
      return scan.run()
    }
    guard source.isBus else { throw UsageError("\(text) is not a line: an M-Bus has a device or tcp://HOST:PORT") }
    var command = ScanCommand(source: source, sourceText: text, console: console)
    command.settings = try ScanCommand.settings(arguments, source)
    command.isCSV = arguments.has(.csv)
    command.goesOn = arguments.has(.resume)
    command.directory = StateDirectory.path(configured: nil, environment: .process)
    if let trouble = ScanCommand.daemon(with: source, arguments.configuration) {
      console.complain(trouble)
      return EX_UNAVAILABLE
    }
    return command.run()
  }
}

extension AirScan {
  /// Nil for the scan of an M-Bus.
  fileprivate init?(
    _ arguments: Arguments, _ source: SourceAddress, _ text: String, _ console: Console
  ) throws(UsageError) {
    let configured = (try? Configuration.ofDaemon(arguments.configuration))?.meters.first { $0.source == source }
    // The rules of udev name a receiver so.
    let isReceiver = configured?.meterProtocol == .wmbus || text.hasPrefix("/dev/meterbridge/wmbus-")
    let isAsked = arguments.has(.receiver) || arguments.has(.minutes)
    guard isAsked || isReceiver && !arguments.has(.secondary) && !arguments.has(.baud) else { return nil }
    for option in [Option.secondary, .baud, .resume] where arguments.has(option) {
      throw UsageError("--\(option.name) is for an M-Bus, and not for a receiver")
    }
    guard source.isBus && !source.isDatagram || source.isFile else {
      throw UsageError("\(text) is not a receiver: it is a device, tcp://HOST:PORT, a file or -")
    }
    self.init(source, text, console: console)
    if let configured, configured.meterProtocol == .wmbus {
      (receiver, mode, line) = (configured.reception.receiver, configured.reception.mode, configured.line)
    }
    if let kind = arguments[.receiver].flatMap(WirelessReception.Receiver.init) { receiver = kind }
    if let minutes = arguments.count(.minutes) { duration = .minutes(Int64(clamping: min(max(1, minutes), 24 * 60))) }
  }
}

extension ScanCommand {
  fileprivate static func settings(
    _ arguments: Arguments, _ source: SourceAddress
  ) throws(UsageError) -> MBusScan.Settings {
    var settings = MBusScan.Settings()
    settings.isSecondaryOnly = arguments.has(.secondary)
    settings.overNetwork = source.isSocket
    if source.hasLine { settings.speeds = speeds }
    guard let wanted = arguments[.baud] else { return settings }
    guard source.hasLine else {
      throw UsageError("--baud is for a port whose speed the program sets; a gateway has its own")
    }
    settings.speeds = []
    for word in wanted.split(separator: ",", omittingEmptySubsequences: false) {
      guard let speed = Int(digits: String(word)), speeds.contains(speed) else {
        throw UsageError("\(word) is not a speed of an M-Bus: \(speeds.map(String.init).joined(separator: ", "))")
      }
      if !settings.speeds.contains(speed) { settings.speeds.append(speed) }
    }
    settings.searchesAllSpeeds = true
    return settings
  }

  /// A gateway has no lock, and may end the daemon's connection when a second one comes.
  fileprivate static func daemon(with source: SourceAddress, _ path: String) -> String? {
    guard source.isSocket, let configuration = try? Configuration.ofDaemon(path),
      let meter = configuration.meters.first(where: { $0.source == source }),
      let directory = StateDirectory.path(configured: configuration.stateDirectory, environment: .process),
      let folder = try? Folder(visiting: directory), StateLock.isTaken(in: folder)
    else { return nil }
    return "the daemon runs and reads \(meter.sourceText): stop it to scan"
  }
}
