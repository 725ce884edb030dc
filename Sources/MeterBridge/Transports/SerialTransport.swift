internal import Base
internal import Meters
internal import Platform

/// A serial port.
struct SerialTransport: Transport {
  private let path: String
  private var line: LineSettings
  private var marks: ParityMarks
  private var stream: ByteStream?

  init(path: String, line: LineSettings) {
    self.path = path
    self.line = line
    marks = ParityMarks(dataBits: line.dataBits)
  }

  func backoff(seed: UInt64) -> SourceBackoff { SourceBackoff(slowest: Limits.reopening, seed: seed) }
  var interest: PollInterest? { stream?.interest }
  var hasSentAll: Bool { stream?.hasSentAll ?? true }

  mutating func open(now: Instant) throws(SourceError) -> TransportEvent? {
    stream = try ByteStream(SerialPort.open(path, line), of: .serial(path: path))
    marks = ParityMarks(dataBits: line.dataBits)
    return .opened
  }

  mutating func service(_ ready: Readiness, now: Instant) throws(SourceError) -> TransportEvent? {
    guard case .bytes(let input) = try stream?.service(ready) else { return nil }
    return .bytes(marks.decode(input.bytes))
  }

  mutating func send(_ bytes: [UInt8]) throws(SourceError) { try stream?.send(bytes) }

  mutating func use(_ line: LineSettings) { self.line = line }

  mutating func close() {
    stream?.close()
    stream = nil
  }
}
