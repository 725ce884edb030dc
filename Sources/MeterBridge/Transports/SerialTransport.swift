internal import Base
internal import Meters
internal import Platform

/// A serial port.
struct SerialTransport: Transport {
  private let path: String
  private var line: LineSettings
  private var marks: ParityMarks
  private var change: LineChange
  private var stream: ByteStream?

  init(path: String, line: LineSettings) {
    self.path = path
    self.line = line
    marks = ParityMarks(dataBits: line.dataBits)
    change = LineChange(line)
  }

  private var address: SourceAddress { .serial(path: path) }

  func backoff(seed: UInt64) -> SourceBackoff { SourceBackoff(slowest: Limits.reopening, seed: seed) }
  var interest: PollInterest? { stream?.interest }
  var deadline: Instant? { stream == nil ? nil : change.deadline }
  var hasSentAll: Bool { stream?.hasSentAll ?? true }

  mutating func open(now: Instant) throws(SourceError) -> TransportEvent? {
    stream = try ByteStream(SerialPort.open(path, line), of: address)
    marks = ParityMarks(dataBits: line.dataBits)
    change = LineChange(line)
    return .opened
  }

  mutating func service(_ ready: Readiness, now: Instant) throws(SourceError) -> TransportEvent? {
    guard let stream else { return nil }
    if let next = try change.due(isEmpty: stream.hasLeft, now: now, of: address) { return tune(stream, to: next) }
    guard case .bytes(let input) = try stream.service(ready) else { return nil }
    return .bytes(marks.decode(input.bytes))
  }

  mutating func send(_ bytes: [UInt8], now: Instant) throws(SourceError) {
    change.sent(bytes.count, now: now)
    try stream?.send(bytes)
  }

  mutating func tune(_ line: LineSettings, now: Instant) -> Bool {
    change.order(line)
    return true
  }

  private mutating func tune(_ stream: ByteStream, to next: LineSettings) -> TransportEvent {
    do throws(SourceError) {
      try stream.change(to: next, path)
      marks = ParityMarks(dataBits: next.dataBits)
      change.settled(isDone: true)
      return .tuned(refusal: nil)
    } catch {
      // An adapter may have taken a part of them.
      try? stream.change(to: change.line, path)
      change.settled(isDone: false)
      return .tuned(refusal: error.reason)
    }
  }

  mutating func use(_ line: LineSettings) { self.line = line }

  mutating func close() {
    stream?.close()
    stream = nil
  }
}
