internal import Base

/// The host that a browser thinks it talks to: the header `Host` (RFC 9110, section 7.2).
struct HostName: Equatable {
  /// In lower case, without the port and without a dot at the end; an IPv6 address with its brackets.
  let name: String

  /// Nil if the text is not a host with or without a port.
  init?(_ header: String) {
    let text = header.lowercased()
    guard text.hasPrefix("[") else {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count <= 2, parts.count == 1 || UInt16(digits: String(parts[1])) != nil else { return nil }
      let name = parts[0].hasSuffix(".") ? parts[0].dropLast() : parts[0]
      let isRight = name.utf8.allSatisfy { isLetter($0) || isDigit($0) || "-._".utf8.contains($0) }
      guard isRight, name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy({ !$0.isEmpty }) else {
        return nil
      }
      self.name = String(name)
      return
    }
    guard let end = text.firstIndex(of: "]") else { return nil }
    let port = text[text.index(after: end)...]
    let digits = text[text.index(after: text.startIndex)..<end].utf8
    guard port.isEmpty || port.first == ":" && UInt16(digits: String(port.dropFirst())) != nil,
      !digits.isEmpty, digits.allSatisfy({ isDigit($0) || (0x61...0x66).contains($0) || ":.".utf8.contains($0) })
    else { return nil }
    name = String(text[...end])
  }

  /// Whether only this machine or this network can give the name an address.
  ///
  /// A page on the internet can have a name of its own lead here (DNS rebinding), and then ask what it likes. It cannot
  /// do so with an address, nor with names that the internet does not have.
  var isOfThisNetwork: Bool {
    name.hasPrefix("[") || isAddress || name == "localhost" || name.hasSuffix(".local") || name.hasSuffix(".lan")
  }

  /// Whether it is an IPv4 address in its usual form.
  private var isAddress: Bool {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { UInt8(digits: String($0)) != nil }
  }
}
