internal import Glibc

/// Resolves the broker's name before libmosquitto does, for two reasons.
///
/// The resolver's words reach the user, and a name with addresses of both families is tried on both. libmosquitto's
/// asynchronous connect tries the first address only. `localhost` is often `::1` for a broker that listens on 127.0.0.1.
enum NameLookup {
  /// The address families of a name, in the resolver's order. Blocks as long as the resolver does.
  static func families(of host: String) throws(ConnectFailure) -> [Int32] {
    var hints = unsafe addrinfo()
    unsafe hints.ai_family = AF_UNSPEC
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var first: UnsafeMutablePointer<addrinfo>?
    let code = unsafe getaddrinfo(host, nil, &hints, &first)
    guard code == 0 else {
      throw ConnectFailure.lookup(unsafe gai_strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)")
    }
    defer { unsafe freeaddrinfo(first) }
    var families: [Int32] = []
    var next = unsafe first
    while let entry = unsafe next {
      let family = unsafe entry.pointee.ai_family
      if !families.contains(family) { families.append(family) }
      unsafe next = entry.pointee.ai_next
    }
    return families
  }

  /// The source address that confines libmosquitto to one family; nil if there is only one.
  static func source(for families: [Int32], attempt: Int) -> String? {
    guard families.count > 1 else { return nil }
    return families[attempt % families.count] == AF_INET6 ? "::" : "0.0.0.0"
  }
}
