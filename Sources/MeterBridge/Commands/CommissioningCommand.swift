internal import Base
internal import Glibc
internal import Meters
internal import Platform

/// `meterbridge set-address` and `set-baud`: give an order to one M-Bus meter, and read back what stands.
struct CommissioningCommand {
  let order: MBusCommissioning.Order
  /// The meter's secondary address.
  let meter: MBusAddress
  let address: SourceAddress
  let line: LineSettings
  var console: Console

  /// - Parameter isSure: whether `--yes` is given. Without it nothing is sent.
  /// - Returns: 0 if the meter has obeyed, 69 if not, 64 without `--yes`.
  func run(isSure: Bool) -> Int32 {
    guard isSure else {
      console.complain("\(intention)\nNothing is sent without --yes.")
      return EX_USAGE
    }
    guard let signals = Signals() else {
      console.complain("no file descriptors left")
      return EX_UNAVAILABLE
    }
    var dialogue = MBusCommissioning(order, of: meter, line: line, isOverNetwork: address.isSocket)
    let run = ConversationRun(address: address, lookup: LookupThread(), signals: signals, tell: console.complain)
    switch run.run(&dialogue, with: line) {
    case .done: break
    case .failed(let reason): console.complain(reason)
    case .interrupted: console.complain("stopped: what the meter has obeyed is not known")
    }
    guard let outcome = dialogue.outcome else { return EX_UNAVAILABLE }
    let text = outcome.text(of: order, meter: meter, line: line)
    if outcome.isGood { console.writeLine(text) } else { console.complain(text) }
    return outcome.isGood ? EX_OK : EX_UNAVAILABLE
  }

  /// What it would do.
  private var intention: String {
    let place = "the meter with \(meter) on \(address.name), at \(line)"
    let (what, before) =
      switch order {
      case .address(let new):
        ("would give address \(new) to \(place)", "It refuses if another meter answers at \(new).")
      case .baud(let rate):
        ("would set the speed of \(place), to \(rate) baud", "If the meter does not answer then, it says what stands.")
      }
    return "\(what): it selects the meter, sends the order and reads the meter again. \(before)"
  }
}

extension Option {
  fileprivate static let secondary = Option(
    name: "meter", value: .text("SECONDARY"), help: "the 8 digits of its number, or the 16 of its secondary address")
  fileprivate static let newAddress = Option(name: "to", value: .count, help: "the new primary address, 0 to 250")
  fileprivate static let newBaud = Option(
    name: "to", value: .count,
    help: "the new speed: \(MBusCommissioning.baudRates.map(String.init).joined(separator: ", "))")
  fileprivate static let baud = Option(name: "baud", value: .count, help: "the speed of the bus; default 2400")
  fileprivate static let sure = Option(name: "yes", value: .none, help: "do it; without it nothing is sent")
}

extension CommissioningCommand {
  /// Reads the command line, all but the order.
  fileprivate init(
    _ order: MBusCommissioning.Order, _ arguments: Arguments, _ console: Console
  ) throws(UsageError) {
    self.order = order
    self.console = console
    address = try arguments.lineOperand()
    guard let text = arguments[.secondary] else { throw UsageError("--meter is missing: \(Option.secondary.help)") }
    let meter: MBusAddress
    do throws(InvalidValue) {
      meter = try ValueFormat<MBusAddress>.address.parse(text)
    } catch {
      throw UsageError("--meter \(SettingReader.quoted(text)) \(error.message)")
    }
    guard case .secondary = meter else {
      throw UsageError("--meter \(text) is not a secondary address: it has 8 or 16 digits")
    }
    self.meter = meter
    var line = ProtocolDescription.mbus.line
    if arguments.has(.baud) { line.baud = try Self.rate(arguments.count(.baud), "--baud") }
    self.line = line
  }

  fileprivate static func rate(_ number: UInt64?, _ option: String) throws(UsageError) -> Int {
    guard let number else { throw UsageError("\(option) is missing: \(Option.newBaud.help)") }
    guard let rate = MBusCommissioning.baudRates.first(where: { UInt64($0) == number }) else {
      throw UsageError("\(option) \(number) is not a speed of an M-Bus: \(Option.newBaud.help)")
    }
    return rate
  }
}

extension Command {
  /// Sets the primary address of an M-Bus meter.
  static let setAddress = Command(
    name: "set-address", operands: "DEVICE|tcp://HOST:PORT", operandCount: 1...1,
    options: [.secondary, .newAddress, .baud, .sure],
    summary: "give an M-Bus meter another primary address",
    details: """
      Selects one M-Bus meter by its number, gives it a primary address, and reads the same
      meter at that address. It gives no order if another meter answers there. End the
      daemon first: only one program can ask on a bus.

      Without --yes it only says what it would do.

      Ends with 0 if the meter answers at its new address, 69 if not, 64 without --yes.
      """
  ) { arguments, console throws(UsageError) in
    guard let number = arguments.count(.newAddress) else {
      throw UsageError("--to is missing: \(Option.newAddress.help)")
    }
    guard number <= 250 else { throw UsageError("--to \(number) is not an address of a meter: 0 to 250") }
    let command = try CommissioningCommand(.address(UInt8(number)), arguments, console)
    return command.run(isSure: arguments.has(.sure))
  }

  /// Sets the baud rate of an M-Bus meter.
  static let setBaud = Command(
    name: "set-baud", operands: "DEVICE|rfc2217://HOST:PORT", operandCount: 1...1,
    options: [.secondary, .newBaud, .baud, .sure],
    summary: "give an M-Bus meter another speed",
    details: """
      Selects one M-Bus meter by its number, gives it another speed, and reads the same
      meter with it. If it does not answer then, it looks whether the old speed stands, and
      says so. A port behind tcp:// keeps its speed, so this needs a serial port here or
      rfc2217://. End the daemon first: only one program can ask on a bus.

      Without --yes it only says what it would do.

      Ends with 0 if the meter answers at its new speed, 69 if not, 64 without --yes.
      """
  ) { arguments, console throws(UsageError) in
    let rate = try CommissioningCommand.rate(arguments.count(.newBaud), "--to")
    let command = try CommissioningCommand(.baud(rate), arguments, console)
    guard command.address.hasLine else {
      throw UsageError(
        "the speed of \(command.address.written) is set in the gateway: name a serial port or rfc2217://")
    }
    guard rate != command.line.baud else { throw UsageError("--to \(rate) is the speed of the bus already (--baud)") }
    return command.run(isSure: arguments.has(.sure))
  }
}
