internal import Base
internal import HTTP

extension ValueFormat<ListenAddress> {
  /// An address of this machine.
  static let listenAddress = ValueFormat("an address and a port, such as `127.0.0.1:8080` or `[::]:8080`") {
    text throws(InvalidValue) in
    if let address = ListenAddress(text) { return address }
    throw InvalidValue("is not an address with a port, such as 127.0.0.1:8080\(Suggestion.question(meant(text)))")
  }

  /// The address that was probably meant.
  private static func meant(_ text: String) -> String? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let port = UInt16(digits: String(parts.last ?? "")) ?? 8080
    let address: String
    switch (parts.count > 1 ? String(parts[0]) : "localhost").lowercased() {
    case _ where parts.count > 2: address = "[\(parts.dropLast().joined(separator: ":"))]"
    case "localhost": address = "127.0.0.1"
    case "", "*": address = "0.0.0.0"
    default: return nil
    }
    let meant = "\(address):\(port)"
    return ListenAddress(meant) == nil ? nil : meant
  }
}

extension ValueFormat<String> {
  /// A user name of Basic authentication.
  static let username = ValueFormat("a text without `:`") { text throws(InvalidValue) in
    guard !text.isEmpty else { throw InvalidValue("is empty") }
    guard !text.contains(":") else { throw InvalidValue("has a colon in it, which ends a user name on the wire") }
    try refuseControls(text)
    return text
  }
}

extension ValueFormat<Secret> {
  /// A token that cannot be guessed (RFC 6750, section 5.2).
  static let token: ValueFormat = {
    var format = ValueFormat(
      "at least 32 hexadecimal digits, or 22 letters and digits; `openssl rand -hex 16` makes one"
    ) { text throws(InvalidValue) in
      let isRight = text.utf8.allSatisfy { isLetter($0) || isDigit($0) || "-._~+/=".utf8.contains($0) }
      guard isRight else { throw InvalidValue("has a character that a token cannot have: letters, digits and -._~+/=") }
      guard bits(of: text) >= Double(Limits.tokenBits) else {
        throw InvalidValue(
          "can be guessed: at least 32 hexadecimal digits, or 22 letters and digits; `openssl rand -hex 16` makes one")
      }
      return Secret(text)
    }
    format.isSecret = true
    return format
  }()

  /// What a text of random characters holds at most.
  private static func bits(of text: String) -> Double {
    let bytes = Array(text.utf8)
    guard Set(bytes).count >= 8 else { return 0 }
    let digit = bytes.allSatisfy(isDigit) ? 3.32 : bytes.allSatisfy { isHexadecimal($0) } ? 4 : 6
    return Double(bytes.count) * digit
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool { isDigit(byte) || (0x61...0x66).contains(byte | 0x20) }
}

extension ValueFormat<EmulationSettings.Kind> {
  static let emulation = choice(
    EmulationSettings.Kind.allCases.map { ($0.rawValue, $0) },
    alsoCalled: [
      "p1": "homewizard", "hwe-p1": "homewizard", "shelly": "shelly_pro_3em", "shellypro3em": "shelly_pro_3em",
    ])
}

extension ValueFormat<UDPDestination> {
  static let destination = ValueFormat("`HOST:PORT`") { text throws(InvalidValue) in
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(digits: String(text[text.index(after: colon)...])),
      port > 0
    else { throw InvalidValue("has no port number from 1 to 65535 at its end: HOST:PORT") }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = String(host.dropFirst().dropLast())
    } else if host.contains(":") {
      throw InvalidValue("has an IPv6 address without brackets, as in `[::1]:7000`")
    }
    do { return UDPDestination(host: try parseHost(host), port: port) } catch {
      throw InvalidValue("has no name or address of a machine in it: HOST:PORT")
    }
  }
}
