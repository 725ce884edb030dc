internal import Base
internal import Decoders
internal import Meters

/// The commands of the simulated dongle and their answers.
extension BRouteSimulation {
  /// FAIL codes of the command reference.
  private enum Failure: Int {
    case unsupported = 4
    case argumentCount = 5
    case argumentFormat = 6
    case input = 9
    case failed = 10
  }

  mutating func execute(_ item: SKSTACKInput.Item, at moment: SimulatedMoment) {
    switch item {
    case .command(let line):
      let words = line.split(separator: " ").map(String.init)
      guard let first = words.first else { return }
      counters.count(first)
      if module.isEchoing, settings.hasEcho { say(line, at: moment) }
      if isDamaged(at: moment) { return }
      execute(first, Array(words.dropFirst()), at: moment)
    case .send(let head, let data):
      counters.count("SKSENDTO")
      if module.isEchoing, settings.hasEcho { say(head + " ", at: moment) }
      if isDamaged(at: moment) { return }
      let words = head.split(separator: " ").map(String.init)
      send(data, handle: words[1], to: words[2], port: words[3], at: moment)
    case .malformedSend(let line):
      counters.count("SKSENDTO")
      if module.isEchoing, settings.hasEcho { say(line, at: moment) }
      fail(.argumentCount, at: moment)
    }
  }

  private mutating func isDamaged(at moment: SimulatedMoment) -> Bool {
    guard strike(where: { $0 == .inputError }) != nil else { return false }
    fail(.input, at: moment)
    return true
  }

  private mutating func execute(_ command: String, _ arguments: [String], at moment: SimulatedMoment) {
    switch command {
    case "SKVER": reply("EVER \(settings.model.version)", at: moment)
    case "SKAPPVER" where settings.model.hasDataForm: reply("EAPPVER rev26e", at: moment)
    case "SKINFO": information(at: moment)
    case "SKRESET": reset(at: moment)
    case "SKSREG": register(arguments, at: moment)
    case "SKSETPWD": setPassword(arguments, at: moment)
    case "SKSETRBID": setIdentifier(arguments, at: moment)
    case "SKSCAN": scan(arguments, at: moment)
    case "SKLL64": linkLocal(arguments, at: moment)
    case "SKJOIN": join(arguments, at: moment)
    case "SKREJOIN": rejoin(at: moment)
    case "SKTERM": terminate(at: moment)
    case "ROPT" where settings.model.hasDataForm: say("OK 0\(module.writesBinary ? 0 : 1)", end: "\r", at: moment)
    case "WOPT" where settings.model.hasDataForm: setDataForm(arguments, at: moment)
    default: fail(.unsupported, at: moment)
    }
  }

  // MARK: Answers

  /// Writes a line of the module.
  mutating func say(_ line: String, end: String = "\r\n", after delay: Int64 = 10, at moment: SimulatedMoment) {
    schedule(.output(Array((line + end).utf8)), after: delay, moment)
  }

  mutating func acknowledge(after delay: Int64 = 10, at moment: SimulatedMoment) {
    say("OK", after: delay, at: moment)
  }

  private mutating func reply(_ line: String, at moment: SimulatedMoment) {
    say(line, at: moment)
    acknowledge(at: moment)
  }

  private mutating func fail(_ failure: Failure, at moment: SimulatedMoment) {
    counters.failures += 1
    say("FAIL ER\(failure.rawValue < 10 ? "0" : "")\(failure.rawValue)", at: moment)
  }

  // MARK: The module itself

  private mutating func information(at moment: SimulatedMoment) {
    let side = settings.model.isSided != settings.hidesDialect ? "0" : "FFFE"
    let place = "\(Self.hexadecimal(module.channel)) \(Self.hexadecimal(module.pan))"
    reply("EINFO \(ownAddress) \(Self.hexadecimal(ownHardwareAddress)) \(place) \(side)", at: moment)
  }

  private mutating func reset(at moment: SimulatedMoment) {
    abandonRadio()
    module.reset()
    acknowledge(at: moment)
  }

  private mutating func register(_ arguments: [String], at moment: SimulatedMoment) {
    guard (1...2).contains(arguments.count) else { return fail(.argumentCount, at: moment) }
    if arguments[0] == "SA2", settings.model == .bp35a1 { return fail(.argumentFormat, at: moment) }
    guard arguments.count == 2 else {
      guard let value = module.value(arguments[0]) else { return fail(.argumentFormat, at: moment) }
      return reply("ESREG \(value)", at: moment)
    }
    guard module.set(arguments[0], arguments[1]) else { return fail(.argumentFormat, at: moment) }
    acknowledge(at: moment)
  }

  private mutating func setPassword(_ arguments: [String], at moment: SimulatedMoment) {
    guard arguments.count == 2 else { return fail(.argumentCount, at: moment) }
    guard let length = Int(arguments[0], radix: 16), (1...32).contains(length), length == arguments[1].utf8.count
    else { return fail(.argumentFormat, at: moment) }
    module.password = arguments[1]
    acknowledge(at: moment)
  }

  private mutating func setIdentifier(_ arguments: [String], at moment: SimulatedMoment) {
    guard arguments.count == 1 else { return fail(.argumentCount, at: moment) }
    guard arguments[0].utf8.count == 32, Hexadecimal.bytes(arguments[0].utf8) != nil else {
      return fail(.argumentFormat, at: moment)
    }
    module.identifier = arguments[0]
    _ = module.set("SA", String(arguments[0].suffix(8)))
    acknowledge(at: moment)
  }

  private mutating func setDataForm(_ arguments: [String], at moment: SimulatedMoment) {
    guard arguments.count == 1 else { return fail(.argumentCount, at: moment) }
    guard let form = ["00": true, "01": false][arguments[0]] else { return fail(.argumentFormat, at: moment) }
    module.writesBinary = form
    say("OK", end: "\r", at: moment)
  }

  /// Answers with the address line, and without OK.
  private mutating func linkLocal(_ arguments: [String], at moment: SimulatedMoment) {
    guard arguments.count == 1 else { return fail(.argumentCount, at: moment) }
    guard arguments[0].utf8.count == 16, let address = UInt64(arguments[0], radix: 16) else {
      return fail(.argumentFormat, at: moment)
    }
    say(Self.linkLocal(address), at: moment)
  }

  // MARK: Radio

  private mutating func scan(_ arguments: [String], at moment: SimulatedMoment) {
    guard arguments.count == (settings.model.isSided ? 4 : 3) else { return fail(.argumentCount, at: moment) }
    guard arguments[0] == "2", arguments[1].utf8.count == 8, let mask = UInt32(arguments[1], radix: 16),
      let duration = Int(arguments[2], radix: 16), (0...14).contains(duration)
    else { return fail(.argumentFormat, at: moment) }
    guard !module.isBusy else { return fail(.failed, at: moment) }
    acknowledge(at: moment)
    startScan(duration: duration, mask: mask, at: moment)
  }

  private mutating func join(_ arguments: [String], at moment: SimulatedMoment) {
    guard arguments.count == 1 else { return fail(.argumentCount, at: moment) }
    guard Self.isAddress(arguments[0]) else { return fail(.argumentFormat, at: moment) }
    guard !module.isBusy else { return fail(.failed, at: moment) }
    acknowledge(at: moment)
    startJoin(arguments[0], at: moment)
  }

  private mutating func rejoin(at moment: SimulatedMoment) {
    guard module.session != nil else { return fail(.failed, at: moment) }
    acknowledge(at: moment)
    renew(at: moment)
  }

  private mutating func terminate(at moment: SimulatedMoment) {
    guard module.session != nil else { return fail(.failed, at: moment) }
    acknowledge(at: moment)
    say("EVENT \(isReached ? "27" : "28") \(meterAddress)\(side)", after: isReached ? 500 : 3000, at: moment)
    endSession()
  }

  private mutating func send(
    _ data: [UInt8], handle: String, to address: String, port: String, at moment: SimulatedMoment
  ) {
    guard Self.isAddress(address), port.utf8.count == 4 else { return fail(.argumentFormat, at: moment) }
    let fault = strike(where: \.strikesSending)
    guard handle == "1", !module.isBusy, fault != .busy else { return fail(.failed, at: moment) }
    startSending(data, isToMeter: address == meterAddress && port == "0E1A", fault, at: moment)
  }

  // MARK: Forms

  var side: String { settings.model.isSided ? " 0" : "" }
  var ownHardwareAddress: UInt64 { network.address &+ 1 }
  var ownAddress: String { Self.linkLocal(ownHardwareAddress) }
  var meterAddress: String { Self.linkLocal(network.address) }

  static func hexadecimal(_ number: some FixedWidthInteger & UnsignedInteger) -> String {
    String(number, width: number.bitWidth / 4, radix: 16, uppercase: true)
  }

  /// The link-local address of a hardware address has one bit inverted.
  static func linkLocal(_ address: UInt64) -> String {
    let digits = Array(hexadecimal(address ^ 0x0200_0000_0000_0000))
    let groups = stride(from: 0, to: 16, by: 4).map { String(digits[$0..<$0 + 4]) }
    return (["FE80", "0000", "0000", "0000"] + groups).joined(separator: ":")
  }

  private static func isAddress(_ text: String) -> Bool {
    let groups = text.split(separator: ":", omittingEmptySubsequences: false)
    return groups.count == 8 && groups.allSatisfy { $0.utf8.count == 4 && UInt16($0, radix: 16) != nil }
  }
}
