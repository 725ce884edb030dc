extension SourceAddress {
  var isSerial: Bool { if case .serial = self { true } else { false } }
  var isSocket: Bool { if case .tcp = self { true } else { false } }

  /// Whether it can come to an end.
  var isFile: Bool {
    switch self {
    case .file, .standardInput: true
    case .serial, .tcp, .page: false
    }
  }

  /// What users call it.
  var name: String {
    switch self {
    case .serial(let path), .file(let path): path
    case .tcp(let host, let port): "\(host):\(port)"
    case .page(let page): page.shown
    case .standardInput: "standard input"
    }
  }

  /// What to say when it was open and is gone.
  var farewell: SourceError {
    switch self {
    case .serial: SourceError("\(name) was unplugged", isAbsence: true)
    case .tcp: SourceError("\(name) closed the connection")
    case .page, .file, .standardInput: SourceError("\(name) cannot be read any more")
    }
  }
}
