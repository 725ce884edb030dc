internal import Base
internal import Glibc
internal import Meters
internal import Platform

/// An open descriptor of a source, read and written without blocking.
final class ByteStream {
  private let descriptor: Descriptor
  private let address: SourceAddress
  private var unsent: [UInt8] = []

  /// Takes over a descriptor.
  ///
  /// - Throws: where the broker and the files would not have enough of them left.
  init(_ descriptor: Descriptor, of address: SourceAddress) throws(SourceError) {
    self.descriptor = descriptor
    self.address = address
    guard DescriptorLimit.leavesRoom(behind: descriptor.raw) else {
      descriptor.close()
      let advice = "raise the limit (LimitNOFILE= of the service, ulimit -n)"
      throw SourceError("\(address.name) stays closed: too many files are open; \(advice)")
    }
  }

  var interest: PollInterest {
    PollInterest(descriptor: descriptor.raw, readiness: unsent.isEmpty ? .readable : [.readable, .writable])
  }

  var hasSentAll: Bool { unsent.isEmpty }

  /// Whether the system has given everything to the serial port.
  var hasLeft: Bool {
    var waiting: Int32 = 0
    return unsent.isEmpty && (unsafe ioctl(descriptor.raw, UInt(TIOCOUTQ), &waiting) != 0 || waiting == 0)
  }

  /// Gives a serial port other settings.
  func change(to line: LineSettings, _ path: String) throws(SourceError) {
    try SerialPort.set(line, on: descriptor.raw, path, TCSADRAIN)
  }

  /// Reads at most `Limits.readBytes`.
  func service(_ ready: Readiness) throws(SourceError) -> TransportEvent? {
    if ready.contains(.invalid) { throw address.loss }
    if ready.contains(.writable) { try flush() }
    return ready.isDisjoint(with: .arriving) ? nil : try read(ready)
  }

  func send(_ bytes: [UInt8]) throws(SourceError) {
    unsent += bytes
    try flush()
    guard unsent.count <= Limits.unsentBytes else { throw SourceError("\(address.name) takes no more bytes") }
  }

  func close() { descriptor.close() }

  private func read(_ ready: Readiness) throws(SourceError) -> TransportEvent? {
    var count = 0
    // Made for each reading: a thousand sources that wait need no thousand buffers.
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Limits.readBytes) { buffer, filled in
      count = unsafe Glibc.read(descriptor.raw, buffer.baseAddress, buffer.count)
      filled = max(0, count)
    }
    if count == 0, address.isDatagram { return nil }
    if count > 0 { return .bytes(LineInput(bytes: bytes)) }
    let isNothing = count < 0 && (errno == EAGAIN || errno == EINTR)
    if isNothing, ready.isDisjoint(with: .failed) { return nil }
    if count == 0, address.isFile { return .ended }
    throw address.loss
  }

  private func flush() throws(SourceError) {
    guard !unsent.isEmpty else { return }
    let count =
      address.isSocket
      ? unsafe Glibc.send(descriptor.raw, unsent, unsent.count, Int32(MSG_NOSIGNAL))
      : unsafe Glibc.write(descriptor.raw, unsent, unsent.count)
    if count > 0 { return unsent.removeFirst(count) }
    if count < 0, errno != EAGAIN, errno != EINTR { throw address.loss }
  }
}
