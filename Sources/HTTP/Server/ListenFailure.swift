internal import Glibc
internal import Platform

/// Why a server cannot start, and what to do.
package struct ListenFailure: Error, Equatable, Sendable, CustomStringConvertible {
  package let description: String

  /// libmicrohttpd is not installed.
  static let noLibrary = ListenFailure(
    "needs libmicrohttpd; install the package libmicrohttpd12 (Debian 13: libmicrohttpd12t64)")

  /// The library refuses; it has no memory or no descriptors.
  static func library(at address: ListenAddress) -> ListenFailure {
    ListenFailure("cannot listen on \(address): no memory or file descriptors left")
  }

  private init(_ description: String) { self.description = description }

  init(_ code: Int32, at address: ListenAddress) {
    let reason: String
    switch code {
    case EADDRINUSE:
      reason = "another program listens there already; stop it, or choose another port (`ss -ltnp` shows whose it is)"
    case EADDRNOTAVAIL: reason = "this machine does not have that address, or not yet"
    case EACCES:
      reason = "ports below 1024 are for root; choose a higher one, or give the service CAP_NET_BIND_SERVICE"
    default: reason = Errno(code).description
    }
    description = "cannot listen on \(address): \(reason)"
  }
}
