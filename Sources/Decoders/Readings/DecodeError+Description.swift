extension DecodeError: CustomStringConvertible {
  /// One sentence for the user, without the place.
  package var description: String {
    switch code {
    case .truncated:
      switch expected {
      case 0: "the bytes end before the telegram does"
      case 1: "1 more byte expected, \(found) there"
      default: "\(expected) more bytes expected, \(found) there"
      }
    case .noise: found == 1 ? "1 byte that belongs to no telegram" : "\(found) bytes that belong to no telegram"
    case .tooLong: "no end within \(expected) bytes"
    case .checksumMismatch: "checksum is \(hexadecimal(expected)), the bytes add up to \(hexadecimal(found))"
    case .checksumMissing: "the checksum is missing, and this meter sends one"
    case .lengthMismatch: "length is \(expected) in one place and \(found) in another"
    case .badFrame: "byte \(hexadecimal(found)) where \(hexadecimal(expected)) must stand"
    case .unsupported: "cannot decode telegrams of kind \(hexadecimal(found))"
    case .encrypted: "the telegram is encrypted, and M-Bus records can only be read in plain"
    case .applicationError: "the meter reports application error \(found)"
    case .tooManyExtensions: "more than \(expected) extension bytes"
    case .badRecord: "byte \(hexadecimal(found)) does not begin a readable record"
    case .badLine: "a line that cannot be read"
    case .badNumber: "a value that is not a number"
    case .badUnit: "a unit that does not belong to this value"
    case .badTime: "not a valid time"
    case .parityError:
      found == 1 ? "1 byte came with bad parity" : "\(found) bytes came with bad parity; are the line settings right?"
    case .lineError:
      found == 1
        ? "the parity of 1 byte in it is wrong: damaged, or read with 8N1 instead of 7E1"
        : "the parity of \(found) bytes in it is wrong: damaged, or read with 8N1 instead of 7E1"
    case .noIdentification: "the optical head sends back what it gets, but no meter answers"
    case .segmentMissing:
      if found < 0 {
        "the telegram was never completed: segment \(expected) did not come"
      } else if found == expected {
        "a new telegram began before the last segment of this one came"
      } else if expected == 0 {
        "the rest of a telegram whose first segment did not come"
      } else {
        "segment \(found) came where segment \(expected) had to come"
      }
    case .noKey: "encrypted, and no key is configured" + (systemTitle.bytes == 0 ? "" : " for meter \(systemTitle)")
    case .wrongKey:
      systemTitle.bytes == 0
        ? "the key does not fit; is it the key of this meter? It sends no system title: ask for system_title too"
        : "the key does not fit meter \(systemTitle); is it the key of this meter?"
    case .wrongAuthenticationKey:
      "the key fits meter \(systemTitle), its authentication key does not; correct auth_key or leave it out"
    case .undecipherable: "damaged: the key of meter \(systemTitle) fitted before, but not this telegram"
    case .systemTitleMissing: "encrypted and without a system title; configure system_title"
    case .replayed:
      "frame counter \(found) after \(expected), and no later time in it: an old telegram once more"
    case .unknownLayout: "an unknown list of values without codes: \(signature)"
    case .otherProtocol: otherProtocol
    case .tooDeep: "nested deeper than \(expected) levels"
    case .unprotected: "\(found) bytes without encryption: they may come from anyone, so they are not used"
    case .notEncrypted: "in plain, but the meter has a key, so anyone may have sent it; is allow_plain: true meant?"
    case .notAuthenticated: "without a tag, but the meter has an auth_key; leave auth_key out if it never sends tags"
    case .unknownFormat:
      "a compact frame of format \(hexadecimal(found)), which no full frame has shown; the meter sends one now and then"
    case .formatMismatch:
      "its format has check value \(hexadecimal(expected)), the bytes add up to \(hexadecimal(found))"
    case .makerFrame: "a frame of the maker's own (CI \(hexadecimal(found))), which cannot be read"
    case .unsupportedSecurity: "a protection of kind \(hexadecimal(found)), which cannot be opened"
    case .badLength: "an element with the length \(found), which it cannot have"
    case .unexpectedElement: "an element that begins with \(hexadecimal(found)) where another one must stand"
    case .attention: "the meter reports attention \(attentionText)"
    case .otherMeter: otherMeterText
    case .severalMeters: severalMetersText
    case .lateAnswer: "an answer to an earlier request, too late to be used"
    case .notAnAnswer: "a request (\(hexadecimal(found))), not an answer of a meter"
    }
  }

  /// Names the telegram, and the protocol to configure instead.
  private var otherProtocol: String {
    switch found {
    case Self.readout.found where expected == Self.readout.expected: "a D0 readout; configure protocol: d0"
    case Int(UInt8(ascii: "/")): "a P1 telegram; configure protocol: p1"
    case 0x68: "an ordinary M-Bus telegram; configure protocol: mbus"
    case 0x7E: "a DLMS telegram in HDLC frames; configure protocol: dlms"
    default: "a telegram of another protocol (it begins with \(hexadecimal(found)))"
    }
  }

  private func hexadecimal(_ value: Int) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return digits.count % 2 == 0 ? digits : "0" + digits
  }
}
