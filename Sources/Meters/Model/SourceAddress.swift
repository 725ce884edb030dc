/// Where a meter's bytes come from.
package enum SourceAddress: Hashable, Sendable {
  case serial(path: String)
  case tcp(host: String, port: UInt16)
  case http(HTTPSource)
  case file(path: String)
  case standardInput
}

extension SourceAddress {
  package var isSerial: Bool { if case .serial = self { true } else { false } }
  package var isPage: Bool { if case .http = self { true } else { false } }
  package var isSocket: Bool { if case .tcp = self { true } else { false } }

  /// Whether the source can come to an end.
  package var isFile: Bool {
    switch self {
    case .file, .standardInput: true
    case .serial, .tcp, .http: false
    }
  }

  /// Whether the program can send requests there, and several meters can share it.
  package var isBus: Bool {
    switch self {
    case .serial, .tcp: true
    case .http, .file, .standardInput: false
    }
  }

  /// The name of the source in log lines.
  package var name: String {
    switch self {
    case .serial(let path), .file(let path): path
    case .tcp(let host, let port): "\(host):\(port)"
    case .http(let source): source.shown
    case .standardInput: "standard input"
    }
  }
}
