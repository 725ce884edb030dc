/// One ECHONET Lite frame of format 1: `10 81`, TID, SEOJ, DEOJ, ESV, OPC, then EPC, PDC and EDT of each property
/// (ECHONET Lite specification, part II, 3.2).
package struct ECHONETFrame: Hashable, Sendable {
  /// One property of a frame.
  package struct Property: Hashable, Sendable, BitwiseCopyable {
    /// The EPC.
    package var code: UInt8
    /// The place of its data in the frame; empty if the meter has no data.
    package var data: ByteRange
  }

  /// Bytes before the first property.
  static let headerLength = 12
  static let firstByte: UInt8 = 0x10
  static let secondByte: UInt8 = 0x81

  /// A request and its answer share this number (TID).
  package var transaction: UInt16
  /// The sender (SEOJ).
  package var source: ECHONETObject
  /// The receiver (DEOJ).
  package var destination: ECHONETObject
  /// ESV.
  package var service: ECHONETService
  /// In the order of the frame. Order and number may differ from the request.
  package var properties: [Property]

  /// Reads a whole frame.
  ///
  /// Throws `truncated`, `tooLong`, `badFrame` for other first bytes, and `unsupported` with the ESV for a service that is
  /// unknown or has two lists. Also `badRecord` for a frame without properties, and `lengthMismatch` for bytes behind the
  /// last property.
  package init(_ bytes: Span<UInt8>) throws(DecodeError) {
    guard bytes.count >= Self.headerLength else {
      throw DecodeError(.truncated, at: bytes.count, expected: Self.headerLength - bytes.count)
    }
    // Places in a frame have 16 bits.
    guard bytes.count <= Int(UInt16.max) else { throw DecodeError(.tooLong, at: 0, expected: Int(UInt16.max)) }
    for (index, expected) in [Self.firstByte, Self.secondByte].enumerated() where bytes[index] != expected {
      throw DecodeError(.badFrame, at: index, expected: Int(expected), found: Int(bytes[index]))
    }
    guard let service = ECHONETService(rawValue: bytes[10]), !service.hasTwoLists else {
      throw DecodeError(.unsupported, at: 10, found: Int(bytes[10]))
    }
    self.service = service
    transaction = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
    source = ECHONETObject(bytes[4], bytes[5], bytes[6])
    destination = ECHONETObject(bytes[7], bytes[8], bytes[9])
    guard bytes[11] > 0 else { throw DecodeError(.badRecord, at: 11, found: 0) }
    properties = []
    properties.reserveCapacity(Int(bytes[11]))
    var reader = ByteReader(bytes, at: Self.headerLength)
    for _ in 0..<bytes[11] {
      let code = try reader.byte()
      let count = try reader.byte()
      properties.append(Property(code: code, data: try reader.skip(Int(count))))
    }
    guard reader.isAtEnd else {
      throw DecodeError(.lengthMismatch, at: reader.position, expected: reader.position, found: bytes.count)
    }
  }

  /// The bytes of a frame from the controller to the meter. Its properties do not have data, as in every request.
  ///
  /// - Parameters:
  ///   - service: `get`, or `confirmation` for a notification that wants one.
  ///   - transaction: The TID.
  ///   - properties: The EPCs, at most 255.
  /// - Returns: The frame.
  package static func toMeter(_ service: ECHONETService, transaction: UInt16, properties: [UInt8]) -> [UInt8] {
    let number = [UInt8(transaction >> 8), UInt8(truncatingIfNeeded: transaction)]
    let ends = ECHONETObject.controller.bytes + ECHONETObject.meter.bytes
    let listed = properties.prefix(255)
    return [firstByte, secondByte] + number + ends + [service.rawValue, UInt8(listed.count)]
      + listed.flatMap { [$0, 0] }
  }
}
