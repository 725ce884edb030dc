/// A mistake in the bytes, and its place. It contains no reference, so that throwing it is cheap.
package struct DecodeError: Error, Hashable, Sendable, BitwiseCopyable {
  /// The kind of mistake. Names are frozen: users filter their dead letters by them.
  package enum Code: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// `expected` more bytes should come, but only `found` do; `expected` is 0 if the number is unknown.
    case truncated
    /// Bytes that do not belong to a telegram.
    case noise
    /// More than `expected` bytes without an end.
    case tooLong
    /// The telegram carries `expected`; its bytes add up to `found`.
    case checksumMismatch
    /// The checksum is missing, and this meter must send one.
    case checksumMissing
    /// The two copies of a length differ, or a length does not fit the bytes.
    case lengthMismatch
    /// `found` stands where the fixed byte `expected` must.
    case badFrame
    /// The kind of frame `found` is not supported (M-Bus: the CI field).
    case unsupported
    /// The records are encrypted, and the decoder cannot decipher them.
    case encrypted
    /// The meter answers with application error `found`.
    case applicationError
    /// More than `expected` extension bytes.
    case tooManyExtensions
    /// A record that is not readable, for instance with a reserved length.
    case badRecord
    /// A line that is not `code(value)`.
    case badLine
    /// Not a number.
    case badNumber
    /// A unit that does not belong to the quantity.
    case badUnit
    /// Not a valid time.
    case badTime
    /// The frame is not an answer of a meter (M-Bus: a request, or our own echo).
    case notAnAnswer
    /// The answer of meter `found` to a request for meter `expected`, packed in `DecodeError+Sender`.
    case otherMeter
    /// Meters `expected` and `found` answered one request, packed likewise.
    case severalMeters
    /// The answer to an earlier request, or a second copy of an answer.
    case lateAnswer
    /// `found` bytes came with bad parity or without a stop bit.
    case parityError
    /// `found` bytes have a bit 7 that is not their parity, in text of seven bits.
    case lineError
    /// Only our own request came back, or with it what is no identification.
    case noIdentification
    /// Segment `found` of a telegram came instead of `expected`; −1 if the telegram just ended.
    case segmentMissing
    /// An enciphered telegram, and no key is configured. The error carries the meter's title, as the next three do.
    case noKey
    /// The key does not open the telegram.
    case wrongKey
    /// The key opens the telegram, but the authentication key does not fit.
    case wrongAuthenticationKey
    /// The key has fitted before, but not this telegram.
    case undecipherable
    /// An enciphered telegram without a system title, and none is configured.
    case systemTitleMissing
    /// A frame counter (`found`) that is not above the last one (`expected`), and no later time of the meter.
    case replayed
    /// An unknown list of values without codes. The error carries the types of the elements.
    case unknownLayout
    /// A telegram of another protocol, which begins with the byte `found`.
    case otherProtocol
    /// Nested deeper than `expected`.
    case tooDeep
    /// `found` bytes came in plain, although the meter encrypts everything: anyone may have sent them.
    case unprotected
    /// A telegram in plain, although the meter has a key.
    case notEncrypted
    /// A telegram without a tag, although the meter has a key that authenticates.
    case notAuthenticated
    /// The tag or security control byte `found` names a kind of protection that is not supported.
    case unsupportedSecurity
    /// An element with length `found`, which it cannot have.
    case badLength
    /// An element that begins with byte `found` stands where another one must.
    case unexpectedElement
    /// The meter sends a message about a fault instead of values. Its number and text are packed in the error.
    case attention
    /// A compact frame whose format has the signature `found`, which no full frame has shown.
    case unknownFormat
    /// The values of a compact frame, or the codes of a format, add up to `found` and not to `expected`.
    case formatMismatch
    /// A frame of the maker's own behind CI field `found`, which is not known here.
    case makerFrame
  }

  package var code: Code
  /// The byte of the frame where the decoder noticed it.
  package var offset: Int
  /// The expected count, byte or checksum, as the code says.
  ///
  /// Errors that carry something else pack it into these two numbers, in an extension beside the protocol.
  package var expected: Int
  /// The actual count, byte or checksum.
  package var found: Int

  package init(_ code: Code, at offset: Int, expected: Int = 0, found: Int = 0) {
    self.code = code
    self.offset = offset
    self.expected = expected
    self.found = found
  }
}

extension DecodeError.Code {
  /// The stable name in dead letters and the output of `decode`.
  package var name: String {
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
    case .otherMeter: "other_meter"
    case .severalMeters: "several_meters"
    case .lateAnswer: "late_answer"
    case .parityError: "parity_error"
    case .lineError: "line_error"
    case .noIdentification: "no_identification"
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
    case .notEncrypted: "not_encrypted"
    case .notAuthenticated: "not_authenticated"
    case .unsupportedSecurity: "unsupported_security"
    case .badLength: "bad_length"
    case .unexpectedElement: "unexpected_element"
    case .attention: "attention"
    case .unknownFormat: "unknown_format"
    case .formatMismatch: "format_mismatch"
    case .makerFrame: "maker_frame"
    }
  }
}
