extension DLMSRecord.Content {
  /// What a value of a tree says. The bytes of a clock that are no time are no text either.
  init(_ node: AXDRNode, of obis: Obis?, in bytes: Span<UInt8>) {
    switch node.tag {
    case AXDRTag.uint8, AXDRTag.uint16, AXDRTag.uint32, AXDRTag.enumeration, AXDRTag.deltaUint8, AXDRTag.deltaUint16,
      AXDRTag.deltaUint32, AXDRTag.uint64:
      self = Int64(exactly: node.unsigned(in: bytes)).map { .number(FixedDecimal($0)) } ?? .absent(.outOfRange)
    case AXDRTag.int8, AXDRTag.int16, AXDRTag.int32, AXDRTag.int64, AXDRTag.deltaInt8, AXDRTag.deltaInt16,
      AXDRTag.deltaInt32:
      let shift = UInt64(64 - 8 * Int(node.count))
      self = .number(FixedDecimal(Int64(bitPattern: node.unsigned(in: bytes) << shift) >> shift))
    case AXDRTag.float32:
      let value = Float(bitPattern: UInt32(truncatingIfNeeded: node.unsigned(in: bytes)))
      self = FixedDecimal(shortest: value).map { .number($0) } ?? .absent(.notANumber)
    case AXDRTag.float64:
      let value = Double(bitPattern: node.unsigned(in: bytes))
      self = FixedDecimal(shortest: value).map { .number($0) } ?? .absent(.notANumber)
    case AXDRTag.bcd: self = .bcd(bytes[Int(node.start)])
    case AXDRTag.boolean: self = .flag(bytes[Int(node.start)] != 0)
    case AXDRTag.null, AXDRTag.dontCare: self = .absent(.noData)
    case AXDRTag.octetString, AXDRTag.visibleString, AXDRTag.utf8String, AXDRTag.dateTime:
      self.init(text: node, of: obis, in: bytes)
    case AXDRTag.bitString: self = .bits(node.range)
    default: self = .bytes(node.range)
    }
  }

  /// Twelve bytes that pass for a date-time are one; the rest is a text if all of it can be printed but the NULs that pad it.
  private init(text node: AXDRNode, of obis: Obis?, in bytes: Span<UInt8>) {
    let isClock = obis.map { $0.cde == 0x01_00_00 } ?? false
    if node.count == UInt16(DLMSDateTime.count), node.tag == AXDRTag.octetString || node.tag == AXDRTag.dateTime {
      if let moment = DLMSDateTime(bytes, at: Int(node.start)) {
        self = moment.isInvalid ? .doubtfulTime(moment.time) : .time(moment.time)
        return
      }
    }
    if isClock {
      self = .absent(.invalidTime)
      return
    }
    var range = node.range
    while let last = range.indices.last, bytes[last] == 0 { range.count -= 1 }
    let value = bytes.extracting(range.indices)
    let isText = value.indices.allSatisfy { index in
      (0x20...0x7E).contains(value[index]) || node.tag == AXDRTag.utf8String && value[index] > 0x7F
    }
    self = isText && (!range.isEmpty || node.range.isEmpty) ? .text(range) : .bytes(node.range)
  }
}

extension AXDRNode {
  /// Its bytes as a number, the highest first.
  @inline(__always)
  func unsigned(in bytes: Span<UInt8>) -> UInt64 {
    var value: UInt64 = 0
    for index in range.indices { value = value << 8 | UInt64(bytes[index]) }
    return value
  }
}
