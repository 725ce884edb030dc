internal import Base
internal import Meters

extension SourceAddress {
  /// Why an open source was lost.
  var loss: SourceError {
    switch self {
    case .serial: SourceError("\(name) was unplugged", isAbsence: true)
    case .tcp, .rfc2217: SourceError("\(name) closed the connection")
    case .udp: SourceError("\(name) takes no datagrams: is the port right, and is the gateway on?")
    case .listen, .http, .mqtt, .file, .standardInput: SourceError("\(name) cannot be read any more")
    }
  }

  /// Why the settings of its line do not change.
  var fixedLine: String { "\(name) keeps its line settings: they are set in the gateway" }

  /// - Parameters:
  ///   - line: For a serial port, here or in a gateway.
  ///   - interval: How often an HTTP source is fetched.
  ///   - lookup: For a gateway whose host is a name.
  ///   - fetcher: For an HTTP source.
  /// - Returns: What carries its bytes, not yet open.
  func transport(
    line: LineSettings, interval: Milliseconds, lookup: LookupThread?, fetcher: FetchThread?
  ) -> any Transport {
    switch self {
    case .serial(let path): SerialTransport(path: path, line: line)
    case .tcp(let host, let port): TCPTransport(host: host, port: port, lookup: lookup)
    case .rfc2217(let host, let port): TCPTransport(host: host, port: port, line: line, lookup: lookup)
    case .udp(let host, let port): UDPTransport(host: host, port: port, lookup: lookup)
    case .listen(let address, let takesDatagrams):
      takesDatagrams ? DatagramTransport(address) : ListeningTransport(address)
    case .http(let source): HTTPTransport(source, interval: interval, fetcher: fetcher)
    case .mqtt: MQTTTransport()
    case .file(let path): FileTransport(path: path)
    case .standardInput: FileTransport(path: nil)
    }
  }
}
