internal import Base
internal import HTTP
internal import Meters

extension ValueFormat<SourceAddress> {
  private static let known =
    "a device such as /dev/serial/by-id/…, tcp://HOST:PORT, rfc2217://HOST:PORT, udp://HOST:PORT, tcp-listen://:PORT, udp-listen://:PORT, "
    + "http://HOST/PATH, mqtt:TOPIC, file:PATH, or - for standard input"

  static let source = ValueFormat(
    "a device such as `/dev/serial/by-id/…`, `tcp://HOST:PORT`, `rfc2217://HOST:PORT`, `udp://HOST:PORT`, `tcp-listen://:PORT`, `udp-listen://:PORT`, `http://HOST/PATH`, `mqtt:TOPIC`, `file:PATH`, or `-` for standard input"
  ) { text throws(InvalidValue) in
    if text == "-" { return .standardInput }
    if text.hasPrefix("/") { return .serial(path: try parsePath(text)) }
    if text.hasPrefix("mqtt:"), !text.hasPrefix("mqtt://") {
      return .mqtt(try TopicFilter(String(text.dropFirst("mqtt:".count))))
    }
    if text.hasPrefix("file:") {
      let path = text.dropFirst("file:".count)
      return .file(path: try parsePath(String(path.hasPrefix("///") ? path.dropFirst(2) : path)))
    }
    for kind in ["tcp", "udp"] where text.hasPrefix("\(kind)-listen://") {
      return .listen(at: try listening(text.dropFirst(kind.count + 10), kind), takesDatagrams: kind == "udp")
    }
    for scheme in ["tcp", "rfc2217", "udp"] where text.hasPrefix("\(scheme)://") {
      let (host, port) = try gateway(text.dropFirst(scheme.count + 3), scheme)
      switch scheme {
      case "tcp": return .tcp(host: host, port: port)
      case "udp": return .udp(host: host, port: port)
      default: return .rfc2217(host: host, port: port)
      }
    }
    if let page = try HTTPSource(text) { return .http(page) }
    throw InvalidValue("is not a source: \(known)\(Suggestion.question(meant(text)))")
  }

  /// `host:port`, with brackets around an IPv6 address.
  private static func gateway(
    _ text: Substring, _ scheme: String
  ) throws(InvalidValue) -> (host: String, port: UInt16) {
    guard !text.contains("@") else {
      throw InvalidValue("is not a source: a TCP source takes no user name or password")
    }
    guard let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") else {
      throw InvalidValue("has no port: \(scheme)://HOST:PORT, such as `\(scheme)://\(text.prefix { $0 != "/" }):10001`")
    }
    guard let port = UInt16(digits: String(text[text.index(after: colon)...])), port > 0 else {
      throw InvalidValue("has no port number from 1 to 65535 at its end: \(scheme)://HOST:PORT")
    }
    var host = String(text[..<colon])
    // Of a receiver, `udp://` is a port of this machine.
    if scheme == "udp", host.isEmpty { return ("", port) }
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = String(host.dropFirst().dropLast())
    } else if host.contains(":") {
      throw InvalidValue("is not a source: an IPv6 address stands in brackets, as in `\(scheme)://[::1]:10001`")
    }
    do {
      return (try parseHost(host).lowercased(), port)
    } catch {
      throw InvalidValue("has no name or address of a machine in it: \(scheme)://HOST:PORT")
    }
  }

  /// An address of this machine with a port, for one to listen on: without an address only programs on this machine can
  /// connect.
  private static func listening(_ text: Substring, _ kind: String) throws(InvalidValue) -> String {
    let isLocal = text.hasPrefix(":") || text.hasPrefix("localhost:")
    let address = isLocal ? "127.0.0.1" + text.drop { $0 != ":" } : String(text)
    guard ListenAddress(address) == nil else { return address }
    throw InvalidValue(
      "is not an address of this machine with a port: \(kind)-listen://:5000 for programs on this machine, "
        + "\(kind)-listen://0.0.0.0:5000 for gateways in the network")
  }

  private static func meant(_ text: String) -> String? {
    if text.hasPrefix("tty") || text.hasPrefix("serial/") { return "/dev/" + text }
    if text.hasPrefix("dev/") { return "/" + text }
    if let scheme = text.firstRange(of: "://") {
      let rest = text[scheme.upperBound...]
      // The broker is that of the section `mqtt`.
      if text[..<scheme.lowerBound] == "mqtt" {
        return rest.firstIndex(of: "/").map { "mqtt:" + rest[$0...].dropFirst() }
      }
      return ["socket", "telnet"].contains(text[..<scheme.lowerBound]) && !rest.contains("@")
        ? "tcp://" + rest : nil
    }
    let parts = text.split(separator: ":")
    return parts.count == 2 && UInt16(digits: String(parts[1])) != nil ? "tcp://" + text : nil
  }
}

extension SourceAddress {
  /// `udp://` of a receiver that hears many meters, which sends and is not asked: a port to listen on. Nil unless it has an
  /// address of this machine, or none.
  var listening: SourceAddress? {
    guard case .udp(let host, let port) = self else { return nil }
    let address = host.isEmpty ? "127.0.0.1" : host.contains(":") ? "[\(host)]" : host
    return ListenAddress("\(address):\(port)").map { .listen(at: $0.description, takesDatagrams: true) }
  }
}
