/// What was wrong, and at which byte. No reference inside, so that throwing it costs nothing.
public struct DecodeError: Error, Hashable, Sendable, BitwiseCopyable {
  /// What kind of mistake it is. Names are frozen: users filter their dead letters by them.
  public enum Code: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// The bytes end before `expected` more of them, of which `found` are there; 0 where nothing tells how many.
    case truncated
    /// Bytes that belong to no telegram.
    case noise
    /// More than `expected` bytes without an end.
    case tooLong
    /// The telegram carries `expected`, its bytes add up to `found`.
    case checksumMismatch
    /// No checksum where this meter must send one.
    case checksumMissing
    /// The two copies of a length differ, or a length does not fit what is there.
    case lengthMismatch
    /// `found` stands where the fixed byte `expected` must.
    case badFrame
    /// No decoder for the kind of frame `found` (M-Bus: the CI field).
    case unsupported
    /// Records that are encrypted, where nothing is known that could read them.
    case encrypted
    /// The meter answers with application error `found`.
    case applicationError
    /// More than `expected` extension bytes.
    case tooManyExtensions
    /// A record that cannot be read, for instance with a reserved length.
    case badRecord
    /// A line that is no `code(value)`.
    case badLine
    /// A number that is none.
    case badNumber
    /// A unit that does not belong to the quantity.
    case badUnit
    /// A time that is none.
    case badTime
    /// The frame is no answer of a meter (M-Bus: a request, or our own echo).
    case notAnAnswer
    /// `found` bytes came with bad parity or without a stop bit.
    case parityError
    /// Segment `found` of a telegram where `expected` had to come; −1 where none came.
    case segmentMissing
    /// An enciphered telegram, and no key is configured. `expected` is the meter's system title.
    case noKey
    /// The key does not open the telegram. `expected` is the meter's system title.
    case wrongKey
    /// The key opens the telegram, but the authentication key does not fit. `expected` is the meter's system title.
    case wrongAuthenticationKey
    /// The key has fitted before, but not this telegram. `expected` is the meter's system title.
    case undecipherable
    /// An enciphered telegram without a system title, and none is configured.
    case systemTitleMissing
    /// A frame counter (`found`) that is not above the last one (`expected`).
    case replayed
    /// A list of values without codes that no table knows; `expected` and `found` are the types of its elements.
    case unknownLayout
    /// A telegram of another protocol, which begins with the byte `found`.
    case otherProtocol
    /// Nested deeper than `expected`.
    case tooDeep
    /// `found` bytes that came without encryption where everything of the meter is encrypted: anybody's.
    case unprotected
  }

  /// What kind of mistake it is.
  public var code: Code
  /// Byte of the frame where it was noticed.
  public var offset: Int
  /// What should have been there: a count, a byte or a checksum, as the code says.
  public var expected: Int
  /// What was there instead.
  public var found: Int

  /// An error at a byte of the frame.
  public init(_ code: Code, at offset: Int, expected: Int = 0, found: Int = 0) {
    self.code = code
    self.offset = offset
    self.expected = expected
    self.found = found
  }
}

extension DecodeError.Code {
  /// The stable name, as dead letters and `decode` print it.
  public var name: String {
    switch self {
    case .truncated: "truncated"
    case .noise: "noise"
    case .tooLong: "too_long"
    case .checksumMismatch: "checksum_mismatch"
    case .checksumMissing: "checksum_missing"
    case .lengthMismatch: "length_mismatch"
    case .badFrame: "bad_frame"
    case .unsupported: "unsupported"
    case .encrypted: "encrypted"
    case .applicationError: "application_error"
    case .tooManyExtensions: "too_many_extensions"
    case .badRecord: "bad_record"
    case .badLine: "bad_line"
    case .badNumber: "bad_number"
    case .badUnit: "bad_unit"
    case .badTime: "bad_time"
    case .notAnAnswer: "not_an_answer"
    case .parityError: "parity_error"
    case .segmentMissing: "segment_missing"
    case .noKey: "no_key"
    case .wrongKey: "wrong_key"
    case .wrongAuthenticationKey: "wrong_auth_key"
    case .undecipherable: "undecipherable"
    case .systemTitleMissing: "system_title_missing"
    case .replayed: "replayed"
    case .unknownLayout: "unknown_layout"
    case .otherProtocol: "other_protocol"
    case .tooDeep: "too_deep"
    case .unprotected: "unprotected"
    }
  }
}

extension DecodeError.Code {
  /// Whether it concerns keys and counters: the bytes came whole, and another key may open them.
  public var isOfCipher: Bool {
    switch self {
    case .noKey, .wrongKey, .wrongAuthenticationKey, .undecipherable, .systemTitleMissing, .replayed: true
    default: false
    }
  }
}

extension DecodeError: CustomStringConvertible {
  /// One sentence for people, without the place.
  public var description: String {
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
    case .unsupported: "no decoder for telegrams of kind \(hexadecimal(found))"
    case .encrypted: "the telegram is encrypted, and M-Bus records are only read in plain"
    case .applicationError: "the meter reports application error \(found)"
    case .tooManyExtensions: "more than \(expected) extension bytes"
    case .badRecord: "byte \(hexadecimal(found)) begins no record that can be read"
    case .badLine: "a line that is no code with a value"
    case .badNumber: "a value that is no number"
    case .badUnit: "a unit that does not belong to this value"
    case .badTime: "a time that no clock shows"
    case .parityError:
      found == 1 ? "1 byte came with bad parity" : "\(found) bytes came with bad parity; are the line settings right?"
    case .segmentMissing:
      if found < 0 {
        "the telegram was never completed: segment \(expected) did not come"
      } else if found == expected {
        "a new telegram began before the last segment of this one came"
      } else {
        "segment \(found) came where segment \(expected) had to come"
      }
    case .noKey: "encrypted, and no key is configured for meter \(SystemTitle(self))"
    case .wrongKey: "the key does not fit meter \(SystemTitle(self)); is it the key of this meter?"
    case .wrongAuthenticationKey:
      "the key fits meter \(SystemTitle(self)), its authentication key does not; correct auth_key or leave it out"
    case .undecipherable: "damaged: the key of meter \(SystemTitle(self)) fitted before, but not this telegram"
    case .systemTitleMissing: "encrypted and without a system title; configure system_title"
    case .replayed: "frame counter \(found) after \(expected): an old telegram once more"
    case .unknownLayout: "a list of values without codes that no table knows: \(DLMSSignature(self))"
    case .otherProtocol: otherProtocol
    case .tooDeep: "nested deeper than \(expected) levels"
    case .unprotected: "\(found) bytes without encryption: not from the meter, whoever sent them"
    case .notAnAnswer: "a request (\(hexadecimal(found))), not an answer of a meter"
    }
  }

  /// What the telegram is, and what to configure instead.
  private var otherProtocol: String {
    switch found {
    case 0x2F: "a P1 telegram in plain; configure protocol: p1 without a key"
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
