/// Where a meter's bytes come from.
package enum SourceAddress: Hashable, Sendable {
  case serial(path: String)
  case tcp(host: String, port: UInt16)
  /// A gateway whose serial port the program sets (RFC 2217).
  case rfc2217(host: String, port: UInt16)
  /// A gateway to an M-Bus that takes requests as datagrams.
  case udp(host: String, port: UInt16)
  /// An address and port of this machine, `127.0.0.1:5000`, that gateways connect or send datagrams to.
  case listen(at: String, takesDatagrams: Bool)
  indirect case http(HTTPSource)
  /// Telegrams on a topic of the broker.
  case mqtt(TopicFilter)
  case file(path: String)
  case standardInput
}

extension SourceAddress {
  /// Whether the program sets speed and parity.
  package var hasLine: Bool {
    switch self {
    case .serial, .rfc2217: true
    case .tcp, .udp, .listen, .http, .mqtt, .file, .standardInput: false
    }
  }

  package var isSocket: Bool {
    switch self {
    case .tcp, .rfc2217, .udp, .listen: true
    case .serial, .http, .mqtt, .file, .standardInput: false
    }
  }

  /// Whether its bytes come in datagrams, which may come twice or in another order.
  package var isDatagram: Bool { if case .udp = self { true } else { false } }

  /// Whether gateways come to the program.
  package var isListening: Bool { if case .listen = self { true } else { false } }

  /// Whether gateways connect to the program: each has a line of its own.
  package var takesConnections: Bool { if case .listen(_, false) = self { true } else { false } }

  /// The topic that its telegrams come on; nil for another kind.
  package var topic: TopicFilter? { if case .mqtt(let topic) = self { topic } else { nil } }

  package var isPage: Bool { if case .http = self { true } else { false } }

  /// Whether the source can come to an end.
  package var isFile: Bool {
    switch self {
    case .file, .standardInput: true
    case .serial, .tcp, .rfc2217, .udp, .listen, .http, .mqtt: false
    }
  }

  /// Whether the program can send requests there, and several meters can share it.
  package var isBus: Bool {
    switch self {
    case .serial, .tcp, .rfc2217, .udp: true
    case .listen, .http, .mqtt, .file, .standardInput: false
    }
  }

  /// The name of the source in log lines.
  package var name: String {
    switch self {
    case .serial(let path), .file(let path): path
    case .tcp(let host, let port), .rfc2217(let host, let port), .udp(let host, let port): "\(host):\(port)"
    case .listen(let address, let takesDatagrams): "\(takesDatagrams ? "udp" : "tcp")-listen://\(address)"
    case .http(let source): source.shown
    case .mqtt(let topic): "mqtt:\(topic.text)"
    case .standardInput: "standard input"
    }
  }
}
