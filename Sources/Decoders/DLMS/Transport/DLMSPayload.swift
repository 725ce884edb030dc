/// The application data in the link frames of a telegram.
enum DLMSPayload {
  /// Joins it, without the heads of link frames and blocks.
  static func gather(_ frame: Span<UInt8>) throws(DecodeError) -> [UInt8] {
    guard frame.count <= 2 * DLMSFramer.limit else {
      throw DecodeError(.tooLong, at: 0, expected: 2 * DLMSFramer.limit)
    }
    var data: [UInt8] = []
    data.reserveCapacity(frame.count)
    var position = 0
    // The end in `data` of the current block; nil for data without blocks.
    var blockEnd: Int?
    var isFirst = true
    while position < frame.count {
      guard let link = DLMSLinkFrame(frame, at: position) else {
        throw DecodeError(.badFrame, at: position, expected: Int(MBusLink.longStart), found: Int(frame[position]))
      }
      var payload = link.payload
      if isFirst, let block = link.block(frame) {
        payload = block.data.lowerBound..<max(block.data.lowerBound, payload.upperBound)
        blockEnd = data.count + block.data.count
      }
      data.append(frame.extracting(payload))
      position += link.count
      isFirst = link.isLast
      guard link.isLast, let end = blockEnd else { continue }
      guard data.count == end else {
        throw DecodeError(.lengthMismatch, at: position, expected: end, found: data.count)
      }
      blockEnd = nil
    }
    guard !data.isEmpty else { throw DecodeError(.truncated, at: frame.count, expected: 1) }
    return data
  }
}
