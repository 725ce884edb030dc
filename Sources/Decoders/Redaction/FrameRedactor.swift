/// Replaces what identifies a meter and its owner in its frames, so that they may be shown to others and still decode.
///
/// Numbers, names and texts become running numbers of the same length, the same original the same number. Lengths stay, and
/// checksums are made anew. Values, times, makers and models stay. What may identify and cannot be read is refused.
package protocol FrameRedactor: Sendable {
  /// The originals and what stands for them, over all frames.
  var pseudonyms: Pseudonyms { get set }

  /// - Parameter frame: a whole frame of the protocol's framer.
  /// - Returns: the frame for others.
  /// - Throws: why it cannot be made anonymous.
  mutating func redact(_ frame: [UInt8]) throws(RedactionError) -> [UInt8]
}

/// Why a frame cannot be made anonymous.
package enum RedactionError: Error, Equatable {
  /// A part cannot be read, and so may hold anything.
  case unreadable(DecodeError)
  /// A number of the meter is left at a place where none was expected.
  case numberLeft
}

extension RedactionError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreadable(let error): "\(error) (\(error.code.name), byte \(error.offset))"
    case .numberLeft: "a number of the meter stands at an unexpected place"
    }
  }
}

/// Runs a decoding step of a redactor.
func readable<Result>(_ body: () throws(DecodeError) -> Result) throws(RedactionError) -> Result {
  do throws(DecodeError) { return try body() } catch { throw .unreadable(error) }
}
