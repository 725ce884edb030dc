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
    }
  }
}

extension DecodeError: CustomStringConvertible {
  /// One sentence for people, without the place.
  public var description: String {
    switch code {
    case .truncated:
      expected == 0 ? "the bytes end before the telegram does" : "\(expected) more byte\(expected == 1 ? "" : "s") expected, \(found) there"
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
    case .notAnAnswer: "a request (\(hexadecimal(found))), not an answer of a meter"
    }
  }

  private func hexadecimal(_ value: Int) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return digits.count % 2 == 0 ? digits : "0" + digits
  }
}
