internal import Base

/// Takes the commands of a Telnet connection out of its data (RFC 854). Pieces may be of any size.
struct TelnetReader: Sendable {
  enum Item: Equatable, Sendable {
    case data([UInt8])
    case negotiation(TelnetVerb, option: UInt8)
    /// The bytes between `IAC SB` and `IAC SE`, each FF once.
    case subnegotiation([UInt8])
  }

  private enum State {
    case data
    case command
    case negotiation(TelnetVerb)
    case subnegotiation
    case commandOfSubnegotiation
  }

  private var state = State.data
  private var data: [UInt8] = []
  private var parameters: [UInt8] = []
  private var items: [Item] = []

  mutating func append(_ bytes: some Sequence<UInt8>) -> [Item] {
    for byte in bytes { append(byte) }
    endData()
    defer { items = [] }
    return items
  }

  /// The connection ended. Returns the bytes of an incomplete command.
  mutating func finish() -> [UInt8] {
    defer { state = .data }
    switch state {
    case .data: return []
    case .command: return [TelnetCommand.iac]
    case .negotiation(let verb): return [TelnetCommand.iac, verb.rawValue]
    case .subnegotiation, .commandOfSubnegotiation: return takeSubnegotiation()
    }
  }

  private mutating func append(_ byte: UInt8) {
    switch state {
    case .data:
      if byte == TelnetCommand.iac { state = .command } else { data.append(byte) }
    case .command: command(byte)
    case .negotiation(let verb):
      state = .data
      endData()
      items.append(.negotiation(verb, option: byte))
    case .subnegotiation:
      if byte == TelnetCommand.iac { state = .commandOfSubnegotiation } else { addParameter(byte) }
    case .commandOfSubnegotiation: commandOfSubnegotiation(byte)
    }
  }

  private mutating func command(_ byte: UInt8) {
    state = .data
    if let verb = TelnetVerb(rawValue: byte) {
      state = .negotiation(verb)
    } else if byte == TelnetCommand.iac {
      data.append(byte)
    } else if byte == TelnetCommand.begin {
      state = .subnegotiation
    } else if byte != TelnetCommand.end, !TelnetCommand.plain.contains(byte) {
      // Not a command: the gateway does not double its FF.
      data += [TelnetCommand.iac, byte]
    }
  }

  private mutating func commandOfSubnegotiation(_ byte: UInt8) {
    switch byte {
    case TelnetCommand.iac:
      state = .subnegotiation
      addParameter(byte)
    case TelnetCommand.end:
      state = .data
      endData()
      items.append(.subnegotiation(parameters))
      parameters = []
    default:
      // The end is missing, and another command begins.
      data += takeSubnegotiation()
      command(byte)
    }
  }

  /// One without an end is handed out as data, so that none of its bytes disappears.
  private mutating func addParameter(_ byte: UInt8) {
    state = .subnegotiation
    parameters.append(byte)
    guard parameters.count > Limits.subnegotiationBytes else { return }
    state = .data
    data += takeSubnegotiation()
  }

  private mutating func takeSubnegotiation() -> [UInt8] {
    defer { parameters = [] }
    return [TelnetCommand.iac, TelnetCommand.begin] + parameters
  }

  private mutating func endData() {
    guard !data.isEmpty else { return }
    items.append(.data(data))
    data = []
  }
}
