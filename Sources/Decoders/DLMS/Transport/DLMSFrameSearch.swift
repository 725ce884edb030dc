/// Finds link frames of several transports in a stream, and accounts for every byte between them.
struct DLMSFrameSearch: Sendable {
  /// Rejected bytes are handed out in pieces of at most this many, so that endless noise takes no endless memory.
  static let pieceLimit = 4096

  private let transports: DLMSTransports
  private let ignoresChecksums: Bool

  private var buffer: [UInt8] = []
  /// Index in `buffer` of the first byte that has not been handed out.
  private var head = 0
  /// Index in `buffer` of the byte under examination; what lies between `head` and here is rejected.
  private var scan = 0
  /// What is wrong with the piece that begins at `head`; nil for noise.
  private var fault: DecodeError?
  /// Index in `buffer` up to which the broken frame at `head` claims the bytes.
  private var claimed = 0
  /// The byte before `head` was a flag of HDLC, or nothing has come yet.
  private var isBehindFlag = true
  /// An unchecked frame may begin at `head`.
  private var mayBegin = true
  private var isFinished = false

  init(_ transports: DLMSTransports, ignoresChecksums: Bool) {
    self.transports = transports
    self.ignoresChecksums = ignoresChecksums
  }

  mutating func append(_ bytes: Span<UInt8>) {
    compact()
    buffer.append(addingCapacity: bytes.count) { free in
      for index in bytes.indices { free.append(bytes[index]) }
    }
  }

  mutating func finish() { isFinished = true }

  mutating func next() -> Framed? {
    while scan < buffer.count {
      switch examine() {
      case .frame(let count, let transport):
        if scan > head { return reject() }
        mayBegin = DLMSTransports.unchecked.contains(transport)
        return .frame(take(count))
      case .foreign(let count, let error):
        if scan > head { return reject() }
        return .rejected(take(count), error)
      case .incomplete:
        guard isFinished else { return nil }
        if isIdleFlag {
          advance(to: scan + 1)
          continue
        }
        let there = buffer.count - scan
        let error = DecodeError(.truncated, at: there)
        if let piece = begin(error, extent: there, isCredible: there >= 4) { return piece }
      case .broken(let error, let extent):
        if let piece = begin(error, extent: extent, isCredible: extent > 0) { return piece }
      case .fill: if scan == head { advance(to: scan + 1) } else { scan += 1 }
      case .none: scan += 1
      }
      if scan - head >= Self.pieceLimit { return reject() }
    }
    guard isFinished else { return nil }
    if scan > head { return reject() }
    isFinished = false
    isBehindFlag = true
    mayBegin = true
    return nil
  }

  /// What begins at `scan`.
  private func examine() -> DLMSExamination {
    let candidate = DLMSBytes(
      buffer.span.extracting(scan..<buffer.count), isLast: isFinished, ignoresChecksums: ignoresChecksums)
    let first = buffer[scan]
    switch first {
    case MBusLink.longStart where transports.contains(.mbus): return DLMSMBusTransport.examine(candidate)
    case DLMSHDLCTransport.flag where transports.contains(.hdlc): return DLMSHDLCTransport.examine(candidate)
    case DLMSHDLCTransport.flag where transports == .enciphered:
      return Self.foreign(DLMSHDLCTransport.examine(candidate))
    case 0xA0...0xAF where transports.contains(.hdlc) && scan == head && isBehindFlag:
      return DLMSHDLCTransport.examine(candidate)
    case DLMSTag.text where scan == head || buffer[scan - 1] == 0x0A: return DLMSForeignText.examine(candidate)
    default: break
    }
    guard mayBegin && scan == head || transports.isSubset(of: .unchecked) else { return .none }
    if first == 0, transports.contains(.wrapper) { return DLMSWrapperTransport.examine(candidate) }
    if transports.contains(.enciphered) { return DLMSAPDUTransport.examineEnciphered(candidate) }
    return transports.contains(.apdu) ? DLMSAPDUTransport.examine(candidate) : .none
  }

  /// A good frame of HDLC where there should be none.
  private static func foreign(_ examination: DLMSExamination) -> DLMSExamination {
    switch examination {
    case .frame(let count, _):
      .foreign(count, DecodeError(.otherProtocol, at: 0, found: Int(DLMSHDLCTransport.flag)))
    case .incomplete: .incomplete
    default: .none
    }
  }

  /// A flag that nothing follows: it fills the time until the next frame.
  private var isIdleFlag: Bool {
    scan == head && scan == buffer.count - 1 && buffer[scan] == DLMSHDLCTransport.flag && transports.contains(.hdlc)
  }

  // MARK: Pieces

  /// A broken frame at `scan`: the beginning of a piece of its own, or one more byte of the piece before it, which is
  /// handed out first where the beginning is credible and nobody claims the byte.
  private mutating func begin(_ error: DecodeError, extent: Int, isCredible: Bool) -> Framed? {
    if scan > head, isCredible, scan >= claimed { return reject() }
    if scan == head {
      fault = error
      claimed = head + extent
    }
    scan += 1
    return nil
  }

  /// Hands out the bytes before `scan`.
  private mutating func reject() -> Framed {
    let error = fault ?? DecodeError(.noise, at: 0, found: scan - head)
    let piece = Array(buffer[head..<scan])
    advance(to: scan)
    mayBegin = false
    return .rejected(piece, error)
  }

  private mutating func take(_ count: Int) -> [UInt8] {
    let piece = Array(buffer[head..<head + count])
    advance(to: head + count)
    return piece
  }

  private mutating func advance(to index: Int) {
    isBehindFlag = index > 0 && buffer[index - 1] == DLMSHDLCTransport.flag
    head = index
    scan = index
    claimed = index
    fault = nil
  }

  private mutating func compact() {
    guard head > 0 else { return }
    if head == buffer.count { buffer.removeAll(keepingCapacity: true) } else { buffer.removeSubrange(0..<head) }
    scan -= head
    claimed -= head
    head = 0
  }
}
