import Foundation
import Glibc

/// What takes many minutes or needs root: `make soak`.
enum Soak {
  /// How long the mix of faults goes on; nil outside of `make soak`.
  static let minutes = ProcessInfo.processInfo.environment["METERBRIDGE_SOAK_MINUTES"].flatMap { Int($0) }
  /// The faults come in the same order again with the same seed.
  static let seed = ProcessInfo.processInfo.environment["METERBRIDGE_SOAK_SEED"].flatMap { UInt64($0) }

  /// At once, as whoever waits for hours wants to see something.
  static func say(_ text: String) {
    let line = Array("soak: \(text)\n".utf8)
    _ = unsafe write(STDERR_FILENO, line, line.count)
  }
}
