internal import Base
internal import Decoders
internal import Glibc
internal import Meters
internal import Platform
internal import Publishing

/// `meterbridge repair`: puts lost hours back into the statistics of Home Assistant, or shows what it would write.
struct RepairCommand {
  let configuration: Configuration
  let since: WallTime
  let isDry: Bool
  let console: Console

  /// - Returns: 0 if all hours are right now. 65 if some cannot be repaired. 66 without a ledger. 69 if Home Assistant
  ///   cannot be asked. 77 if it does not accept the token. 78 if the configuration does not name it.
  func run() -> Int32 {
    _ = signal(SIGPIPE, SIG_IGN)
    let settings = configuration.homeAssistant
    guard let address = settings.url.flatMap({ HomeAssistantAddress($0) }), settings.token != nil else {
      console.complain("the configuration does not name Home Assistant: write url and token into home_assistant")
      return EX_CONFIG
    }
    guard let directory = StateDirectory.path(configured: configuration.stateDirectory, environment: .process),
      let folder = try? Folder(visiting: directory), StateDirectory.isUsed(folder)
    else {
      let place = StateDirectory.path(configured: configuration.stateDirectory, environment: .process)
      console.complain(place.map(StateDirectory.unused) ?? "no state directory: set state_directory, or HOME")
      return EX_NOINPUT
    }
    var order = StatisticsRepair.Order(
      nodeID: settings.nodeID, firstHour: since.hour, returnHour: nil, isDry: isDry)
    order.deadBands = configuration.meters.deadBands
    var status = EX_OK
    var isEmpty = true
    do throws(RepairRun.Failure) {
      try RepairRun(settings: settings, address: address, folder: folder).run(order) { finding in
        isEmpty = false
        console.writeLine("\(finding.title): \(finding.words)")
        finding.table.forEach { console.writeLine("  " + $0) }
        // A counter that Home Assistant has begun to record later has lost nothing.
        let isLeft = finding.obstacle.map { $0 != .noReference } ?? (finding.refusal != nil)
        if finding.isDifferent || isLeft { status = EX_DATAERR }
      }
    } catch {
      console.complain("\(address.shown): \(error.words)")
      return error.isShutOut ? EX_NOPERM : EX_UNAVAILABLE
    }
    if isEmpty {
      console.complain("no counter of these meters is in the statistics of Home Assistant since \(since.hour.hourText)")
      return EX_DATAERR
    }
    return status
  }

  /// Reads a day or a time: `2026-10-24`, `2026-10-24T14:00`, also with a zone. Without one it is that of this machine.
  static func time(_ text: String) -> WallTime? {
    let clock = text.drop { $0 != "T" }
    let zone = clock.drop { !"Z+-".contains($0) }
    let short = text.dropLast(zone.count)
    let full = short.utf8.count == 10 ? "\(short)T00:00:00" : short.utf8.count == 16 ? "\(short):00" : "\(short)"
    if !zone.isEmpty { return WallTime(full + zone) }
    let digits = full.split { "-T:".contains($0) }.compactMap { Int(digits: String($0)) }
    guard let utc = WallTime(full + "Z"), digits.count == 6,
      let local = MeterTime(
        year: digits[0], month: digits[1], day: digits[2], hour: digits[3], minute: digits[4], second: digits[5])
    else { return nil }
    let offset = HostZone.system.resolve(local, .wall).offset ?? 0
    return WallTime(milliseconds: utc.milliseconds - Int64(offset) * 60_000, offset: offset)
  }
}

extension Int64 {
  fileprivate var hourText: String { WallTime(hour: self).hourText }
}

extension Option {
  fileprivate static let since = Option(
    name: "since", value: .text("TIME"),
    help: "from this day or hour on, such as 2026-10-24 or 2026-10-24T14:00")
  fileprivate static let dryRunOfRepair = Option(
    name: "dry-run", value: .none, help: "print what would be written, and write nothing")
}

extension Command {
  /// Puts hours back into Home Assistant.
  static let repair = Command(
    name: "repair", options: [.config, .since, .dryRunOfRepair],
    summary: "put lost hours back into the statistics of Home Assistant",
    details: """
      Home Assistant books the consumption of an outage into one hour. The daemon keeps the
      register of every hour for 40 days, and this command writes the hours back: for each
      counter it prints what stands and what would stand, hour by hour. It needs url and
      token in the section home_assistant; STATISTICS.md says what is repaired and what is
      not. Repeating it is harmless.

      Ends with 0 where all hours are right, 65 where some cannot be repaired, 66 without
      a daemon's ledger, 69 where Home Assistant cannot be asked, 77 where it does not
      accept the token, 78 where the configuration does not name it.
      """
  ) { (arguments, console) throws(UsageError) in
    guard let text = arguments[.since] else { throw UsageError("--since is missing: from which day or hour on?") }
    guard let since = RepairCommand.time(text) else {
      throw UsageError("--since \(text) is not a day or a time, such as 2026-10-24 or 2026-10-24T14:00")
    }
    let configuration: Configuration
    do throws(ConfigurationError) {
      configuration = try Configuration.ofDaemon(arguments.configuration)
    } catch {
      error.lines.forEach(console.complain)
      return error.exitStatus
    }
    return RepairCommand(
      configuration: configuration, since: since, isDry: arguments.has(.dryRunOfRepair), console: console
    ).run()
  }
}
