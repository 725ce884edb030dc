package import Decoders

/// A request of a scan.
enum ScanRequest: Hashable, Sendable {
  /// SND_NKE: to ask who is there, or to end a selection.
  case reset(UInt8)
  /// SND_UD with CI 52.
  case select(SelectionMask)
  /// REQ_UD2. The frame count bit is 1, as it is the first request after a reset; a repeat gets the same telegram.
  case data(UInt8)

  /// The frame on the wire.
  var bytes: [UInt8] {
    switch self {
    case .reset(let address): MBusFrame.short(control: 0x40, address: address).bytes
    case .data(let address): MBusFrame.short(control: 0x7B, address: address).bytes
    case .select(let mask):
      MBusFrame.long(control: 0x73, address: MBusAddress.selected, information: 0x52, data: mask.bytes).bytes
    }
  }
}

/// An exchange that is over, for a scan that goes on later.
package struct ScanRecord: Equatable, Sendable {
  /// The frame that was sent.
  package var request: [UInt8]
  /// What came back, without an echo; empty for silence.
  package var answer: [UInt8]

  package init(request: [UInt8], answer: [UInt8]) {
    self.request = request
    self.answer = answer
  }
}

/// What came back.
package enum ScanAnswer: Equatable, Sendable {
  case silence
  /// One E5. Several slaves may have sent it at the same moment.
  case acknowledge
  /// One whole answer with data.
  case data([UInt8], MBusSender)
  /// Anything else: several slaves at once, or a bad line.
  case damage([UInt8])

  /// - Parameters:
  ///   - bytes: what came back, without an echo.
  ///   - isDamaged: whether a byte had bad parity or no stop bit.
  init(_ bytes: [UInt8], isDamaged: Bool = false) {
    guard !bytes.isEmpty else {
      self = .silence
      return
    }
    self = .damage(bytes)
    guard !isDamaged, let frame = try? MBusFrame(parsing: bytes.span) else { return }
    if frame == .acknowledge { self = .acknowledge }
    if let sender = MBusSender(of: frame) { self = .data(bytes, sender) }
  }

  /// All of it; empty for silence.
  var bytes: [UInt8] {
    switch self {
    case .silence: []
    case .acknowledge: MBusFrame.acknowledge.bytes
    case .data(let bytes, _), .damage(let bytes): bytes
    }
  }
}
