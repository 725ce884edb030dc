/// The link layer of DLMS meters: several transports on one line. Their first bytes tell them apart.
///
/// `DLMSFramer` has the rules for transports without a check value.
struct DLMSLink: LinkLayer {
  let transports: DLMSTransports
  /// Ignores wrong check values.
  let ignoresChecksums: Bool

  func examine(_ bytes: Span<UInt8>, at place: ScanPlace) -> Examination {
    let first = bytes[0]
    switch first {
    case MBusLink.longStart where transports.contains(.mbus):
      return DLMSMBusTransport.examine(bytes, ignoresChecksum: ignoresChecksums)
    case DLMSHDLCTransport.flag where transports.contains(.hdlc):
      // A lone flag fills the time until the next frame.
      return place.isLast && bytes.count == 1 ? .fill : examineHDLC(bytes)
    case 0xA0...0xAF where transports.contains(.hdlc) && place.isFirst && place.isBehindFlag: return examineHDLC(bytes)
    case DLMSTag.text where place.isFirst || place.previous == .lineFeed:
      return DLMSForeignText.examine(bytes, isLast: place.isLast)
    default: break
    }
    guard place.isFirst && place.mayBeginUnchecked || transports.isSubset(of: .unchecked) else { return .none }
    if first == 0, transports.contains(.wrapper) { return DLMSWrapperTransport.examine(bytes) }
    return transports.contains(.apdu) ? DLMSAPDUTransport.examine(bytes, isLast: place.isLast) : .none
  }

  private func examineHDLC(_ bytes: Span<UInt8>) -> Examination {
    DLMSHDLCTransport.examine(bytes, ignoresChecksums: ignoresChecksums)
  }
}

extension ScanPlace {
  /// Neighbouring HDLC frames may share one flag.
  fileprivate var isBehindFlag: Bool { previous == nil || previous == DLMSHDLCTransport.flag }

  /// A frame without a check value may begin here.
  fileprivate var mayBeginUnchecked: Bool { predecessor == .silence || predecessor == .uncheckedFrame }
}
