internal import Base

/// What came in over a line with one of its settings.
package struct HeardLine: Equatable, Sendable {
  package let line: LineSettings
  /// The last bytes, damaged ones too.
  package private(set) var bytes: [UInt8] = []
  /// The number of all bytes, damaged ones too.
  package private(set) var count = 0
  /// Bytes with bad parity or without a stop bit.
  package private(set) var damaged = 0
  /// Damaged bytes of which all bits are 0, as a line that stays low makes them.
  private(set) var breaks = 0

  package init(_ line: LineSettings) { self.line = line }

  /// Takes bytes as they come. Beyond `Limits.diagnosedBytes` the oldest go.
  package mutating func append(_ input: LineInput) {
    bytes += input.bytes
    if bytes.count > Limits.diagnosedBytes { bytes.removeFirst(bytes.count - Limits.diagnosedBytes) }
    count += input.bytes.count
    damaged += input.damaged.count
    breaks += input.damaged.count { input.bytes[$0] == 0 }
  }
}
