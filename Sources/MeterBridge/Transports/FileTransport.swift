internal import Base
internal import Meters
internal import Platform

/// A file, a named pipe, or standard input.
struct FileTransport: Transport {
  /// Nil for standard input.
  private let path: String?
  private var stream: ByteStream?

  init(path: String?) { self.path = path }

  func backoff(seed: UInt64) -> SourceBackoff { SourceBackoff(slowest: Limits.reopening, seed: seed) }
  var interest: PollInterest? { stream?.interest }
  var hasSentAll: Bool { stream?.hasSentAll ?? true }

  mutating func open(now: Instant) throws(SourceError) -> TransportEvent? {
    if let path {
      stream = try ByteStream(InputFile.open(path), of: .file(path: path))
    } else {
      stream = try ByteStream(InputFile.standardInput(), of: .standardInput)
    }
    return .opened
  }

  mutating func service(_ ready: Readiness, now: Instant) throws(SourceError) -> TransportEvent? {
    try stream?.service(ready)
  }

  mutating func send(_ bytes: [UInt8]) throws(SourceError) { try stream?.send(bytes) }

  mutating func close() {
    stream?.close()
    stream = nil
  }
}
