internal import Glibc

/// Why a source cannot be read, said so that the user knows what to do.
struct SourceError: Error, Equatable {
  let reason: String
  /// The thing is just not there, as it is after it was unplugged: no news, if that has been said.
  let isAbsence: Bool

  init(_ reason: String, isAbsence: Bool = false) {
    self.reason = reason
    self.isAbsence = isAbsence
  }

  /// The system's own words for an error number.
  static func text(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard unsafe strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

/// Owns a file descriptor.
final class Descriptor {
  /// -1 once it is closed; system calls refuse that.
  private(set) var raw: Int32

  init(_ raw: Int32) { self.raw = raw }

  deinit { close() }

  /// Closes it now, whoever else still has it. Its lock would otherwise last until a program that is being started, and has
  /// a copy of everything at first, lets go too.
  func close() {
    if raw >= 0 {
      _ = flock(raw, LOCK_UN)
      Glibc.close(raw)
    }
    raw = -1
  }
}
