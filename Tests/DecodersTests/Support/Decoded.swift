@testable import Decoders

/// What came of a stream of bytes: frames, telegrams, and the errors of framer and decoder.
struct Decoded {
  var framed: [Framed]
  var telegrams: [Telegram] = []
  var errors: [DecodeError] = []

  /// The readings of each telegram.
  var readings: [[Reading]] { telegrams.map(\.readings) }
}

/// Decodes frames one after the other.
func decodeAll(_ framed: [Framed], _ decoder: some MeterDecoder) -> Decoded {
  var decoder = decoder
  var decoded = Decoded(framed: framed)
  for framed in framed {
    switch framed {
    case .frame(let bytes):
      do throws(DecodeError) { try decoder.decode(bytes.span, into: &decoded.telegrams) } catch {
        decoded.errors.append(error)
      }
    case .rejected(_, let error): decoded.errors.append(error)
    }
  }
  do throws(DecodeError) { try decoder.finish(into: &decoded.telegrams) } catch { decoded.errors.append(error) }
  return decoded
}
