internal import Base
internal import Decoders
internal import Glibc

/// The default client id.
enum ClientID {
  /// `meterbridge-` and eight hexadecimal digits of a hash of the machine id. Two machines never share it, and it stays the
  /// same after a restart. The machine id is confidential and cannot be found from the hash.
  static func standard() -> String {
    var bytes = [UInt8](repeating: 0, count: 64)
    var count = 0
    let file = unsafe open("/etc/machine-id", O_RDONLY | O_CLOEXEC)
    if file >= 0 {
      count = max(0, unsafe read(file, &bytes, bytes.count))
      close(file)
    }
    if count > 0 { return name(for: bytes.prefix(count)) }
    var host = utsname()
    unsafe uname(&host)
    return name(for: unsafe withUnsafeBytes(of: &host.nodename) { unsafe Array($0.prefix { $0 != 0 }) })
  }

  /// The client id of a machine.
  static func name(for machine: some Sequence<UInt8>) -> String {
    let hash = stableHash(machine)
    return "meterbridge-" + String(UInt32(truncatingIfNeeded: hash ^ (hash >> 32)), width: 8, radix: 16)
  }
}
