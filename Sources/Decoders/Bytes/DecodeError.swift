/// What was wrong, and at which byte. No reference inside, so that throwing it costs nothing.
package struct DecodeError: Error, Hashable, Sendable, BitwiseCopyable {
  /// What kind of mistake it is. Names are frozen: users filter their dead letters by them.
  package enum Code: UInt8, Sendable, BitwiseCopyable, CaseIterable {
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
    /// An enciphered telegram, and no key is configured. It carries the meter's title, as the next three do.
    case noKey
    /// The key does not open the telegram.
    case wrongKey
    /// The key opens the telegram, but the authentication key does not fit.
    case wrongAuthenticationKey
    /// The key has fitted before, but not this telegram.
    case undecipherable
    /// An enciphered telegram without a system title, and none is configured.
    case systemTitleMissing
    /// A frame counter (`found`) that is not above the last one (`expected`).
    case replayed
    /// A list of values without codes that no table knows. It carries the types of the elements.
    case unknownLayout
    /// A telegram of another protocol, which begins with the byte `found`.
    case otherProtocol
    /// Nested deeper than `expected`.
    case tooDeep
    /// `found` bytes that came without encryption where everything of the meter is encrypted: anybody's.
    case unprotected
  }

  /// What kind of mistake it is.
  package var code: Code
  /// Byte of the frame where it was noticed.
  package var offset: Int
  /// What should have been there: a count, a byte or a checksum, as the code says. Errors that carry something else pack
  /// it into these two numbers, in an extension of the protocol that throws them.
  package var expected: Int
  /// What was there instead.
  package var found: Int

  /// An error at a byte of the frame.
  package init(_ code: Code, at offset: Int, expected: Int = 0, found: Int = 0) {
    self.code = code
    self.offset = offset
    self.expected = expected
    self.found = found
  }
}

extension DecodeError.Code {
  /// The stable name, as dead letters and `decode` print it.
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
