package import Base
internal import Glibc

/// Reports the state of the program to systemd: one datagram a message to `$NOTIFY_SOCKET`.
///
/// Without systemd it does nothing.
package struct ServiceManager {
  private let path: String?
  /// Half of `WatchdogSec`; nil if the unit does not set it.
  package let watchdogInterval: Milliseconds?

  package init(environment: Environment) {
    path = environment["NOTIFY_SOCKET"]
    watchdogInterval = environment["WATCHDOG_USEC"].flatMap { Int64($0) }.map { Milliseconds($0 / 2000) }
  }

  package func ready() { send("READY=1") }
  package func reloading(at now: Instant) { send("RELOADING=1\nMONOTONIC_USEC=\(now.milliseconds * 1000)") }
  package func stopping() { send("STOPPING=1") }
  package func alive() { send("WATCHDOG=1") }

  private func send(_ message: String) {
    guard let path else { return }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    // A leading @ is an abstract socket, written as a zero byte.
    let name = path.hasPrefix("@") ? [0] + Array(path.utf8.dropFirst()) : Array(path.utf8)
    guard !name.isEmpty, name.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let bytes = Array(message.utf8)
    let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
    unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = unsafe sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length)
      }
    }
  }
}
