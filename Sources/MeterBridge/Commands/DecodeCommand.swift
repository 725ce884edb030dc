internal import Base
internal import Decoders
internal import Glibc
internal import Meters
internal import Platform

/// `meterbridge decode`: decodes bytes as the daemon would.
struct DecodeCommand {
  enum Format { case table, json }

  /// Nil: recognised by the first bytes.
  var meterProtocol: ProtocolDescription?
  /// The settings of a meter; id and source are ignored.
  var settings: MeterSettings
  var format = Format.table
  /// `-` is standard input, and the default.
  var files: [String] = []
  var console = Console()
  /// Whether a person types standard input.
  var isTyped = isatty(STDIN_FILENO) == 1

  /// A file that cannot be read does not keep the others from being decoded.
  ///
  /// - Returns: 0 if every telegram decoded, 65 if one did not, 66 if a file cannot be read.
  func run() -> Int32 {
    var allGood = true
    var allRead = true
    for file in files.isEmpty ? ["-"] : files {
      if file == "-", isTyped {
        console.complain("paste a telegram, hexadecimal or the text of a P1 port, then press Enter and Ctrl-D:")
      }
      let bytes: [UInt8]
      do throws(Errno) {
        bytes = try DecodeInput.read(file)
      } catch {
        console.complain("\(file): cannot be read: \(error)")
        allRead = false
        continue
      }
      let results = decode(bytes)
      if results.contains(where: { !$0.isGood }) { allGood = false }
      for line in format == .json ? results.map(\.json) : results.tables { console.writeLine(line) }
    }
    return allRead ? allGood ? EX_OK : EX_DATAERR : EX_NOINPUT
  }

  /// Decodes one input, in order: telegrams, broken telegrams and the noise between them.
  func decode(_ input: [UInt8]) -> [DecodeResult] {
    let bytes = DecodeInput.telegrams(input)
    let found = meterProtocol ?? ProtocolDescription.recognise(bytes.span)
    let nothing = DecodeResult.rejected(
      found, bytes, bytes.isEmpty ? DecodeError(.truncated, at: 0) : DecodeError(.noise, at: 0, found: bytes.count))
    guard let found, !bytes.isEmpty else { return [nothing] }
    var settings = settings
    settings.meterProtocol = found
    var framer = settings.meterProtocol.framer(settings)
    var reader = TelegramReader(settings)
    var results: [DecodeResult] = []
    let pieces = found.heard.map { DecodeInput.lines(input, $0) } ?? [(bytes, nil)]
    for piece in pieces {
      framer.append(piece.bytes.span)
      framer.finish()
      while let framed = framer.next() { results += reader.read(framed).map { $0.heard(at: piece.signalStrength) } }
    }
    results += reader.finish()
    // A framer ignores mere line ends. The user still wants to know that no telegram was found.
    return results.isEmpty ? [nothing] : results.adjusted(settings)
  }
}

extension Command {
  /// Decodes telegrams.
  static let decode = Command(
    name: "decode", operands: "[FILE…|-]", operandCount: 0...Int.max,
    options: [.meterProtocol, .key, .authenticationKey, .set, .format],
    summary: "show what a telegram contains",
    details: """
      Takes raw bytes, hexadecimal text or the text of a P1 port, from files or from
      standard input, and finds out by itself which protocol it is. The table shows the
      values, and below them which bytes mean what.

          echo 68 3D 3D 68 … 16 | meterbridge decode
          meterbridge decode --format json telegram.txt

      Ends with 0 where every telegram was decoded, 65 where one was not.
      """
  ) { arguments, console throws(UsageError) in
    var settings = MeterSettings(
      id: "decode", meterProtocol: .p1, source: .standardInput, sourceText: "-")
    var assignments: [String] = []
    for assignment in arguments.all(.set) where try !settings.takeECHONET(assignment) { assignments.append(assignment) }
    let mistakes = settings.apply(assignments)
    if let first = mistakes.first { throw UsageError(first) }
    if let key = try key(arguments, .key) { settings.key = key }
    if let key = try key(arguments, .authenticationKey) { settings.authenticationKey = key }
    var command = DecodeCommand(settings: settings)
    command.meterProtocol = arguments[.meterProtocol].flatMap(ProtocolDescription.init(named:))
    command.format = arguments[.format] == "json" ? .json : .table
    command.files = arguments.operands
    command.console = console
    return command.run()
  }
}

extension MeterSettings {
  /// Takes `energy_unit=01` (E1, hexadecimal) and `coefficient=30` (D3); false for anything else.
  fileprivate mutating func takeECHONET(_ assignment: String) throws(UsageError) -> Bool {
    let parts = assignment.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, ["energy_unit", "coefficient"].contains(parts[0]) else { return false }
    if parts[0] == "energy_unit" {
      guard let unit = UInt8(parts[1], radix: 16) else {
        throw UsageError("--set energy_unit: two hexadecimal digits, as in property E1, such as 01")
      }
      energyUnit = unit
    } else {
      guard let number = UInt32(parts[1]) else {
        throw UsageError("--set coefficient: a whole number, as in property D3")
      }
      coefficient = number
    }
    return true
  }
}

/// A key of the command line: itself, or `@FILE`.
private func key(_ arguments: Arguments, _ option: Option) throws(UsageError) -> MeterKey? {
  guard let written = arguments[option] else { return nil }
  var text = written
  if written.hasPrefix("@") {
    let path = String(written.dropFirst())
    guard let bytes = try? DecodeInput.read(path) else { throw UsageError("--\(option.name): \(path) cannot be read") }
    text = String(decoding: bytes.prefix(Limits.configuredFileBytes), as: UTF8.self)
  }
  do {
    return try MeterKey(text)
  } catch {
    throw UsageError("--\(option.name) \(error.message)")
  }
}

/// Turns frames into results, with the state of a meter's decoder.
struct TelegramReader {
  private let meterProtocol: ProtocolDescription
  private var decoder: any MeterDecoder
  private var replays = ReplayGuard()

  init(_ settings: MeterSettings) {
    meterProtocol = settings.meterProtocol
    decoder = settings.meterProtocol.decoder(settings)
  }

  mutating func read(_ framed: Framed) -> [DecodeResult] {
    switch framed {
    case .rejected(let bytes, let error): return [.rejected(meterProtocol, bytes, error)]
    case .frame(let frame):
      var telegrams: [Telegram] = []
      do throws(DecodeError) { try decoder.decode(frame.span, into: &telegrams) } catch {
        return results(telegrams) + [.rejected(meterProtocol, frame, error)]
      }
      return results(telegrams)
    }
  }

  mutating func finish() -> [DecodeResult] {
    var telegrams: [Telegram] = []
    do throws(DecodeError) { try decoder.finish(into: &telegrams) } catch {
      return results(telegrams) + [.rejected(meterProtocol, [], error)]
    }
    return results(telegrams)
  }

  private mutating func results(_ telegrams: [Telegram]) -> [DecodeResult] {
    telegrams.map { telegram in
      if let seal = telegram.seal, case .replayed(let error) = replays.check(seal, of: telegram, now: .past) {
        return .rejected(meterProtocol, seal.frame, error)
      }
      return .telegram(meterProtocol, telegram)
    }
  }
}

/// One line of `decode`.
enum DecodeResult {
  case telegram(ProtocolDescription, Telegram)
  case rejected(ProtocolDescription?, [UInt8], DecodeError)

  var isGood: Bool { if case .telegram = self { true } else { false } }

  /// The same, as a receiver heard it.
  func heard(at signalStrength: FixedDecimal?) -> DecodeResult {
    guard case .telegram(let meterProtocol, var telegram) = self else { return self }
    telegram.signalStrength = signalStrength
    return .telegram(meterProtocol, telegram)
  }
}

extension [DecodeResult] {
  /// The results with derived fields, in the units of the user.
  ///
  /// Telegrams without a check value must agree on the tariffs before there is a total over them. A file has no more
  /// telegrams than these, so all of them are asked before the first one is shown.
  func adjusted(_ settings: MeterSettings) -> [DecodeResult] {
    var adjustment = Adjustment(settings)
    for case .telegram(_, var telegram) in self where telegram.protection == .none { adjustment.apply(to: &telegram) }
    return map { result in
      guard case .telegram(let meterProtocol, var telegram) = result else { return result }
      adjustment.apply(to: &telegram)
      return .telegram(meterProtocol, telegram)
    }
  }
}
